// Makes everything that the dashboard shows about one migration, from its status in the journal. Pure.
import { hasCoordinator, nextCommand } from '../coordinator/migration/steering/nextCommand.js';
import type { MigrationStatus } from '../coordinator/migration/steering/getStatus.js';
import { type HistoryEntry, isOver, type MigrationRecord } from '../protocol/record.js';
import { KEPT_IN_STEP } from '../protocol/states.js';
import type { WriterDocument } from '../journal/writerDocuments.js';
import { actionsOf } from './actions.js';
import { rowOf } from './overviewRow.js';
import type { Detail, Evidence, TimelineStep, Writer } from './pageTypes.js';

/** The page gets at most this many entries of the history. */
const MOST_ENTRIES = 200;
const MOST_REJECTED = 10;
const MOST_WORST = 5;

export function detailOf(status: MigrationStatus, now: number): Detail {
  const { record, rejected, troubles } = status;
  const blocking = status.phase === 'copying' ? rejected.count : record.rejected;
  const over = isOver(record);
  return {
    row: rowOf(status, now, blocking),
    ...placesOf(record),
    ...settingsOf(record),
    message: over || record.message === status.phase ? '' : record.message,
    troubles,
    ...processesOf(status, now),
    evidence: evidenceOf(record),
    rejected: {
      count: rejected.count,
      blocking,
      groups: rejected.byReason,
      first: rejected.first
        .slice(0, MOST_REJECTED)
        .map(({ id, routing, reason, at }) => ({ id, routing, reason, at })),
    },
    timeline: timelineOf(record),
    history: record.history
      .slice(-MOST_ENTRIES)
      .toReversed()
      .map(({ at, what, by, why, evidence }) => ({ at, what, by, why, evidence })),
    next: nextCommand(record, now, blocking) ?? null,
    actions: actionsOf(record, now, blocking),
  };
}

/** For the diagram: the two indexes, and the index that readers and writers use. */
function placesOf(record: MigrationRecord) {
  const { state, layout, aliases, source, target, readers, leader } = record;
  return {
    state,
    layout,
    aliases,
    source,
    target,
    betweenClusters: record.sourceCluster !== null,
    readers,
    leader,
    isFollowed: KEPT_IN_STEP.has(state) && !record.paused && !record.detached && record.halted === null,
    targetExists: state !== 'creating' && state !== 'aborted',
    sourceExists: state !== 'finalized' || record.keptUntil !== null,
    holds: state === 'holding',
  };
}

function settingsOf(record: MigrationRecord) {
  const { route, hasTransform, goal, startedAt, updatedAt, keptUntil, progress, lag, throttle } = record;
  const { task, done, total } = progress;
  return {
    route,
    hasTransform,
    goal,
    startedAt,
    updatedAt,
    keptUntil,
    progress: { task, done, total },
    lag,
    throttle: { ...throttle, reason: record.throttled },
  };
}

function processesOf({ name, record, writers, workers }: MigrationStatus, now: number) {
  const { holder, commands } = record;
  const last = commands.ended.at(-1);
  return {
    coordinator: holder && {
      user: holder.user,
      host: hostOf(holder.host),
      pid: holder.pid,
      isAlive: hasCoordinator(record, now),
    },
    pending: commands.pending.map(({ command, by }) => ({ command, by })),
    notDone: last && last.outcome !== 'done' ? { command: last.command, by: last.by, why: last.why } : null,
    writersMode: record.writers.mode,
    writersVersion: record.writers.version,
    writers: writers.map((writer) => writerOf(writer, name, now)),
    workers: workers.map(({ host, pid, updatedAt }) => ({ host: hostOf(host), pid, updatedAt })),
  };
}

/** The host's name. In the journal, a slash and the process namespace may follow it. */
const hostOf = (host: string): string => host.split('/')[0] ?? host;

function writerOf(
  { type, host, pid, updatedAt, leaseMs, migrations }: WriterDocument,
  name: string,
  now: number,
): Writer {
  const seen = migrations[name];
  const isKnown = seen !== undefined && seen.generation > 0;
  return {
    type,
    host: hostOf(host),
    pid,
    updatedAt,
    leaseMs,
    isSilent: now - Date.parse(updatedAt) > leaseMs,
    does: seen?.holds ? 'holds writes' : isKnown ? `generation ${seen.generation}` : 'passes writes through',
    versions: Object.keys(seen?.shapes ?? {}).map(Number),
    mirrored: seen?.mirrored ?? 0,
    refused: seen?.refused ?? 0,
    unanswered: seen?.unanswered ?? 0,
    away: seen?.away?.reason ?? '',
  };
}

function evidenceOf(record: MigrationRecord): Evidence {
  const { evidence, documents, verified, secondCheck, queries, emptyAliases, acceptance, forced } = record;
  const { holdsGivenUp: _, byFollowing: __, conflicts: ___, ...counts } = evidence;
  return {
    ...counts,
    documents,
    verified,
    secondCheck,
    searches: queries && {
      ...queries,
      worst: [...new Set(Object.values(queries.worst).flat())].slice(0, MOST_WORST),
    },
    emptyAliases,
    acceptance: Object.entries(acceptance).flatMap(([threshold, value]) =>
      value === undefined ? [] : [{ threshold, value, forced: forced.includes(threshold) }],
    ),
  };
}

const STEP = /^(\w+) -> (\w+)( \(.*\))?$/;

/** The states that the migration went through, with their times, from its history. */
export function timelineOf({
  history,
  state,
  startedAt,
}: Pick<MigrationRecord, 'state' | 'startedAt'> & {
  readonly history: readonly Pick<HistoryEntry, 'at' | 'what'>[];
}): TimelineStep[] {
  const steps: TimelineStep[] = [];
  let from = startedAt;
  for (const { at, what } of history) {
    const [, before] = STEP.exec(what) ?? [];
    if (before === undefined) continue;
    steps.push({ state: before, from, to: at });
    from = at;
  }
  const isOverNow = state === 'finalized' || state === 'aborted';
  return isOverNow ? steps : [...steps, { state, from, to: null }];
}
