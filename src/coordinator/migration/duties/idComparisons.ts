// Decides when the ids of both indexes are compared, to find deletes that were missed, and deletes the
// documents that only the follower has.
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { shardStats } from '../../../cluster/indices/shardStats.js';
import { keepsShards, mergesShards, reconcilesIds, type Replication } from '../../../protocol/replication.js';
import { IdComparison } from '../../follow/compareIds.js';
import { resync } from '../../follow/resync.js';
import { withoutExpectedExtras } from '../../follow/truthExemptions.js';
import { withoutDropped } from '../../follow/withoutDropped.js';
import { ContentVerification } from '../../verify/contentVerification.js';
import type { Context } from '../context.js';
import { now } from '../../../clock.js';

const IDLE_MS = 1_000;
const RARE_MS = 5_000;
const SELDOM_MS = 30_000;

interface Begun {
  /** The leader's delete counters at the beginning. */
  readonly baseline: string;
  readonly beganAt: number;
  /** By shard of the follower: its `max_seq_no` at the beginning. Later documents are not compared. */
  readonly seqNos: readonly number[];
}

export class IdComparisons {
  readonly #context: Context;
  readonly #replication: Replication;
  #running: (Begun & { readonly work: IdComparison | ContentVerification }) | undefined;
  #last: (Begun & { readonly endedAt: number }) | undefined;
  /** The keys that the last complete comparison has found on the follower. */
  #kept: Iterable<DocumentKey> | undefined;
  /** Keys that were written to the follower between the beginnings of the last two comparisons. */
  #fedBefore: readonly DocumentKey[] | undefined;
  /** A comparison that began before this time does not count. */
  #since = Number.NEGATIVE_INFINITY;
  #deleteCounters = '';

  constructor(context: Context, replication: Replication) {
    this.#context = context;
    this.#replication = replication;
  }

  /** The last complete comparison of this coordinator since the roles were last exchanged. */
  get last(): (Begun & { readonly endedAt: number }) | undefined {
    return this.#last;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get isCurrent(): boolean {
    return this.hasBegunSince(this.#since);
  }

  /** Whether the last complete comparison began after this time. */
  hasBegunSince(at: number): boolean {
    return this.#last !== undefined && this.#last.beganAt >= at;
  }

  /** Whether there were deletes on the leader since the ids were last compared. */
  get deletesPending(): boolean {
    return this.#last?.baseline !== this.#deleteCounters;
  }

  /** All keys that can be on the follower; undefined if they are unknown or too many for memory. */
  get knownKeys(): Iterable<DocumentKey> | undefined {
    const { fed } = this.#context.tally;
    return this.#kept && this.#fedBefore && fed && chained(this.#kept, this.#fedBefore, fed);
  }

  isReading(verification: ContentVerification): boolean {
    return this.#running?.work === verification;
  }

  /** Makes another comparison necessary, even without deletes. @returns the time after which it must begin */
  demand(): number {
    this.#since = now();
    return this.#since;
  }

  /**
   * @param verify starts the verification that is due. It reads every document, so it compares the ids as
   * well
   * @returns how many documents were deleted
   */
  async slice(budgetMs: number, verify: (() => Promise<ContentVerification>) | undefined): Promise<number> {
    const baseline = await this.#readDeleteCounters();
    this.#deleteCounters = baseline;
    if (!this.#running && !verify && !this.#isDue) return 0;
    // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two slices at once
    this.#running ??= await this.#begin(baseline, verify);
    const { work, ...begun } = this.#running;
    const missing = await readSlice(this.#context, work, budgetMs);
    const reconciled = await this.reconcile(missing);
    // If the ids that this slice found were not reconciled, the comparison begins again to find them.
    // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two slices at once
    if (reconciled === undefined || work.read) this.#running = undefined;
    if (reconciled === undefined) return 0;
    if (!work.read) return reconciled;
    this.#last = { ...begun, endedAt: now() };
    this.#kept = work.kept;
    this.#fedBefore = [];
    return reconciled;
  }

  async #readDeleteCounters(): Promise<string> {
    const { leader } = this.#replication;
    const shards = await shardStats(leader.cluster, leader.index, leader.shards);
    const deletes = shards.map((shard) => shard.deletes);
    // If one shard of the leader corresponds to several of the follower, a write with another routing can
    // replace a document on the leader without a delete, and leave the old copy on the follower.
    return (keepsShards(this.#replication) ? deletes : [...deletes, this.#context.tally.routedCopies]).join();
  }

  /** Whether to compare ids, usually because the counters show a delete. This takes at most half of the time. */
  get #isDue(): boolean {
    if (!this.#last || !this.isCurrent) return true;
    const tookMs = this.#last.endedAt - this.#last.beganAt;
    const agoMs = now() - this.#last.endedAt;
    // Compare now and then: the counters do not show that a late copy has left a document on the follower.
    if (reconcilesIds(this.#replication) && agoMs > Math.max(SELDOM_MS, 9 * tookMs)) return true;
    // If the writers copy all deletes, comparing ids takes at most a tenth of the time.
    const { mirrored, bypassed } = this.#context.generations.view;
    const pauseMs = mirrored && !bypassed ? Math.max(RARE_MS, 9 * tookMs) : Math.max(IDLE_MS, tookMs);
    return this.deletesPending && agoMs > pauseMs;
  }

  async #begin(baseline: string, verify: (() => Promise<ContentVerification>) | undefined) {
    const { cluster, index, shards } = this.#replication.follower;
    const seqNos = mergesShards(this.#replication)
      ? (await shardStats(cluster, index, shards)).map(({ maxSeqNo }) => maxSeqNo)
      : [];
    const work = verify ? await verify() : new IdComparison(this.#replication);
    this.#fedBefore = this.#context.tally.fed;
    this.#context.tally.fed = [];
    return { work, baseline, beganAt: now(), seqNos };
  }

  /** @returns how many documents were deleted; undefined after repeated fail-overs, or if aliases were moved */
  async reconcile(missing: readonly DocumentKey[]): Promise<number | undefined> {
    const keys = await this.#withoutDropped(await withoutExpectedExtras(this.#replication, missing));
    if (keys.length === 0) return 0;
    // If an alias was moved, clients may have written these documents to the follower directly: keep them.
    if ((await this.#context.haltIfMoved()) !== undefined) return undefined;
    const result = await resync(this.#replication, keys, this.#context.feedOptions);
    if (result && result.refused.length > 0) await this.#context.keepRefused(result.refused);
    return result?.deleted;
  }

  /** Leaves out documents that the transform dropped. After the switch only the source has and keeps them. */
  async #withoutDropped(missing: readonly DocumentKey[]): Promise<readonly DocumentKey[]> {
    const { record } = this.#context;
    if (!record.drops || record.leader === 'source' || missing.length === 0) return missing;
    return await withoutDropped(this.#replication, missing);
  }
}

/** @returns the keys that only the follower has */
export async function readSlice(
  { meter }: Pick<Context, 'meter'>,
  work: IdComparison | ContentVerification,
  budgetMs: number,
): Promise<DocumentKey[]> {
  const missing = await work.slice(budgetMs);
  if (work instanceof ContentVerification) meter.set(work.compared + work.notCompared);
  return missing;
}

function* chained<T>(...parts: readonly Iterable<T>[]): Generator<T> {
  for (const part of parts) yield* part;
}
