// Makes one round of following: writes the leader's live documents above the cursors to the follower, with their
// stamps. A round that can't be confirmed leaves the cursors unchanged, and is repeated.
import { MAX_ONLY } from '../../cluster/documents/searchPage.js';
import { refresh } from '../../cluster/indices/refresh.js';
import { Confirmation } from '../../protocol/confirm.js';
import type { CopiesSeen } from './alreadyCopied.js';
import type { Replication } from '../../protocol/replication.js';
import { type CopyContext, followRange } from './followRange.js';
import { operationsAfter } from './operationsAfter.js';

export interface RoundOptions extends CopyContext {
  readonly cursors: readonly number[];
  /**
   * Also follows operations above the global checkpoint, and confirms each page on the leader before writing
   * it. Used before a move of the readers: a bounded round would miss documents that are overwritten during
   * the round.
   */
  readonly unbounded?: boolean;
  /** Set if gateways make copies. Documents that they have copied are neither read nor sent. */
  readonly seen?: CopiesSeen | undefined;
  /** Called after the upper bound was read, to wait until copies of gateways have arrived. */
  readonly rest?: (() => Promise<void>) | undefined;
  /** After this time the round stops at the end of a page, and does not count as caught up. */
  readonly budgetMs: number;
}

export type RoundResult =
  | {
      readonly type: 'confirmed';
      readonly cursors: number[];
      /** Whether everything up to the checkpoints at the beginning of the round is on the follower. */
      readonly caughtUp: boolean;
      readonly copied: number;
      readonly dropped: number;
      readonly conflicts: number;
      /** The number of operations of the leader above the cursors when the round began. */
      readonly behind: number;
    }
  | { readonly type: 'repeat'; readonly reason: string };

const SHARDS_AT_ONCE = 3;

export async function followRound(replication: Replication, options: RoundOptions): Promise<RoundResult> {
  const { leader, follower } = replication;
  const { seen } = options;
  await seen?.begin();
  const onLeader = await Confirmation.begin(leader.cluster, leader);
  const bounds = (await onLeader.stats()).map((shard) => shard.globalCheckpoint);
  await options.rest?.();
  const behind = operationsAfter(options.cursors, bounds);
  if (behind === 0 && !options.unbounded) {
    seen?.end();
    return {
      type: 'confirmed',
      cursors: [...options.cursors],
      caughtUp: true,
      copied: 0,
      dropped: 0,
      conflicts: 0,
      behind,
    };
  }

  await refresh(leader.cluster, leader.index);
  if (!(await onLeader.confirm()))
    return { type: 'repeat', reason: `${leader.index} failed over, or its replicas lag` };
  const onFollower = await Confirmation.begin(follower.cluster, follower);
  await seen?.refresh();
  const { dropped, conflicts } = replication.tally;

  const round = new Round(replication, options, onLeader, bounds);
  const shards = await inTurn(bounds.length, (shard) => round.followShard(shard));
  if (round.repeat) return { type: 'repeat', reason: round.repeat };
  // With `seen`, confirm even if nothing was written: a fail-over may undo copies that a search has found.
  if ((round.written > 0 || seen) && !(await onFollower.confirm()))
    return { type: 'repeat', reason: `${follower.index} failed over, or its replicas lag` };
  // Confirm with numbers that are read after the searches. An automatic refresh may have made a newer
  // operation of a document hide the older one. If a fail-over undid the newer one, the older one would be live
  // again, but not copied.
  if (!(await onLeader.confirm()))
    return { type: 'repeat', reason: `${leader.index} failed over, or its replicas lag` };
  const caughtUp = shards.every((shard) => shard.caughtUp);
  if (caughtUp) seen?.end();
  return {
    type: 'confirmed',
    cursors: shards.map((shard) => shard.cursor),
    caughtUp,
    copied: round.written,
    dropped: replication.tally.dropped - dropped,
    conflicts: replication.tally.conflicts - conflicts,
    behind,
  };
}

class Round {
  written = 0;
  repeat: string | undefined;
  readonly #replication: Replication;
  readonly #options: RoundOptions;
  readonly #onLeader: Confirmation;
  readonly #bounds: readonly number[];
  readonly #deadline: number;

  constructor(
    replication: Replication,
    options: RoundOptions,
    onLeader: Confirmation,
    bounds: readonly number[],
  ) {
    this.#replication = replication;
    this.#options = options;
    this.#onLeader = onLeader;
    this.#bounds = bounds;
    this.#deadline = performance.now() + options.budgetMs;
  }

  async followShard(shard: number): Promise<{ cursor: number; caughtUp: boolean }> {
    const { unbounded = false, cursors, seen } = this.#options;
    const start = cursors[shard] ?? -1;
    const bound = this.#bounds[shard] as number;
    if (!unbounded && bound <= start) return { cursor: start, caughtUp: true };
    const missing = unbounded ? undefined : await seen?.missing(shard, start, bound);
    if (missing?.length === 0) return { cursor: bound, caughtUp: true };
    const end = Math.max(start, bound);
    const result = await followRange(this.#replication, {
      ...this.#options,
      shard,
      after: missing?.[0] === undefined ? start : missing[0] - 1,
      upTo: unbounded ? undefined : bound,
      only: missing && missing.length <= MAX_ONLY ? missing : undefined,
      stops: () => performance.now() > this.#deadline,
      mayWrite: unbounded ? async () => (await this.#onLeader.confirm()) !== undefined : undefined,
      onCopied: (documents, upTo) => {
        this.written += documents;
        this.#options.onCopied?.(documents, upTo);
      },
    });
    switch (result.type) {
      case 'done':
        return { cursor: end, caughtUp: true };
      case 'stopped':
        return { cursor: Math.min(result.cursor, end), caughtUp: false };
      case 'unwritten':
        this.repeat = `${this.#replication.leader.index} failed over, or its replicas lag`;
        return { cursor: start, caughtUp: false };
    }
  }
}

async function inTurn<T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const workers = Array.from({ length: Math.min(SHARDS_AT_ONCE, count) }, async () => {
    for (let n = next++; n < count; n = next++) results[n] = await work(n);
  });
  await Promise.all(workers);
  return results;
}
