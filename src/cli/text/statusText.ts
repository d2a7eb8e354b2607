// Shows the status of a migration as text: its progress, its processes, and the next command.
import { reasonLines } from '../../commonReason.js';
import { formatAgo, formatDuration } from '../../duration.js';
import { isOver, type MigrationRecord, type StateName } from '../../protocol/record.js';
import { phaseOf } from '../../protocol/states.js';
import type { MigrationStatus } from '../../coordinator/migration/steering/getStatus.js';
import { evidenceOf } from './gateEvidence.js';
import {
  attentionOf,
  hasCoordinator,
  nextCommand,
  rollbackCommand,
} from '../../coordinator/migration/steering/nextCommand.js';
import { writerLines, workerLines } from './processesText.js';
import { lagText } from './progressText.js';
import { readsLines } from './readsText.js';
import {
  bar,
  type Fact,
  factWidth,
  longestFitting,
  paint,
  PIPED,
  renderFacts,
  type View,
  wrap,
} from './textLayout.js';
import { count, number } from '../../words.js';

export function renderStatus(status: MigrationStatus, view: View = { ...PIPED, now: Date.now() }): string {
  const { record, troubles } = status;
  const over = isOver(record);
  const facts: Fact[] = [
    ...(over ? [] : progressFacts(record, view)),
    { label: over ? 'took' : 'running', text: durationText(record, view.now) },
    { label: 'readers', text: record[record.readers].index },
    { label: 'writers', text: record[record.leader].index },
    ...(over ? [] : runningFacts(status, view.now)),
    ...troubles.map((text, n): Fact => ({ label: n === 0 ? 'trouble' : '', text, colour: 'red' })),
    ...rejectedFacts(status),
    ...(record.keptUntil
      ? [{ label: 'kept', text: `${record.source.index} is closed, and kept until ${record.keptUntil}` }]
      : []),
    ...(over ? [] : waitingFacts(record)),
    ...evidenceFacts(record),
    ...nextFacts(status, view.now),
  ];
  return [...wrap(headline(status, view), view.width, 2), ...renderFacts(facts, view)].join('\n');
}

/** States that are not shown next to the phase, because the phase says the same. */
const EXPECTED: ReadonlySet<StateName> = new Set(['copying', 'mirroring', 'finalized', 'aborted']);

function headline(status: MigrationStatus, view: View): string {
  const { name, phase, record, troubles } = status;
  const { state, source, target, paused } = record;
  const seen = { rejected: rejectedIn(status), troubles: troubles.length };
  const needsYou = attentionOf(record, view.now, seen) !== undefined;
  const shown = paint(view, needsYou ? 'yellow' : 'green', phase);
  const more = [...(paused ? [', paused'] : []), ...(EXPECTED.has(state) ? [] : [` (${state})`])].join('');
  return `${paint(view, 'bold', name)}: ${shown}${more}, ${source.index} -> ${target.index}`;
}

/** The number of rejected documents. The record of the migration contains this number only after the copy. */
const rejectedIn = ({ phase, record, rejected }: MigrationStatus): number =>
  phase === 'copying' ? rejected.count : record.rejected;

function durationText({ startedAt, updatedAt, state }: MigrationRecord, now: number): string {
  const over = state === 'finalized' || state === 'aborted';
  const began = Date.parse(startedAt);
  if (!over)
    return `${formatDuration(wholeSeconds(now - began))}, since ${startedAt.replace(/\.\d+Z$/, 'Z')}`;
  const ended = Date.parse(updatedAt);
  return `${formatDuration(wholeSeconds(ended - began))}, ended ${formatAgo(now - ended)}`;
}

const wholeSeconds = (ms: number): number => Math.max(1_000, ms);

const TASKS: Readonly<Record<string, [label: string, noun: string]>> = {
  copy: ['copying', 'documents'],
  verify: ['verifying', 'documents'],
  searches: ['comparing', 'searches'],
};

/** The progress bar with its counts, and a line with the rate and the remaining time. */
function progressFacts(record: MigrationRecord, view: View): Fact[] {
  const { task, done, rate, etaMs } = record.progress;
  const [label, noun] = TASKS[task] ?? [];
  if (label === undefined) return [];
  const total = record.progress.total ?? undefined;
  const counts = `${number(done)}${total === undefined ? '' : ` of ${number(total)}`} ${noun}`;
  const width = factWidth(view);
  const texts = BAR_CELLS.map((cells) => `${bar(shareOf(record), cells)} ${percentOf(record)}%  ${counts}`);
  const text = total === undefined ? counts : longestFitting(texts, width);
  const moves = hasCoordinator(record, view.now) && rate > 0;
  const left = etaMs === null ? '' : `, ${formatDuration(wholeSeconds(etaMs))} left`;
  return [{ label, text }, ...(moves ? [{ label: '', text: `${number(rate)} ${noun}/s${left}` }] : [])];
}

/** The longest bar that fits is drawn. */
const BAR_CELLS = [40, 30, 20, 10] as const;

const shareOf = ({ progress: { done, total } }: MigrationRecord): number =>
  total === null ? 0 : total === 0 ? 1 : Math.min(1, done / total);

/** Rounded down, so that 100 % is shown only if everything is done. */
export const percentOf = (record: MigrationRecord): number => Math.floor(100 * shareOf(record));

function runningFacts(status: MigrationStatus, now: number): Fact[] {
  const { record } = status;
  const { lag, goal, route, state } = record;
  return [
    ...(lag && state !== 'copying' ? [{ label: 'lag', text: lagText(lag) }] : []),
    ...(state === 'copying'
      ? [
          ...(hasCoordinator(record, now) ? [{ label: 'throttle', text: throttleText(record) }] : []),
          { label: 'route', text: route },
        ]
      : []),
    { label: 'goal', text: goal },
    coordinatorFact(record, now),
    ...[...commandLines(record), ...workerLines(status, now), ...writerLines(status, now)].map(asFact),
    ...readsLines(status).map(asFact),
  ];
}

