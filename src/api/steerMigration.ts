// Steers a migration: puts a command into the journal for the coordinator. If no coordinator is running, this
// process becomes the coordinator.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { isTwindexError, TwindexError } from '../errors.js';
import type { EventBus } from '../events.js';
import type { Command } from '../journal/commands.js';
import { loadRecord } from '../journal/journal.js';
import { followerIndex, isOver, type MigrationRecord } from '../protocol/record.js';
import { outcomeOf } from '../coordinator/migration/steering/applyCommand.js';
import {
  type Gate,
  type MigrateResult,
  runMigration,
  type Undeclared,
} from '../coordinator/migration/runMigration.js';
import { phaseOf } from '../protocol/states.js';
import {
  errorOf,
  type Steered,
  type SteerOptions,
  steer,
} from '../coordinator/migration/steering/sendCommand.js';
import { requireWayOn } from '../coordinator/migration/recovery/wayOut.js';
import type { IndexDefinition } from '../schema/types.js';
import { goOnAlone } from './goOnAlone.js';
import { definitionOrWhy, type Project, type Tell } from './project.js';
import type { Verb } from './steeringVerbs.js';

export interface SteerRequest extends Pick<SteerOptions, 'force' | 'supersede' | 'timeoutMs' | 'onLook'> {
  readonly name: string;
  readonly verb: Verb;
  /** Whether this process stays after the command is done, if it has become the coordinator. */
  readonly stay: boolean;
  readonly bus: EventBus;
  readonly signal: AbortSignal;
  /** Receives a line when this process does more than wait, for example when it becomes the coordinator. */
  readonly tell: Tell;
  /** Called when the command is done, if this process had begun to coordinate. */
  readonly onMoved?: () => void;
}

export interface SteerOutcome extends Omit<MigrateResult, 'phase'> {
  /**
   * `paused` if the command was `pause` and no coordinator runs. The next coordinator will find the migration
   * paused.
   */
  readonly phase: MigrateResult['phase'] | 'paused';
  /** True if one of the two indexes was lost, and the migration has ended with the index that is left. */
  readonly alone?: true;
}

/** @throws TwindexError `not_found`, `unsafe`, `failed` (see `steer`), and the errors of `runMigration` */
export async function steerMigration(project: Project, request: SteerRequest): Promise<SteerOutcome> {
  const { cluster } = project;
  const { name, verb, force, supersede, timeoutMs, onLook, signal, tell } = request;
  const giveUp = await requireWayOn(cluster, name, verb);
  if (giveUp !== undefined) return { ...(await goOnAlone(project, { ...request, giveUp })), alone: true };
  const steered = await steer(cluster, name, verb, {
    signal,
    force,
    supersede,
    timeoutMs,
    ...(onLook ? { onLook } : {}),
  });
  if (steered.type === 'done') return steered;
  const { record } = steered;
  if (verb === 'pause') {
    tell(
      `${name}: no coordinator is running, so nothing is copied or moved. The next coordinator will find the migration paused`,
    );
    return { phase: 'paused', record };
  }
  const definition = await definitionOrWhy(project, name);
  return coordinate({ cluster, definition, steered, request });
}

interface Orphan {
  readonly cluster: Cluster;
  readonly definition: IndexDefinition | Undeclared;
  readonly steered: Extract<Steered, { type: 'nobodyCoordinates' }>;
  readonly request: SteerRequest;
}

