// Runs a coordinator: takes the lease, keeps the heartbeat, runs the state machine, and gives the lease back.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.js';
import { withPatience } from '../../cluster/patientConnection.js';
import { withoutRepeats } from '../../repeated.js';
import { getIndexes, type LiveIndex, uuidOf } from '../../cluster/indices/getIndex.js';
import type { StoredDocument } from '../../cluster/documents/getDocument.js';
import { putDocument } from '../../cluster/documents/putDocument.js';
import { isTwindexError, messageOf, TwindexError } from '../../errors.js';
import type { EventBus } from '../../events.js';
import { sampleVersions } from '../../cluster/documents/sampleVersions.js';
import { likelyEpoch, MAX_EPOCH } from '../../protocol/stamp.js';
import { indexRefOf } from '../../protocol/clusterSides.js';
import { requireSameSource, firstToken } from './duties/sourceCluster.js';
import { createJournal, loadRecord } from '../../journal/journal.js';
import { leaseHeld, waitForLease } from '../../journal/lease.js';
import { historyId, JOURNAL } from '../../protocol/names.js';
import { waitingCommands } from '../../journal/commands.js';
import {
  FREE,
  type Goal,
  isOver,
  isSourceGivenUp,
  type MigrationRecord,
  type ReingestNote,
  type Route,
  type ThrottleCommand,
  NO_HOLDS,
} from '../../protocol/record.js';
import { flattenSettings } from '../../schema/normaliseSettings.js';
import { transformChain } from '../../schema/chain.js';
import { type Threshold, acceptanceOf } from '../../schema/acceptance.js';
import type { IndexDefinition } from '../../schema/types.js';
import { queriesOf, readQueryFile } from '../../queries/loadQueries.js';
import { Effects } from './succession/effects.js';
import { declaredOf } from './declared.js';
import { stoppedError } from './gate.js';
import { applyCommands } from './steering/applyCommand.js';
import { findLostIndex } from './recovery/damage.js';
import { putBackRecord } from './recovery/putBackRecord.js';
import { goalHere } from './hooks/hookPoints.js';
import { needsDefinition, runMachine } from './machine.js';
import { aliasesOf, newRecord } from '../../protocol/newRecord.js';
import { shapesOf } from './duties/openReplication.js';
import { openSource } from '../reingest/openSource.js';
import { firstNote, type ReingestOptions, resumedNote } from './duties/reingestProgress.js';
import { Session, type SessionParts } from './session.js';
import { type Phase, phaseOf } from '../../protocol/states.js';
import { succeedInTheEnd, takeRecord } from './succession/takeover.js';
import { withHistory } from '../../journal/withHistory.js';
import { surveyIndexes } from './recovery/survey.js';
import { ownMeta } from '../../protocol/ownMeta.js';

/** A phase at which a run can end. */
export type Gate = Extract<Goal, 'ready' | 'cutover' | 'switched' | 'finalized'>;

export interface MigrateOptions extends ReingestOptions {
  readonly until: Gate;
  /** Readers and writers are moved only while a round of following takes no longer than this. */
  readonly maxLagMs: number;
  /** Longest time that the switch may refuse writes. */
  readonly maxWritePauseMs: number;
  /** The grace. It must be longer than any request can stay in the cluster. */
  readonly graceMs: number;
  /** A coordinator is considered dead when its heartbeat has not changed for this long. */
  readonly leaseMs: number;
  /** Closes the source at the end, and notes how long to keep it. Default: the source is deleted. */
  readonly keepMs?: number | undefined;
  /** How long readers, and then also writers, must use the new index before the next move. Default: 0. */
  readonly soakMs?: number | undefined;
  readonly dropRejected: boolean;
  /** The coordinator ends when more documents than this are rejected. */
  readonly maxRejected: number;
  readonly bus: EventBus;
  readonly signal: AbortSignal;
  /** Asks the user at each gate before `until`. The indexes are kept in sync meanwhile. */
  readonly confirm?: ((next: Gate, record: MigrationRecord) => Promise<boolean>) | undefined;
  readonly throttle?: Partial<ThrottleCommand> | undefined;
  /** Thresholds (`acceptance` in the index file) that need not hold. */
  readonly force?: readonly Threshold[] | undefined;
  /** Continues after `until`, as long as two indexes have to be kept in sync. */
  readonly stay: boolean;
  /** Continues the migration without changing its goal or ending a pause. */
  readonly asItIs?: boolean | undefined;
  /** Ends when a move is refused, even with `stay`. The command that requested the move reports the reason. */
  readonly endsWhenRefused?: boolean | undefined;
}

