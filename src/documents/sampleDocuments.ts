// Samples live documents of an index: from every shard, and from its oldest writes to its newest.
import type { Cluster } from '../cluster/cluster.js';
import { indexRouting } from '../cluster/indices/indexRouting.js';
import { searchPage } from '../cluster/documents/searchPage.js';
import { shardStats } from '../cluster/indices/shardStats.js';
import { isTwindexError } from '../errors.js';
import { type Hit, parseHits } from './hits.js';
import type { SeqNoRange } from './seqNoRange.js';

const MAX_RANGES = 64;
/** A range with fewer documents is not worth a request. */
const WORTH_A_REQUEST = 20;
const MAX_PAGE = 500;
const TARGET_BYTES = 4 << 20;
const MAX_BYTES = 48 << 20;
const MAX_BYTES_OF_ONE = 512 << 20;

/**
 * Divides a shard's operations into ranges for its share of the sample: equal parts, and a last range with
 * the newest operations, where a change of the application is seen first.
 */
export function rangesOf(shard: number, maxSeqNo: number, share: number): SeqNoRange[] {
  const equal = Math.min(MAX_RANGES, Math.max(1, Math.floor(share / WORTH_A_REQUEST)));
  const newest = Math.max(-1, maxSeqNo - Math.ceil(share / (equal + 1)));
  const cuts = Array.from({ length: equal + 1 }, (_, n) => Math.round(((newest + 1) * n) / equal) - 1);
  return [...cuts.slice(1), maxSeqNo]
    .map((upTo, n) => ({ shard, after: cuts[n] as number, upTo }))
    .filter(({ after, upTo }) => upTo > after);
}

/**
 * Yields `count` documents, or all if there are fewer. A document that is written meanwhile is not yielded
 * twice, since its new `_seq_no` is above all ranges. Without a refresh, the newest documents may be missing.
 */
export async function* spreadDocuments(
  cluster: Cluster,
  index: string,
  count: number,
  signal: AbortSignal,
): AsyncGenerator<Hit[]> {
  const { shards } = await indexRouting(cluster, index);
  const stats = await shardStats(cluster, index, shards);
  const byShard = stats.map(({ maxSeqNo }, shard) => rangesOf(shard, maxSeqNo, count / shards));
  const batch = new Batch();
  const reader = new RangeReader(cluster, index, signal);
  let open = inTurns(byShard);
  let missing = count;
  // If a range has too few documents, more are taken from the other ranges in the next pass.
  while (missing > 0 && open.length > 0) {
    const share = Math.min(MAX_PAGE, Math.ceil(missing / open.length));
    const rest: SeqNoRange[] = [];
    for (const range of open) {
      if (missing === 0) break;
      const { hits, left } = await reader.read(range, Math.min(share, missing));
      if (left) rest.push(left);
      missing -= hits.length;
      batch.add(hits);
      if (batch.full) yield batch.take();
    }
    open = rest;
  }
  if (!batch.empty) yield batch.take();
}

function inTurns(byShard: readonly (readonly SeqNoRange[])[]): SeqNoRange[] {
  const longest = Math.max(0, ...byShard.map(({ length }) => length));
  return Array.from({ length: longest }, (_, n) =>
    byShard.flatMap((ranges) => ranges.slice(n, n + 1)),
  ).flat();
}

class Batch {
  #hits: Hit[] = [];
  #bytes = 0;

  get empty(): boolean {
    return this.#hits.length === 0;
  }

  get full(): boolean {
    return this.#hits.length >= MAX_PAGE || this.#bytes >= TARGET_BYTES;
  }

  add(hits: readonly Hit[]): void {
    for (const hit of hits) {
      this.#hits.push(hit);
      this.#bytes += hit.source?.length ?? 0;
    }
  }

  take(): Hit[] {
    const hits = this.#hits;
    this.#hits = [];
    this.#bytes = 0;
    return hits;
  }
}

class RangeReader {
  readonly #cluster: Cluster;
  readonly #index: string;
  readonly #signal: AbortSignal;
  #fitting = MAX_PAGE;

  constructor(cluster: Cluster, index: string, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#index = index;
    this.#signal = signal;
  }

  /** @returns the first documents of the range, and in `left` the rest of the range, if any */
  async read(
    range: SeqNoRange,
    wanted: number,
  ): Promise<{ hits: readonly Hit[]; left: SeqNoRange | undefined }> {
    for (;;) {
      const size = Math.min(wanted, this.#fitting);
      const body = await this.#search(range, size);
      if (!body) continue;
      const { hits } = parseHits(body);
      const last = hits.at(-1);
      if (last)
        this.#fitting = Math.max(
          1,
          Math.min(MAX_PAGE, Math.floor((TARGET_BYTES * hits.length) / body.length)),
        );
      const left = last && hits.length === size && last.seqNo < range.upTo;
      return { hits, left: left ? { ...range, after: last.seqNo } : undefined };
    }
  }

  /** @returns undefined if the page has to be smaller */
  async #search({ shard, after, upTo }: SeqNoRange, size: number): Promise<Buffer | undefined> {
    try {
      return await searchPage(this.#cluster, {
        index: this.#index,
        shard,
        after,
        upTo,
        size,
        fields: 'source',
        maxBytes: size === 1 ? MAX_BYTES_OF_ONE : MAX_BYTES,
        signal: this.#signal,
      });
    } catch (error) {
      // `rejected`: the index may have a smaller `index.max_result_window`.
      if (size === 1 || !isTwindexError(error, 'too_large', 'rejected')) throw error;
      this.#fitting = Math.max(1, size >> 2);
      return undefined;
    }
  }
}
