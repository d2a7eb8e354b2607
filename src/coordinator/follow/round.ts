// One round of following: what is live on the leader above the cursors is written to the follower with its stamp.
// Back-fill is the first of these rounds. A round that can't be confirmed changes nothing: it is done again.
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
   * Also what is above the global checkpoint, each page confirmed on the leader before it is written: for the
   * round before the readers are moved. A document that is overwritten meanwhile is then still found.
   */
  readonly unbounded?: boolean;
  /** Where writers of ours bring copies: what the follower shows to be there is neither read nor sent. */
  readonly seen?: CopiesSeen | undefined;
  /** After it is known how far the round goes, before anything is read: what is on its way may arrive meanwhile. */
  readonly rest?: (() => Promise<void>) | undefined;
  /** Stops at the end of a page after this time; the round is then not caught up. */
  readonly budgetMs: number;
}

export type RoundResult =
  | {
      readonly type: 'confirmed';
      readonly cursors: number[];
      /** Everything up to the checkpoints at the beginning of the round is there. */
      readonly caughtUp: boolean;
      readonly copied: number;
      /** Documents that the transform dropped. */
      readonly dropped: number;
      /** What the follower had already, or something newer. */
      readonly conflicts: number;
      /** Operations of the leader above the cursors, when the round began. */
      readonly behind: number;
    }
  | { readonly type: 'repeat'; readonly reason: string };

/** How many shards are read at the same time. */
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
  if (!(await onLeader.confirm())) return { type: 'repeat', reason: `${leader.index} failed over, or lags` };
  const onFollower = await Confirmation.begin(follower.cluster, follower);
  await seen?.refresh();
  const { dropped, conflicts } = replication.tally;

  const round = new Round(replication, options, onLeader, bounds);
  const shards = await inTurn(bounds.length, (shard) => round.followShard(shard));
  if (round.repeat) return { type: 'repeat', reason: round.repeat };
  // what it shows to be there, a fail-over may take back as well
  if ((round.written > 0 || seen) && !(await onFollower.confirm()))
    return { type: 'repeat', reason: `${follower.index} failed over, or lags` };
  // by numbers from after the searches: a refresh of the engine's own may have shown them an operation that hides an older
  // one, and that a fail-over may still take back
  if (!(await onLeader.confirm())) return { type: 'repeat', reason: `${leader.index} failed over, or lags` };
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
        this.repeat = `${this.#replication.leader.index} failed over, or lags`;
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
