// Reads both indexes side by side as streams, and matches their documents in memory. Most pairs are found
// this way, since neighbours in the leader were written to the follower together. The caller reads the other
// documents by id.
import { hash } from 'node:crypto';
import { refresh } from '../../cluster/indices/refresh.js';
import { shardStats } from '../../cluster/indices/shardStats.js';
import { isTwindexError } from '../../errors.js';
import { type Replication, noteRouting, type Shaped } from '../../protocol/replication.js';
import type { Hit } from '../../documents/hits.js';
import { sameContent } from '../../json/json.js';
import { PageReader } from '../../documents/pageReader.js';
import { once } from '../../once.js';
import { agreesByVersion, shapeOf } from './compareDocument.js';

export interface JoinParts {
  readonly replication: Replication;
  /** Called with the number of the leader's documents that the follower has in the right state. */
  readonly onEqual: (documents: number) => void;
  /** Called with documents of the leader that differ from their counterpart, or for which none was found. */
  readonly onDiffering: (hits: readonly Hit[]) => Promise<void>;
  /** Called with documents of the follower for which no counterpart was found. */
  readonly onFollowerOnly: (hits: readonly Hit[]) => Promise<void>;
  /** Called with every document of the leader, and the document that the follower should have. */
  readonly onShaped?: ((hit: Hit, shaped: Shaped) => Promise<void>) | undefined;
  /** Called with all documents of the follower, in batches. */
  readonly onFollower?: ((hits: readonly Hit[]) => void) | undefined;
  readonly limits?: { readonly turn: number; readonly waiting: number } | undefined;
}

const TARGET_TURN_BYTES = 6 << 20;
/** A turn reads the same part of both indexes. If a turn has more bytes, a smaller part is read instead. */
const MOST_TURN_BYTES = 48 << 20;
const FIRST_TURN = 1_000;
const GROWTH = 4;
/**
 * `turn`: operations per turn. `waiting`: documents per index that wait for their counterpart (300 bytes
 * each). This limit is high: a back-fill copies several windows at once, so documents that are close together
 * in the leader may be far apart in the follower.
 */
const LIMITS = { turn: 10_000, waiting: 50_000 } as const;
const LOOK_UPS_AT_ONCE = 500;

interface Met {
  readonly hit: Hit;
  readonly shard: number;
}

/** A document whose counterpart has not been read yet. Its source is not kept. */
interface Waiting extends Met {
  /** Digest of the follower's source, or of the source that the follower should have. */
  readonly digest: string;
}

interface Turn {
  /** The share of both indexes that had been read at the end of this turn, from 0 to 1. */
  readonly part: number;
  readonly leader: readonly Met[];
  readonly follower: readonly Met[];
}

type Side = 'leader' | 'follower';
type Ends = Readonly<Record<Side, readonly number[]>>;

