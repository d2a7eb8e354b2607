// One round of following: what is live on the first index above the cursors is written to the second with its stamp.
// Back-fill is the first of these rounds. A round that can't be confirmed changes nothing: it is done again.
import { refresh } from '../cluster/operations/refresh.js';
import { Confirmation } from './confirm.js';
import type { CopiesSeen } from './copiesSeen.js';
import type { Direction, Refused } from './direction.js';
import { feed, type FeedOperation, type FeedOptions } from './feedWriter.js';
import type { Hit } from './hits.js';
import type { Page, PageReader } from './pageReader.js';
import { stampOf } from './stamp.js';

export interface RoundOptions {
  readonly cursors: readonly number[];
  readonly reader: PageReader;
  /**
   * Also what is above the global checkpoint, each page confirmed on the first index before it is written: for the
   * round before the readers are moved. A document that is overwritten meanwhile is then still found.
   */
  readonly unbounded?: boolean;
  /** Where writers of ours bring copies: what the second index shows to be there is neither read nor sent. */
  readonly seen?: CopiesSeen | undefined;
  /** After it is known how far the round goes, before anything is read: what is on its way may arrive meanwhile. */
  readonly rest?: (() => Promise<void>) | undefined;
  /** Stops at the end of a page after this time; the round is then not caught up. */
  readonly budgetMs: number;
  readonly feed: FeedOptions;
  /** Keeps refused documents; returns before the cursor passes them. */
  readonly keepRefused: (refused: readonly Refused[]) => Promise<void>;
  readonly onCopied?: (documents: number) => void;
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
      /** What the second index had already, or something newer. */
      readonly conflicts: number;
      /** Operations of the first index above the cursors, when the round began. */
      readonly behind: number;
    }
  | { readonly type: 'repeat'; readonly reason: string };

/** How many shards are read at the same time. */
const SHARDS_AT_ONCE = 3;
/** So many documents are asked for by their `_seq_no`. */
const MAX_ONLY = 1_000;

export async function followRound(direction: Direction, options: RoundOptions): Promise<RoundResult> {
  const { cluster, first, second } = direction;
  const { seen } = options;
  await seen?.begin();
  const onFirst = await Confirmation.begin(cluster, first);
  const bounds = (await onFirst.stats()).map((shard) => shard.globalCheckpoint);
  await options.rest?.();
  const behind = bounds.reduce(
    (sum, bound, shard) => sum + Math.max(0, bound - (options.cursors[shard] ?? -1)),
    0,
  );
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

  await refresh(cluster, first.index);
  if (!(await onFirst.confirm())) return { type: 'repeat', reason: `${first.index} failed over, or lags` };
  const onSecond = await Confirmation.begin(cluster, second);
  await seen?.refresh();
  const { dropped, conflicts } = direction.tally;

  const round = new Round(direction, options, onFirst, bounds);
  const shards = await inTurn(bounds.length, (shard) => round.followShard(shard));
  if (round.repeat) return { type: 'repeat', reason: round.repeat };
  // what it shows to be there, a fail-over may take back as well
  if ((round.written > 0 || seen) && !(await onSecond.confirm()))
    return { type: 'repeat', reason: `${second.index} failed over, or lags` };
  // by numbers from after the searches: a refresh of the engine's own may have shown them an operation that hides an older
  // one, and that a fail-over may still take back
  if (!(await onFirst.confirm())) return { type: 'repeat', reason: `${first.index} failed over, or lags` };
  const caughtUp = shards.every((shard) => shard.caughtUp);
  if (caughtUp) seen?.end();
  return {
    type: 'confirmed',
    cursors: shards.map((shard) => shard.cursor),
    caughtUp,
    copied: round.written,
    dropped: direction.tally.dropped - dropped,
    conflicts: direction.tally.conflicts - conflicts,
    behind,
  };
}

class Round {
  written = 0;
  repeat: string | undefined;
  readonly #direction: Direction;
  readonly #options: RoundOptions;
  readonly #onFirst: Confirmation;
  readonly #bounds: readonly number[];
  readonly #deadline: number;

  constructor(direction: Direction, options: RoundOptions, onFirst: Confirmation, bounds: readonly number[]) {
    this.#direction = direction;
    this.#options = options;
    this.#onFirst = onFirst;
    this.#bounds = bounds;
    this.#deadline = performance.now() + options.budgetMs;
  }

  /** Reads the next page while the last one is being written. */
  async followShard(shard: number): Promise<{ cursor: number; caughtUp: boolean }> {
    const { unbounded = false, cursors, seen } = this.#options;
    const start = cursors[shard] ?? -1;
    const bound = this.#bounds[shard] as number;
    if (!unbounded && bound <= start) return { cursor: start, caughtUp: true };
    const missing = unbounded ? undefined : await seen?.missing(shard, start, bound);
    if (missing?.length === 0) return { cursor: bound, caughtUp: true };
    const only = missing && missing.length <= MAX_ONLY ? missing : undefined;
    const upTo = unbounded ? undefined : bound;
    const read = (after: number): Promise<Page> =>
      this.#options.reader.read(this.#direction.first.index, shard, after, upTo, only);

    let cursor = missing?.[0] === undefined ? start : missing[0] - 1;
    let page = await read(cursor);
    for (;;) {
      const lastHit = page.hits.at(-1);
      if (unbounded && lastHit && !(await this.#onFirst.confirm())) {
        this.repeat = `${this.#direction.first.index} failed over, or lags`;
        return { cursor: start, caughtUp: false };
      }
      const stop = page.last || !lastHit || performance.now() > this.#deadline;
      const next = stop ? undefined : read(lastHit.seqNo);
      next?.catch(() => undefined); // awaited below, unless writing fails first
      await this.#write(page.hits);
      if (lastHit) cursor = lastHit.seqNo;
      if (page.last || !lastHit) return { cursor: Math.max(start, bound), caughtUp: true };
      if (!next) return { cursor: Math.min(cursor, Math.max(start, bound)), caughtUp: false };
      page = await next;
    }
  }

  async #write(hits: readonly Hit[]): Promise<void> {
    const { operations, refused } = await shape(this.#direction, hits);
    const { reader } = this.#options;
    const busyBefore = this.#direction.tally.busy;
    const began = performance.now();
    refused.push(...(await feed(this.#direction, operations, this.#options.feed)));
    if (this.#direction.tally.busy > busyBefore) reader.shrink();
    else reader.wrote(operations.length, performance.now() - began);
    if (refused.length > 0) await this.#options.keepRefused(refused);
    this.written += hits.length;
    this.#options.onCopied?.(hits.length);
  }
}

/** What the second index is to be sent for these documents. A dropped document is a delete with its stamp. */
export async function shape(
  direction: Direction,
  hits: readonly Hit[],
): Promise<{ readonly operations: FeedOperation[]; readonly refused: Refused[] }> {
  const operations: FeedOperation[] = [];
  const refused: Refused[] = [];
  for (const hit of hits) {
    const key = { id: hit.id, routing: hit.routing };
    const version = stampOf(direction.epoch, hit.term, hit.seqNo);
    const result = direction.reshape(hit.source as Buffer, key);
    const shaped = result instanceof Promise ? await result : result;
    if (shaped.type === 'refused') refused.push({ key, version, reason: shaped.reason });
    else if (shaped.type === 'drop') {
      direction.tally.dropped++;
      operations.push({ key, version, source: undefined });
    } else operations.push({ key, version, source: shaped.source });
  }
  return { operations, refused };
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