/** The facts of the plan with which a new migration begins. */
export interface MigrationStart {
  readonly source: { readonly index: string; readonly version: number };
  readonly target: { readonly index: string; readonly version: number };
  readonly layout: MigrationRecord['layout'];
  readonly route?: Route | undefined;
  readonly sourceCluster?: string | null;
}

/** An index file that can't be used. A migration can still be aborted, and its readers moved back. */
export interface Undeclared extends Pick<IndexDefinition, 'name' | 'hooks' | 'notify'> {
  readonly why: TwindexError;
}

export interface MigrateResult {
  readonly phase: Phase;
  readonly record: MigrationRecord;
}

const GATES: readonly Gate[] = ['ready', 'cutover', 'switched', 'finalized'];

/** The gates of a layout. With a single alias readers and writers move together, without a gate between. */
const gatesOf = (layout: MigrationRecord['layout']): readonly Gate[] =>
  layout === 'two-aliases' ? GATES : GATES.filter((gate) => gate !== 'cutover');

/**
 * Continues the existing migration. If there is none, begins one, which requires `beginning`.
 * @throws TwindexError `lease_held` if another process coordinates the migration
 */
export async function runMigration(
  cluster: Cluster,
  asked: IndexDefinition | Undeclared,
  options: MigrateOptions,
  beginning?: MigrationStart,
): Promise<MigrateResult> {
  let run = options;
  const { name } = asked;
  const holding = { now: false };
  const patient = withPatience(cluster, {
    ms: () => (holding.now ? PATIENCE_MS.inHold : PATIENCE_MS.usual),
    onTurnedAway: withoutRepeats((text) =>
      options.bus.emit('note', { migration: name, level: 'warn', text }),
    ),
  });
  options.bus.on('state', ({ migration, to }) => {
    if (migration === name) holding.now = to === 'holding';
  });
  for (;;) {
    try {
      return await runOnce(patient, asked, run, beginning);
    } catch (error) {
      if (!(error instanceof Rescued)) throw error;
      const text =
        'this process was suspended during a hold, so its guardian has ended the hold; the process coordinates the migration again';
      options.bus.emit('note', { migration: name, level: 'warn', text });
      run = { ...options, asItIs: true };
    }
  }
}

/**
 * How long to retry a request that the cluster or a proxy refused because of its credentials: usually long
 * enough to change credentials everywhere, but short in a hold, since the writers wait.
 */
const PATIENCE_MS = { usual: 30_000, inHold: 500 } as const;

/** The guardian has ended this coordinator's hold, so this process may take the lease again, and continue. */
class Rescued extends Error {}

async function runOnce(
  cluster: Cluster,
  asked: IndexDefinition | Undeclared,
  options: MigrateOptions,
  beginning: MigrationStart | undefined,
): Promise<MigrateResult> {
  const wrong = await whatIsWrong(asked);
  if (!wrong) await createJournal(cluster);
  const found = await waitForLease(cluster, asked.name, options.signal);
  const before = found && !isOver(found.source) ? found.source : undefined;
  const definition = await definitionFor(cluster, asked, { before, wrong });
  if (before) {
    if (!isSourceGivenUp(before)) await requireSameSource(cluster, before);
  } else if (!beginning)
    throw new TwindexError('not_found', `no migration of ${asked.name} is under way`, {
      hint: `Start one: twindex migrate ${asked.name}`,
    });
  const record = before
    ? resumed(before, definition, options)
    : await begun(cluster, definition as IndexDefinition, options, beginning as MigrationStart, found);
  if (found && !before) await archive(cluster, found.source);
  const handle = await takeRecord(cluster, record, found);
  return await coordinate({
    cluster,
    effects: new Effects(cluster, handle, options.bus),
    definition,
    options,
    clean: before?.clean ?? true,
  });
}