const asFact = ([label, text]: readonly [string, string]): Fact => ({ label, text });

function coordinatorFact(record: MigrationRecord, now: number): Fact {
  const { holder, updatedAt } = record;
  const label = 'coordinator';
  const since = formatAgo(now - Date.parse(updatedAt));
  if (!holder) return { label, text: `nobody (last sign ${since})`, colour: 'yellow' };
  const who = `${holder.user}, process ${holder.pid} on ${holder.host.split('/')[0]}`;
  if (hasCoordinator(record, now)) return { label, text: `${who} (last sign ${since})` };
  return { label, text: `no sign of life: ${who} (last sign ${since})`, colour: 'yellow' };
}

function rejectedFacts({ rejected, record }: MigrationStatus): Fact[] {
  const colour = rejected.count > 0 && !isOver(record) ? 'yellow' : undefined;
  return [
    {
      label: 'rejected',
      text: rejected.count === 0 ? 'no document' : count(rejected.count, 'document'),
      colour,
    },
    ...reasonLines(rejected.byReason, rejected.count).map((text) => ({ label: '', text })),
  ];
}

/** The reason why the coordinator waits. Empty if the phase already says it. */
function waitingFacts(record: MigrationRecord): Fact[] {
  const { message } = record;
  if (message === '' || message === phaseOf(record) || message === 'paused') return [];
  return [{ label: 'waits', text: message, colour: 'yellow' }];
}

function evidenceFacts(record: MigrationRecord): Fact[] {
  if (phaseOf(record) === 'copying') return [];
  return evidenceOf(record).map(asFact);
}

function nextFacts(status: MigrationStatus, now: number): Fact[] {
  const { record } = status;
  const next = nextCommand(record, now, rejectedIn(status));
  const back = rollbackCommand(record);
  return [
    ...(next ? [{ label: 'next', text: `${next.command}  (${next.why})`, colour: 'cyan' as const }] : []),
    ...(back && back.command !== next?.command
      ? [{ label: 'way back', text: `${back.command}  (${back.why})` }]
      : []),
  ];
}

/** For example `catalogue: copying, 41%, 49,200 of 120,000 documents, 8,123/s, 9s left`: one line, for a log. */
export function statusLine(
  { name, phase, record }: Pick<MigrationStatus, 'name' | 'phase' | 'record'>,
  now: number,
): string {
  const { task, done, total, rate, etaMs } = record.progress;
  const attention = attentionOf(record, now);
  const moves = hasCoordinator(record, now) && rate > 0;
  const noun = TASKS[task]?.[1];
  return [
    `${name}: ${phase}`,
    ...(attention === undefined ? [] : [attention]),
    ...(noun === undefined || total === null
      ? []
      : [`${percentOf(record)}%, ${number(done)} of ${number(total)} ${noun}`]),
    ...(noun !== undefined && moves ? [`${number(rate)}/s`] : []),
    ...(noun !== undefined && moves && etaMs !== null ? [`${formatDuration(wholeSeconds(etaMs))} left`] : []),
  ].join(', ');
}

/** The commands in the queue, and the last command if it was not carried out. */
function commandLines({ commands }: MigrationRecord): [string, string][] {
  const last = commands.ended.at(-1);
  return [
    ...commands.pending.map(({ command, by }): [string, string] => ['asked for', `${command}, by ${by}`]),
    ...(last && last.outcome !== 'done'
      ? [['not done', `${last.command}, requested by ${last.by}: ${last.why}`] as [string, string]]
      : []),
  ];
}

/** Why copying is slowed down or paused now; otherwise the limits of the copy rate. */
export function throttleText({
  throttle,
  throttled,
}: Pick<MigrationRecord, 'throttle' | 'throttled'>): string {
  const { auto, maxDocsPerSecond, paused } = throttle;
  if (throttled) return throttled;
  if (paused) return 'copying is paused';
  const most = maxDocsPerSecond === null ? '' : `${number(maxDocsPerSecond)} documents/s at most`;
  const looks = auto ? 'slower if other clients are slowed down' : 'even if other clients are slowed down';
  return [most || 'copied as fast as possible', looks].join(', ');
}

/** A log gets progress at this interval, and all other changes at once. */
const PROGRESS_EVERY_MS = 5_000;

/** Writes `status --watch` to a log instead of a terminal: a line each time something has changed. */
export class StatusLog {
  readonly #line: (text: string) => void;
  readonly #shown = new Map<string, { readonly line: string; readonly key: string; readonly at: number }>();
  #said = '';

  constructor(line: (text: string) => void) {
    this.#line = line;
  }

  add(migrations: readonly Pick<MigrationStatus, 'name' | 'phase' | 'record'>[], now: number): void {
    for (const migration of migrations) {
      const { name, phase, record } = migration;
      const line = statusLine(migration, now);
      const key = JSON.stringify([phase, record.progress.task, attentionOf(record, now)]);
      const last = this.#shown.get(name);
      if (line === last?.line || (key === last?.key && now - last.at < PROGRESS_EVERY_MS)) continue;
      this.#shown.set(name, { line, key, at: now });
      this.#line(line);
    }
  }

  /** Prints a line that belongs to no migration, unless it is the same as the last such line. */
  say(text: string): void {
    if (text !== this.#said) this.#line(text);
    this.#said = text;
  }
}