export class Join {
  readonly #parts: JoinParts;
  readonly #readers: Readonly<Record<Side, PageReader>>;
  #part = 0;
  /** Operations per turn, counted in the index that has more operations. */
  #size: number;
  readonly #limits: { readonly turn: number; readonly waiting: number };
  #next: Promise<Turn> | undefined;
  readonly #waiting: Readonly<Record<Side, Map<string, Waiting>>> = {
    leader: new Map(),
    follower: new Map(),
  };
  readonly #differing: Hit[] = [];
  readonly #followerOnly: Hit[] = [];
  /** False after a scroll was refused or lost. Then pages in the order of `_seq_no` are read. */
  #scrolls = true;
  done = false;

  constructor(parts: JoinParts) {
    const { leader, follower } = parts.replication;
    this.#parts = parts;
    this.#limits = parts.limits ?? LIMITS;
    this.#size = Math.min(FIRST_TURN, this.#limits.turn);
    this.#readers = {
      leader: new PageReader(leader.cluster, 'source'),
      follower: new PageReader(follower.cluster, 'versioned'),
    };
  }

  async slice(budgetMs: number): Promise<void> {
    const deadline = performance.now() + budgetMs;
    while (!this.done) {
      await this.#step(deadline);
      if (performance.now() > deadline) return;
    }
  }

  async #step(deadline: number): Promise<void> {
    // Do the reads that an earlier, failed step has left.
    await this.#lookUp();
    const end = await this.#ends();
    const part = this.#part;
    if (part === 1) {
      await this.#finish(end);
      this.done = true;
      return;
    }
    const next = this.#next ?? this.#read(part, end);
    // If this step fails, the turn is read again.
    this.#next = undefined;
    const turn = await next;
    // Read the next turn while this turn is compared, unless the time of the slice is over.
    const ahead = turn.part < 1 && performance.now() < deadline ? this.#read(turn.part, end) : undefined;
    ahead?.catch(() => undefined); // awaited only in the next step
    const shaped = await this.#shape(turn.leader);
    // From here on, nothing can fail until all documents of the turn are matched. So a step that fails and is
    // repeated leaves no document out.
    this.#match(turn, shaped);
    // oxlint-disable-next-line twindex/atomic-updates -- one slice runs at a time
    this.#part = turn.part;
    // oxlint-disable-next-line twindex/atomic-updates -- one slice runs at a time
    this.#next = ahead;
    await this.#lookUp();
  }

  /**
   * The last `_seq_no` of each shard at the beginning. Searches then find all operations up to it, and no
   * document that was deleted before. Later operations are read at the end.
   */
  readonly #ends = once(async (): Promise<Ends> => {
    const [first, second] = await Promise.all([this.#lastOf('leader'), this.#lastOf('follower')]);
    return { leader: first, follower: second };
  });

  async #lastOf(side: Side): Promise<number[]> {
    const { cluster, index, shards } = this.#parts.replication[side];
    const stats = await shardStats(cluster, index, shards);
    await refresh(cluster, index);
    return stats.map(({ maxSeqNo }) => maxSeqNo);
  }

  /** Reads the same share of each shard of both indexes. */
  async #read(from: number, ends: Ends): Promise<Turn> {
    for (;;) {
      const operations = this.#size;
      const part = Math.min(1, from + operations / operationsOf(ends));
      const [first, second] = await Promise.all([
        this.#readSide('leader', ends.leader, from, part),
        this.#readSide('follower', ends.follower, from, part),
      ]);
      if (first && second) {
        this.#adaptSize([...first, ...second], operations);
        return { part, leader: first, follower: second };
      }
      this.#size = Math.max(1, operations >> 3);
    }
  }

  #adaptSize(met: readonly Met[], operations: number): void {
    const bytes = met.reduce((sum, { hit }) => sum + (hit.source?.length ?? 0), 0);
    const factor = Math.min(GROWTH, TARGET_TURN_BYTES / Math.max(1, bytes));
    this.#size = Math.max(1, Math.min(this.#limits.turn, Math.round(operations * factor)));
  }

  /** @returns undefined when there are more bytes than may be kept in memory */
  async #readSide(side: Side, ends: readonly number[], from: number, to: number): Promise<Met[] | undefined> {
    const shards = ends.map(async (end, shard) => {
      const after = cursorAt(from, end);
      const upTo = cursorAt(to, end);
      const hits = upTo > after ? await this.#readRange(side, shard, { after, upTo }) : [];
      return hits?.map((hit) => ({ hit, shard }));
    });
    const met = await Promise.all(shards);
    return met.every((one) => one !== undefined) ? met.flat() : undefined;
  }

  async #readRange(side: Side, shard: number, range: Range): Promise<Hit[] | undefined> {
    // A turn of one operation can't be made smaller, however large the document is.
    const isSmallest = this.#size === 1;
    const { index } = this.#parts.replication[side];
    const reader = this.#readers[side];
    if (this.#scrolls) {
      try {
        return await collected(reader.stream(index, shard, range), isSmallest);
      } catch (error) {
        // do not report the error here: if the index itself has a problem, reading pages will fail as well
        if (!isTwindexError(error)) throw error;
        this.#scrolls = false;
      }
    }
    return await collected(reader.pages(index, shard, range), isSmallest);
  }

  /** @returns the documents that the follower should have */
  async #shape(first: readonly Met[]): Promise<readonly Shaped[]> {
    const { replication, onShaped } = this.#parts;
    noteRouting(
      replication,
      first.map(({ hit }) => hit),
    );
    // Start all transforms before awaiting the first, so that an ingest pipeline gets one request for all documents.
    const shaped = await Promise.all(first.map(({ hit }) => shapeOf(replication, hit)));
    if (onShaped) for (const [n, { hit }] of first.entries()) await onShaped(hit, shaped[n] as Shaped);
    return shaped;
  }

  #match({ leader, follower }: Turn, shaped: readonly Shaped[]): void {
    const { replication, onFollower, onEqual } = this.#parts;
    onFollower?.(follower.map(({ hit }) => hit));
    const here = new Map<string, { readonly met: Met; readonly source: Uint8Array }>();
    let equal = 0;
    for (const [n, met] of leader.entries()) {
      const becomes = shaped[n] as Shaped;
      // With a source of truth, the follower's version decides whether a document is compared. It is read by id.
      if (becomes.type !== 'index' || replication.sourceOfTruth) this.#differing.push(met.hit);
      else here.set(nameOf(met.hit), { met, source: becomes.source });
    }
    const note = (isSame: boolean, met: Met, { version }: Hit): void => {
      if (isSame && agreesByVersion(replication, met, version)) equal++;
      else this.#differing.push(met.hit);
    };
    for (const met of follower) {
      const name = nameOf(met.hit);
      const source = met.hit.source as Buffer;
      const now = here.get(name);
      const before = this.#waiting.leader.get(name);
      if (now) note(sameContent(now.source as Buffer, source), now.met, met.hit);
      else if (before) note(before.digest === digestOf(source), before, met.hit);
      else this.#wait('follower', met, source);
      here.delete(name);
      this.#waiting.leader.delete(name);
    }
    for (const [name, { met, source }] of here) {
      const before = this.#waiting.follower.get(name);
      if (before) note(before.digest === digestOf(source), met, before.hit);
      else this.#wait('leader', met, source);
      this.#waiting.follower.delete(name);
    }
    onEqual(equal);
    this.#giveUp(this.#limits.waiting);
  }

  #wait(side: Side, { hit, shard }: Met, source: Uint8Array | undefined): void {
    const { id, routing, seqNo, term, version } = hit;
    // The source is a view into a large response, which it would keep in memory.
    const kept: Hit = { id, routing, seqNo, term, version, source: undefined };
    this.#waiting[side].set(nameOf(hit), { hit: kept, shard, digest: digestOf(source) });
  }

  /** Queues the oldest waiting documents to be read by id, until only `most` are waiting. */
  #giveUp(most: number): void {
    for (const side of ['leader', 'follower'] as const) {
      const waiting = this.#waiting[side];
      for (const [name, { hit }] of waiting) {
        if (waiting.size <= most) break;
        waiting.delete(name);
        (side === 'leader' ? this.#differing : this.#followerOnly).push(hit);
      }
    }
  }

  async #lookUp(): Promise<void> {
    const { onDiffering, onFollowerOnly } = this.#parts;
    await inParts(this.#differing, onDiffering);
    await inParts(this.#followerOnly, onFollowerOnly);
  }

  /** Reads documents that were written meanwhile, since they may have left their range before it was read. */
  async #finish(end: Ends): Promise<void> {
    this.#giveUp(0);
    await this.#lookUp();
    for (const side of ['leader', 'follower'] as const) {
      const { cluster, index } = this.#parts.replication[side];
      await refresh(cluster, index);
      for (const [shard, after] of end[side].entries())
        for await (const hits of this.#readers[side].pages(index, shard, { after, upTo: undefined })) {
          if (side === 'follower') this.#parts.onFollower?.(hits);
          await (side === 'leader' ? this.#tail(hits) : this.#parts.onFollowerOnly(hits));
        }
    }
  }

  async #tail(hits: readonly Hit[]): Promise<void> {
    const { replication, onShaped, onDiffering } = this.#parts;
    noteRouting(replication, hits);
    if (onShaped) for (const hit of hits) await onShaped(hit, await shapeOf(replication, hit));
    await onDiffering(hits);
  }
}