/** Ends a coordinator without `stay` if only a person can help. This is no failure. */
export class NeedsYou extends TwindexError {}

async function whatIsWrong(asked: IndexDefinition | Undeclared): Promise<TwindexError | undefined> {
  if ('why' in asked) return asked.why;
  try {
    if (asked.queries !== undefined) await readQueryFile(asked.queries, asked.aliases.read);
    return undefined;
  } catch (error) {
    if (isTwindexError(error)) return error;
    throw error;
  }
}

/**
 * @returns the definition, or the reason why it can't be used if the migration can continue without it
 * @throws TwindexError the same reason, if the migration needs the definition
 */
async function definitionFor(
  cluster: Cluster,
  asked: IndexDefinition | Undeclared,
  {
    before,
    wrong,
  }: { readonly before: MigrationRecord | undefined; readonly wrong: TwindexError | undefined },
): Promise<IndexDefinition | Undeclared> {
  const why = wrong ?? (before && whyNotSame(before, asked as IndexDefinition));
  if (!why) return asked;
  if (!before) throw why;
  const next = applyCommands(before, await waitingCommands(cluster, before));
  // An interrupted move is first completed or undone, which needs no definition.
  const state = before.state === 'holding' || before.state === 'movingReaders' ? 'mirroring' : before.state;
  if (needsDefinition({ ...next, state })) throw why;
  const { name, hooks, notify } = asked;
  return { name, hooks, notify, why };
}

interface Coordination {
  readonly cluster: Cluster;
  readonly effects: Effects;
  readonly definition: IndexDefinition | Undeclared;
  readonly options: MigrateOptions;
  readonly clean: boolean;
}

async function coordinate({
  cluster,
  effects,
  definition,
  options,
  clean,
}: Coordination): Promise<MigrateResult> {
  const lost = new AbortController();
  const heart = beat(effects, options.leaseMs, lost);
  const session = new Session({
    cluster,
    effects,
    bus: options.bus,
    signal: AbortSignal.any([options.signal, lost.signal]),
    hooks: definition.hooks,
    notify: definition.notify,
    ...('why' in definition
      ? { shapes: definition.why, declared: definition.why }
      : declaredParts({ cluster, effects, definition, options })),
  });
  session.watch.start();
  try {
    await succeedInTheEnd(session, clean);
    const record = await runMachine(session, {
      undeclared: 'why' in definition,
      onPhase: (phase) => arrived(session, options, phase),
      onStopped: (message, stoppedFor) => {
        // With `endsWhenRefused`, a command waits for this error.
        if (!options.stay || options.endsWhenRefused) throw stoppedError(stoppedFor, message);
      },
      onNeedsYou: async (message) => {
        const { record: now } = session;
        if (options.stay && !(now.halted && options.endsWhenRefused)) return;
        if (now.halted) throw new NeedsYou('unsafe', message);
        if (now.paused)
          throw new NeedsYou(
            'unsafe',
            `the migration of ${now.name} was paused. To continue: twindex resume ${now.name}`,
          );
        // Withdraw the move that can't be made.
        await effects.handle.save({ goal: goalHere(now) });
        throw new NeedsYou('unsafe', message);
      },
    });
    await Promise.all([session.before.finish(), session.announcer.finish()]);
    return { phase: phaseOf(record), record };
  } catch (thrown) {
    // If the lease was lost, report this, and not the error of a wait that was aborted because of it.
    const error: unknown = lost.signal.aborted ? lost.signal.reason : thrown;
    // If an index is missing, look for a successor, which may have deleted it.
    const isOvertaken = isTwindexError(error, 'fenced', 'not_found');
    const why = isOvertaken ? await overtaken(cluster, effects.handle.record, error) : error;
    const reason = await explained(session, why);
    await tellOfFailure(session, reason);
    throw reason;
  } finally {
    session.before.forget();
    await session.watch.stop();
    await session.announcer.stop();
    clearInterval(heart);
    // If this process ends during a hold, the guardian stays armed: it opens the writes again.
    if (session.record.state !== 'holding') session.guardian.disarm();
    await session.throttle.stop();
    await session.closeSource();
    await session.stopCopy().catch(() => {
      effects.unanswered = true;
    });
    await releaseLease(effects, lost.signal.aborted);
  }
}

