// The steering commands: a wish is written to the journal, and whoever coordinates grants it.
import { setTimeout as sleep } from 'node:timers/promises';
import { hostname } from 'node:os';
import type { Cluster } from '../cluster/cluster.js';
import { TwindexError } from '../errors.js';
import { loadRecord } from '../journal/journal.js';
import { userName } from '../journal/lease.js';
import {
  isOver,
  type LeftOut,
  type MigrationRecord,
  type ReadsWish,
  type ThrottleWish,
} from '../journal/record.js';
import { makeWish, type Wish, type WishName } from '../journal/wishes.js';
import { stoppedError } from './border.js';
import { GOAL_OF, whyNot } from './grantWish.js';
import { type Phase, phaseOf } from './states.js';

export interface SteerOptions {
  readonly signal: AbortSignal;
  /** Called with the record each time it was looked at. */
  readonly onLook?: (record: MigrationRecord) => void;
  /** For `writers`. */
  readonly version?: number | undefined;
  /** For `throttle`. */
  readonly throttle?: Partial<ThrottleWish> | undefined;
  /** For `cutover`, `switch` and `finalize`: thresholds that need not be kept. */
  readonly force?: readonly string[] | undefined;
  /** For `reads`. */
  readonly reads?: Partial<ReadsWish> | undefined;
  /** For `leaveOut`. */
  readonly leftOut?: readonly LeftOut[] | undefined;
}

export type Steered =
  | { readonly type: 'done'; readonly phase: Phase; readonly record: MigrationRecord }
  /** The wish is written, but no coordinator runs that could grant it. */
  | { readonly type: 'nobodyCoordinates'; readonly record: MigrationRecord; readonly asked: Wish };

const POLL_MS = 200;

/**
 * Asks for something and waits until it has happened.
 * @throws TwindexError `not_found` when no migration of this name is under way; `unsafe` when it can't be granted
 */
export async function steer(
  cluster: Cluster,
  name: string,
  wish: WishName,
  options: SteerOptions,
): Promise<Steered> {
  const found = await loadRecord(cluster, name);
  const ended = found && isOver(found.source) ? phaseOf(found.source) : undefined;
  if (found && ended === 'finalized' && wish === 'finalize')
    return { type: 'done', phase: ended, record: found.source };
  if (!found || ended)
    throw new TwindexError('not_found', `no migration of ${name} is under way. See: twindex status ${name}`);
  const refusal = whyNot(found.source, { wish, version: options.version, reads: options.reads });
  if (refusal) throw new TwindexError('unsafe', refusal);
  const by = `${userName()}@${hostname()}`;
  const { version, throttle, reads, force, leftOut } = options;
  const asked = await makeWish(cluster, { name, wish, by, version, throttle, reads, force, leftOut });
  return await waitUntilDone(cluster, asked, options);
}

/**
 * The same, for what only a coordinator that runs can do.
 * @param what is done as soon as there is one
 * @throws TwindexError `failed` when there is none
 */
export async function steerRunning(
  cluster: Cluster,
  name: string,
  wish: WishName,
  { what = 'it is done', ...options }: SteerOptions & { readonly what?: string },
): Promise<void> {
  const steered = await steer(cluster, name, wish, options);
  if (steered.type === 'nobodyCoordinates')
    throw new TwindexError(
      'failed',
      `nobody coordinates the migration of ${name}; ${what} as soon as somebody does: twindex migrate ${name}`,
    );
}

async function waitUntilDone(
  cluster: Cluster,
  asked: Wish,
  { signal, onLook }: SteerOptions,
): Promise<Steered> {
  let seenAt = performance.now();
  let seen = '';
  let wasHandled = false;
  for (;;) {
    const found = await loadRecord(cluster, asked.name);
    if (!found) throw new TwindexError('not_found', `the journal of ${asked.name} is gone`);
    const record = found.source;
    onLook?.(record);
    // another wish may have come since; one that changes nothing about where this one leads
    // and where the migration has ended meanwhile nobody will look at it any more: what has become of it counts
    if (record.handledWish === asked.id || isOver(record)) wasHandled = true;
    if (isGranted(wasHandled ? { ...record, handledWish: asked.id } : record, asked))
      return { type: 'done', phase: phaseOf(record), record };
    // seen, and not granted: things have changed since it was asked for
    const refusal = wasHandled ? whyNot(record, asked) : undefined;
    if (refusal) throw new TwindexError('unsafe', refusal);
    // it is not asked for any more
    if (wasHandled && record.stoppedBy && GOAL_OF[asked.wish])
      throw stoppedError(record.stoppedFor, record.stoppedBy);
    if (record.writeId !== seen) [seen, seenAt] = [record.writeId, performance.now()];
    if (!record.holder || performance.now() - seenAt > 1.5 * record.options.leaseMs)
      return { type: 'nobodyCoordinates', record, asked };
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** The wish was seen, and what it asks for is so. */
export function isGranted(
  record: MigrationRecord,
  { id, wish, version, reads }: Pick<Wish, 'id' | 'wish' | 'version' | 'reads'>,
): boolean {
  if (record.handledWish !== id) return false;
  const phase = phaseOf(record);
  switch (wish) {
    case 'pause':
      return record.paused;
    case 'resume':
      return !record.paused;
    case 'cutover':
      return phase === 'cutover';
    case 'switch':
      // a bare index goes with the switch, and the migration ends
      return phase === 'switched' || phase === 'finalized';
    case 'rollback':
      return record.first === 'source' && record.readers === 'source';
    case 'verify':
      return record.verified;
    case 'throttle':
    case 'replay':
    case 'leaveOut':
      return true;
    case 'reads':
      return Object.entries(reads ?? {}).every(
        ([what, asked]) => record.reads[what as keyof ReadsWish] === asked,
      );
    case 'writers':
      return record.writers.version === version;
    case 'finalize':
      return phase === 'finalized';
    case 'abort':
      return phase === 'aborted';
  }
}