interface Range {
  readonly after: number;
  readonly upTo: number;
}

function operationsOf(ends: Ends): number {
  const of = (side: readonly number[]): number => side.reduce((sum, end) => sum + end + 1, 0);
  return Math.max(1, of(ends.leader), of(ends.follower));
}

/** Documents for which `look` fails stay in the queue. */
async function inParts(queue: Hit[], look: (hits: readonly Hit[]) => Promise<void>): Promise<void> {
  while (queue.length > 0) {
    const some = queue.slice(0, LOOK_UPS_AT_ONCE);
    await look(some);
    queue.splice(0, some.length);
  }
}

/** The last operation of a shard that belongs to this share of it. */
const cursorAt = (part: number, end: number): number => Math.floor(part * (end + 1)) - 1;

/** @returns undefined when there are more bytes than may be kept in memory */
async function collected(
  pages: AsyncIterable<readonly Hit[]>,
  isSmallest: boolean,
): Promise<Hit[] | undefined> {
  const all: Hit[] = [];
  let bytes = 0;
  for await (const hits of pages) {
    all.push(...hits);
    bytes += hits.reduce((sum, { source }) => sum + (source?.length ?? 0), 0);
    if (bytes > MOST_TURN_BYTES && !isSmallest) return undefined;
  }
  return all;
}

/** A name that is different for each combination of id and routing. */
const nameOf = ({ id, routing }: Hit): string =>
  routing === undefined ? `u${id}` : `r${routing.length}:${routing}${id}`;

const digestOf = (source: Uint8Array | undefined): string => hash('sha1', source ?? '', 'base64');