function declaredParts({
  cluster,
  effects,
  definition,
  options,
}: Pick<Coordination, 'cluster' | 'effects' | 'options'> & {
  readonly definition: IndexDefinition;
}): Pick<SessionParts, 'shapes' | 'declared' | 'queries' | 'openSource'> {
  return {
    shapes: shapesOf(cluster, definition, effects.handle.record),
    declared: definition,
    queries: () => queriesOf(cluster, definition),
    openSource: (signal) => {
      const note = effects.handle.record.reingest as ReingestNote;
      return openSource({ note, definition, from: options.from, signal });
    },
  };
}

/** Reports the error, unless this coordinator was replaced or stopped by its user. */
async function tellOfFailure(session: Session, error: unknown): Promise<void> {
  if (session.signal.aborted || error instanceof Rescued) return;
  if (isTwindexError(error, 'fenced', 'lease_held')) return;
  // Send nothing in a hold: the guardian opens the writes only after this process has ended.
  if (session.record.state === 'holding') return;
  const text = messageOf(error);
  // A failed hook has been announced already.
  if (text !== session.record.stoppedBy) session.announcer.failed(text);
  await session.announcer.finish();
}

function beat(effects: Effects, leaseMs: number, lost: AbortController): NodeJS.Timeout {
  let busy = false;
  return setInterval(
    () => {
      if (busy) return;
      busy = true;
      effects.handle
        .save(({ heartbeat }) => ({ heartbeat: heartbeat + 1 }))
        .catch((error: unknown) => {
          if (isTwindexError(error, 'fenced')) lost.abort(error);
        })
        .finally(() => {
          busy = false;
        });
    },
    Math.min(leaseMs / 4, SAVE_MS),
  );
}

/** Longest interval of the heartbeat, which also saves the progress, so that a crash loses little. */
const SAVE_MS = 2_500;

/**
 * Asks the user at each gate before `until`. The loop continues meanwhile. @returns whether the machine ends
 */
function arrived(session: Session, options: MigrateOptions, phase: Phase): boolean {
  if (phase === 'finalized' || phase === 'aborted') return true;
  const { goal } = session.record;
  if (phase !== goal) return false;
  const gates = gatesOf(session.record.layout);
  const next = gates[gates.indexOf(phase) + 1];
  const more = next !== undefined && GATES.indexOf(next) <= GATES.indexOf(options.until);
  if (more && options.confirm) {
    void ask(session, options.confirm, next);
    return false;
  }
  return !options.stay;
}

/** Asks the user whether to pass a gate. Without an answer the migration stays there. */
async function ask(
  session: Session,
  confirm: NonNullable<MigrateOptions['confirm']>,
  next: Gate,
): Promise<void> {
  try {
    if (await confirm(next, session.record)) await session.effects.handle.save({ goal: next });
  } catch (error) {
    session.note(messageOf(error), 'warn');
  }
}

async function releaseLease(effects: Effects, lost: boolean): Promise<void> {
  if (lost) return;
  try {
    await effects.handle.save({ holder: null, clean: !effects.unanswered });
  } catch {
    // If the lease can't be given back, the next coordinator waits until it expires.
  }
}

/** How long to wait for the guardian's rescue. */
const RESCUE_MS = 5_000;

