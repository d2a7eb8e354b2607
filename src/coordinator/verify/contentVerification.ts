// Every live document of the leader against the follower, by stamp and content, and every id of the follower against the leader. A
// document that differs is looked at again after following has caught up; only what is different although following has passed it counts.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { Confirmation } from '../../protocol/confirm.js';
import { type Replication, type Refused, reconcilesIds, type Shaped } from '../../protocol/replication.js';
import { feed, type FeedOptions } from '../follow/feedWriter.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { keepRicher } from '../../protocol/keepRicher.js';
import { missingOf, SeenKeys } from '../follow/compareIds.js';
import { reconcile } from '../follow/reconcile.js';
import { asTheyAre } from '../../protocol/reshape.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isFromSourceOfTruth } from '../follow/truthExemptions.js';
import { Join } from './join.js';
import { withSources } from './pageComparison.js';
import {
  type Circumstances,
  type DifferenceKind,
  differingFields,
  isDifference,
  compareDocument,
  shapeOf,
  stampOfHit,
} from './compareDocument.js';

export interface Difference {
  readonly key: DocumentKey;
  readonly kind: DifferenceKind;
  /** The first fields that differ, as `path: before -> after`. */
  readonly fields: readonly string[];
  readonly repaired: boolean;
}

interface PendingDifference {
  readonly key: DocumentKey;
  /** Of the leader's document when it was last found to differ. */
  readonly stamp: bigint;
  /** It was mended, and is looked at once more: a repair is only believed when it is seen. */
  readonly mended?: Omit<Difference, 'repaired'> | undefined;
  /** How often. */
  readonly repairs?: number;
}

export interface RepairOptions extends FeedOptions {
  /** Documents that can't be repaired, as they are refused. */
  readonly keepRefused: (refused: readonly Refused[]) => Promise<void>;
}

const KEYS_AT_ONCE = 500;
const REPORTED_FIELDS = 5;
/** Repairs of one document before it is said that it can't be repaired. */
const TRIES = 2;