/** Coordinates the migration in this process, which then reads the command from the journal. */
async function coordinate({ cluster, definition, steered, request }: Orphan): Promise<MigrateResult> {
  const { name, verb, stay, tell } = request;
  tell(`${name}: no coordinator is running, so this process coordinates the migration`);
  const isOverFor = new AbortController();
  const signal = AbortSignal.any([request.signal, isOverFor.signal]);
  const run = begin({ cluster, definition, steered, request }, signal);
  let moved: MigrateResult | undefined;
  const moving = ending(cluster, steered.asked, signal).then((at) => {
    request.onMoved?.();
    return (moved = at);
  });
  moving.catch(() => undefined);
  const endsThen = verb === 'rollback' || verb === 'verify' || (!stay && verb !== 'resume');
  try {
    const byOthers = run.catch((error: unknown) => {
      if (!isTwindexError(error, 'lease_held')) throw error;
      tell(`${name}: another process coordinates this migration now, and carries the command out`);
      return moving;
    });
    const ends = Promise.race([
      byOthers,
      endsThen ? moving.then((at) => whenSettled(cluster, at, request.signal)) : byOthers,
    ]);
    const result = await untilInterrupted(
      ends,
      request.signal,
      async () => moved ?? (await reached(cluster, steered.asked)),
    );
    const missed = whyMissed(result.record, steered.asked);
    if (missed) throw 'why' in definition ? definition.why : missed;
    if (!isOver(result.record))
      tell(
        `${name}: ${followerIndex(result.record)} is not kept in sync now. A gateway or twindex migrate ${name} continues the migration`,
      );
    return result;
  } finally {
    isOverFor.abort();
    await run.catch(() => undefined);
  }
}

function begin(
  { cluster, definition, steered, request }: Orphan,
  signal: AbortSignal,
): Promise<MigrateResult> {
  const { options, goal } = steered.record;
  const { verb, stay, bus } = request;
  return runMigration(cluster, definition, {
    ...options,
    keepMs: options.keepMs ?? undefined,
    until: goal === 'aborted' ? 'ready' : (goal satisfies Gate),
    bus,
    signal,
    // if a hook refuses `finalize` or `abort`, this process exits, since nobody would send the command again
    stay: verb !== 'finalize' && verb !== 'abort' && (stay || verb !== 'resume'),
    endsWhenRefused: true,
    asItIs: true,
  });
}

/** Waits until the grace of the last move is over, since only after that `abort` works without the index file. */
async function whenSettled(
  cluster: Cluster,
  moved: MigrateResult,
  signal: AbortSignal,
): Promise<MigrateResult> {
  for (;;) {
    const { source: record = moved.record } = (await loadRecord(cluster, moved.record.name)) ?? {};
    if (record.state !== 'settling') return { phase: phaseOf(record), record };
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** If the command was carried out before the user interrupts this process, the run counts as a success. */
async function untilInterrupted(
  ends: Promise<MigrateResult>,
  signal: AbortSignal,
  moved: () => Promise<MigrateResult | undefined>,
): Promise<MigrateResult> {
  try {
    return await ends;
  } catch (error) {
    const done = signal.aborted ? await moved() : undefined;
    if (!done) throw error;
    return done;
  }
}

/**
 * @returns the reason why a run has ended without carrying out the command, for example that somebody has moved
 * the aliases; undefined if the command was carried out
 */
function whyMissed(record: MigrationRecord, asked: Command): TwindexError | undefined {
  const outcome = outcomeOf(record, asked);
  if (outcome) return outcome.outcome === 'done' ? undefined : errorOf(outcome);
  if (asked.command !== 'abort' && asked.command !== 'rollback') return undefined;
  return new TwindexError(
    'unsafe',
    `${record.name} is ${phaseOf(record)}. See: twindex status ${record.name}`,
  );
}

/** Waits until the journal has the outcome of the command. */
async function ending(cluster: Cluster, asked: Command, signal: AbortSignal): Promise<MigrateResult> {
  for (;;) {
    const found = await reached(cluster, asked);
    if (found) return found;
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** @returns undefined while the outcome is unknown, or the journal can't be read (the run reports this error) */
async function reached(cluster: Cluster, asked: Command): Promise<MigrateResult | undefined> {
  const record = (await loadRecord(cluster, asked.name).catch(() => undefined))?.source;
  return record && outcomeOf(record, asked) ? { phase: phaseOf(record), record } : undefined;
}

const LOOK_MS = 300;