async function overtaken(cluster: Cluster, record: MigrationRecord, error: unknown): Promise<unknown> {
  if (await putBackRecord(cluster, record).catch(() => false))
    return new TwindexError(
      'failed',
      `somebody has deleted or damaged the migration of ${record.name} in the journal. It was restored from this process. ` +
        `To continue: twindex migrate ${record.name}`,
    );
  const deadline = performance.now() + RESCUE_MS;
  for (;;) {
    const found = (await loadRecord(cluster, record.name).catch(() => undefined))?.source;
    if (!found || found.token === record.token) return error;
    if (found.holder === null && found.rescued === found.token && found.token === record.token + 1)
      return new Rescued();
    // Only a coordinator in a hold has a guardian, which takes the next token.
    const maybe = record.state === 'holding' && found.token === record.token + 1;
    if (!maybe || performance.now() > deadline) return leaseHeld(found);
    await sleep(RESCUE_POLL_MS);
  }
}

const RESCUE_POLL_MS = 100;

/** Reports a deleted index as such, instead of the engine's error. */
async function explained({ cluster, record, signal }: Session, error: unknown): Promise<unknown> {
  if (signal.aborted || !isTwindexError(error, 'rejected', 'failed', 'not_found')) return error;
  const indexes = await surveyIndexes(cluster, record).catch(() => undefined);
  const lost = indexes && findLostIndex(record, indexes);
  return lost ? new TwindexError('not_found', lost.text, { cause: error }) : error;
}

/** Why a migration that has begun can't be continued with this definition. */
export function whyNotSame(record: MigrationRecord, definition: IndexDefinition): TwindexError | undefined {
  if (record.target.version === definition.version) {
    // A record that was recovered from the indexes has no hash of the schema that could be compared.
    const isKnown = record.declared.schema !== '';
    if (!isKnown || record.declared.schema === declaredOf(definition).schema) return undefined;
    return new TwindexError(
      'definition_changed',
      `the mappings or settings in ${definition.file} were changed since ${record.target.index} was created. ` +
        `Undo the change, or start again: twindex abort ${record.name}, then twindex migrate ${record.name}.`,
    );
  }
  return new TwindexError(
    'definition_changed',
    `a migration of ${record.name} from version ${record.source.version} to ${record.target.version} is under way, and ` +
      `${definition.file} declares version ${definition.version}. Finish it, or abort it: twindex abort ${record.name}`,
  );
}

function optionsOf(options: MigrateOptions): MigrationRecord['options'] {
  const { maxLagMs, maxWritePauseMs, graceMs, leaseMs, keepMs = null, soakMs = 0 } = options;
  const { dropRejected, maxRejected } = options;
  return { maxLagMs, maxWritePauseMs, graceMs, leaseMs, keepMs, soakMs, dropRejected, maxRejected };
}

const firstGoal = ({ confirm, until }: MigrateOptions): Goal => (confirm ? 'ready' : until);

/** Changes the record when a migration is resumed. A saved goal that is further than `until` stays. */
function resumed(
  record: MigrationRecord,
  definition: IndexDefinition | Undeclared,
  options: MigrateOptions,
): MigrationRecord {
  if ('why' in definition)
    return {
      ...record,
      ...withHistory(record, 'resumed without an index file', { why: definition.why.message }),
    };
  // A restarted process does not replace a pending rollback by its own goal.
  const isGoingBack = record.commands.pending.some(({ command }) => command === 'rollback');
  const asked = options.confirm || options.asItIs || isGoingBack ? record.goal : options.until;
  const further = GATES.indexOf(asked as Gate) > GATES.indexOf(record.goal as Gate);
  const goal = record.goal !== 'aborted' && further ? asked : record.goal;
  const declared = declaredOf(definition);
  // A new verification repairs the documents that were copied with an old transform.
  const verified = record.verified && declared.transform === record.declared.transform;
  return {
    ...record,
    goal,
    declared,
    verified,
    // A halted migration continues only after its user has decided.
    paused: record.paused && (record.halted !== null || (options.asItIs ?? false)),
    options: optionsOf(options),
    reingest: resumedNote(record, options),
    throttle: { ...record.throttle, ...options.throttle },
    // Replay the searches again, since they may have changed.
    queries: record.readers === 'source' ? null : record.queries,
    acceptance: acceptanceOf(definition),
    forced: [...new Set([...record.forced, ...(options.force ?? [])])],
    stoppedBy: further ? '' : record.stoppedBy,
    holds: further ? NO_HOLDS : record.holds,
    ...withHistory(record, 'resumed', { why: `goal: ${goal}` }),
  };
}