export class ContentVerification {
  readonly #replication: Replication;
  readonly #join: Join;
  readonly #seen = new SeenKeys();
  #missing: DocumentKey[] = [];
  readonly #circumstances: Circumstances;
  #pending: PendingDifference[] = [];
  readonly differences: Difference[] = [];
  /** Of the first document that the transform changes in another way each time. */
  nonDeterministicId: string | undefined;
  /** So many of those could not be compared. */
  nonDeterministic = 0;
  compared = 0;
  /** From the source of truth: the leader has an older state. */
  notCompared = 0;
  /** @param isRejected documents that are reported as rejected ones, and so are no differences */
  constructor(replication: Replication, isRejected: (key: DocumentKey) => boolean) {
    this.#replication = replication;
    this.#circumstances = {
      isRejected,
      onNonDeterministic: (id) => {
        this.nonDeterministicId ??= id;
        this.nonDeterministic++;
      },
    };
    this.#join = new Join({
      replication,
      onEqual: (documents) => {
        this.compared += documents;
      },
      onDiffering: (hits) => this.#lookUp(hits),
      onFollowerOnly: async (hits) => {
        const keys = hits.map(({ id, routing }) => ({ id, routing }));
        this.#missing.push(...(await missingOf(replication, keys)));
      },
      onFollower: (hits) => this.#seen.add(hits),
    });
  }

  /** All documents of both indexes have been compared once. */
  get read(): boolean {
    return this.#join.done;
  }

  /** Every id that the follower had; undefined when they are too many. */
  get kept(): Iterable<DocumentKey> | undefined {
    return this.#seen.keys;
  }

  /** All are compared, and none is pending. */
  get done(): boolean {
    return this.read && this.#pending.length === 0;
  }

  get inDoubt(): number {
    return this.#pending.length;
  }

  /** What stays different although it was mended: somebody wrote it with a version above ours. */
  get unrepaired(): number {
    return this.#pending.filter(hasFailed).length;
  }

  /** Compares for about so long. @returns what the leader does not have, of the documents that were compared */
  async slice(budgetMs: number): Promise<DocumentKey[]> {
    await this.#join.slice(budgetMs);
    return this.#missing.splice(0);
  }

  /**
   * Looks at the pending documents again.
   * @param cursors where the round of following that ended last has come to
   */
  async recheck(cursors: readonly number[], options: RepairOptions): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (let start = 0; start < pending.length; start += KEYS_AT_ONCE)
      await this.#recheckPart(pending.slice(start, start + KEYS_AT_ONCE), cursors, options);
  }

  /** Of the leader. */
  async #lookUp(met: readonly Hit[]): Promise<void> {
    const { leader, follower } = this.#replication;
    const hits = await withSources(leader, met);
    const docs = await getDocs(follower.cluster, follower.index, hits, { source: true });
    const shards = hits.map((hit) => shardOf(hit, leader));
    // all of them before the first is waited for: what a pipeline changes goes there together
    const comparable = [...hits.entries()].filter(
      ([n, hit]) => !isFromSourceOfTruth(this.#replication, hit, docs[n], shards[n] as number),
    );
    const shaped = await Promise.all(comparable.map(([, hit]) => shapeOf(this.#replication, hit)));
    for (const [at, [n, hit]] of comparable.entries()) {
      const kind = await this.#compare(hit, shaped[at] as Shaped, docs[n], shards[n] as number);
      if (!kind) continue;
      const key = { id: hit.id, routing: hit.routing };
      this.#pending.push({ key, stamp: this.#stamp(hit) });
    }
    this.compared += comparable.length;
    this.notCompared += hits.length - comparable.length;
  }

  /** What is wrong with the follower's document; undefined when nothing is. */
  async #compare(
    hit: Hit,
    shaped: Shaped,
    doc: Doc | undefined,
    shard: number,
  ): Promise<DifferenceKind | undefined> {
    const result = await compareDocument(this.#replication, { hit, shard, shaped, doc }, this.#circumstances);
    return isDifference(result) ? result : undefined;
  }

  /**
   * The follower is read before the leader: a document that the cursor has passed, and that is on the leader as it was then,
   * must have been on the follower. In the other order a write in between would be taken for a difference.
   */
  async #recheckPart(
    pending: readonly PendingDifference[],
    cursors: readonly number[],
    options: RepairOptions,
  ): Promise<void> {
    const { leader, follower } = this.#replication;
    const keys = pending.map(({ key }) => key);
    const onLeader = await Confirmation.begin(leader.cluster, leader);
    const docs = await getDocs(follower.cluster, follower.index, keys, { source: true });
    const hits = await getDocs(leader.cluster, leader.index, keys, { source: true });
    // what a fail-over may still take back must not be repaired to
    if (!(await onLeader.confirm())) {
      this.#pending.push(...pending);
      return;
    }
    for (const [n, entry] of pending.entries()) {
      const hit = hits[n];
      // deleted meanwhile, or under another routing: the id comparison's matter
      const there = hit?.found && hit.routing === entry.key.routing;
      const shard = shardOf(entry.key, leader);
      const counts = there && !isFromSourceOfTruth(this.#replication, hit, docs[n], shard);
      const kind = counts
        ? await this.#compare(hit, await shapeOf(this.#replication, hit), docs[n], shard)
        : undefined;
      if (!there || !kind) {
        if (entry.mended && !hasFailed(entry)) this.differences.push({ ...entry.mended, repaired: true });
      } else if (hit.seqNo > (cursors[shard] ?? -1)) {
        // it moves faster than a round: what it differed in has been overwritten there by something newer
        const follows = kind === 'stale' && (docs[n]?.version ?? 0n) >= entry.stamp && !entry.mended;
        if (!follows) this.#pending.push({ ...entry, stamp: this.#stamp(hit) });
      } else {
        const repairs = (entry.repairs ?? 0) + 1;
        if (entry.mended && repairs === TRIES + 1)
          this.differences.push({ ...entry.mended, repaired: false });
        const fields = await this.#repair({ key: entry.key, hit, doc: docs[n], repairs }, options);
        if (!fields) continue;
        const mended = entry.mended ?? { key: entry.key, kind, fields };
        this.#pending.push({ ...entry, mended, repairs });
      }
    }
  }

  /**
   * First with the stamp itself: a copy with the lowest bit may be on its way, which must not be refused. Then with the version
   * that a foreign write or delete has made of ours, and still below that of the next operation.
   * @returns the fields that differed; undefined when it is a rejected document now
   */
  async #repair(
    { key, hit, doc, repairs }: { key: DocumentKey; hit: Hit; doc: Doc | undefined; repairs: number },
    options: RepairOptions,
  ): Promise<string[] | undefined> {
    const shaped = await this.#shapeToRepair(hit, doc);
    if (shaped.type === 'refused') {
      await options.keepRefused([{ key, version: this.#stamp(hit), reason: shaped.reason }]);
      return undefined;
    }
    // In the place of this document there may be another one of the same id, which belongs to another shard of the leader.
    if (reconcilesIds(this.#replication)) {
      const refused = (await reconcile(this.#replication, [key], options, true))?.refused ?? [];
      await options.keepRefused(refused);
      if (refused.some((one) => one.key.id === key.id && one.key.routing === key.routing)) return undefined;
      return differingFields(shaped, doc, REPORTED_FIELDS);
    }
    const ours = this.#stamp(hit) + (repairs === 1 ? 0n : 1n);
    const above = repairs > 1 && doc?.found && doc.version !== undefined && doc.version > ours;
    const version = above ? doc.version : ours;
    const source = shaped.type === 'index' ? shaped.source : undefined;
    const refused = await feed(this.#replication, [{ key, version, source }], { ...options, orEqual: true });
    if (refused.length > 0) {
      await options.keepRefused(refused);
      return undefined;
    }
    return differingFields(shaped, doc, REPORTED_FIELDS);
  }

  /** Of a document that holds more than can be made of the leader's document, only what can be made of that is repaired. */
  async #shapeToRepair(hit: Hit, doc: Doc | undefined): Promise<Shaped> {
    const { reshape: there, reshapeBack: back } = this.#replication;
    const key = { id: hit.id, routing: hit.routing };
    const isOwn = doc?.found && doc.version === this.#stamp(hit) + 1n && doc.routing === hit.routing;
    if (!isOwn || !doc.source || there === asTheyAre) return await shapeOf(this.#replication, hit);
    const before = await back(doc.source, key);
    if (before.type !== 'index') return await shapeOf(this.#replication, hit);
    const change = { before: before.source as Buffer, after: hit.source as Buffer };
    const kept = await keepRicher(doc.source, change, key, { there, back });
    return kept.type === 'merged' ? { type: 'index', source: kept.source } : kept.shaped;
  }

  #stamp(hit: Hit): bigint {
    return stampOfHit(this.#replication, hit);
  }
}

/** It was mended, in both ways, and differed all the same. */
function hasFailed({ repairs = 0 }: PendingDifference): boolean {
  return repairs > TRIES;
}