async function begun(
  cluster: Cluster,
  definition: IndexDefinition,
  options: MigrateOptions,
  { source, target, layout, route = 'client', sourceCluster = null }: MigrationStart,
  before: StoredDocument<MigrationRecord> | undefined,
): Promise<MigrationRecord> {
  const from = indexRefOf(cluster, { name: definition.name, source, target, sourceCluster }, 'source');
  const [live] = await getIndexes(from.cluster, source.index);
  if (!live) throw new TwindexError('not_found', `index ${source.index} does not exist`);
  const epoch = nextEpoch(live, before?.source, await epochOfDocuments(from.cluster, live));
  const generation = before?.source.writers.generation ?? 0;
  const goal = firstGoal(options);
  return {
    ...newRecord({ name: definition.name, source, target, layout, aliases: definition.aliases, epoch }),
    goal,
    sourceCluster,
    sourceAliases: aliasesOf(live),
    sourceGcDeletes: flattenSettings(live.settings).get('gc_deletes')?.toString() ?? null,
    uuids: { source: uuidOf(live), target: null },
    declared: declaredOf(definition),
    hasTransform: transformChain(definition, source.version, target.version) !== undefined,
    route,
    reingest: firstNote({ name: definition.name, route, epoch }, options),
    throttle: { ...FREE, ...options.throttle },
    token: from.cluster === cluster ? 0 : await firstToken(from.cluster, definition.name),
    // Equal counts prove nothing on this route, since each index may have documents that the other lacks.
    drops: route === 'reingest',
    writers: {
      mode: 'none',
      generation,
      pruned: generation,
      version: source.version,
      moves: before?.source.writers.moves ?? 0,
    },
    options: optionsOf(options),
    acceptance: acceptanceOf(definition),
    forced: [...(options.force ?? [])],
    ...withHistory({ history: [] }, `begun: ${source.index} -> ${target.index}, route ${route}`, {
      why: `goal: ${goal}`,
    }),
  };
}

const SAMPLED = 1_000;

/** The highest epoch in a sample of documents, if the mapping has no epoch because somebody has removed it. */
async function epochOfDocuments(cluster: Cluster, live: LiveIndex): Promise<number> {
  if (ownMeta(live.mappings)) return 0;
  const samples = await Promise.all(
    (['asc', 'desc'] as const).map((order) => sampleVersions(cluster, live, order, SAMPLED)),
  );
  return Math.max(0, ...samples.flat().map(({ version }) => likelyEpoch(version) ?? 0));
}

/** An epoch that is higher than that of any stamp in the source. */
function nextEpoch(live: LiveIndex, before: MigrationRecord | undefined, inDocuments: number): number {
  const epoch = Math.max(ownMeta(live.mappings)?.epoch ?? 0, before?.epoch ?? 0, inDocuments) + 1;
  if (epoch < MAX_EPOCH) return epoch;
  throw new TwindexError(
    'unsafe',
    `${live.index} has been migrated ${epoch} times: with one more migration, versions would be too large for the engine. Copy its documents once with _reindex into a new index.`,
  );
}

async function archive(cluster: Cluster, record: MigrationRecord): Promise<void> {
  const where = { index: JOURNAL, id: historyId(record.name, record.id) };
  await putDocument(cluster, where, { ...record, kind: 'history' }, 'any');
}
