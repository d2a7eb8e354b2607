// The coordinator's verification: compares every document of the leader, and every id of the follower, with
// the other index. A difference counts only after following has passed the document's last operation
// (docs/protocol.md, "Verification").
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
  /** The first fields that differ, as `path: value on the follower -> expected value`. */
  readonly fields: readonly string[];
  readonly repaired: boolean;
}

interface PendingDifference {
  readonly key: DocumentKey;
  /** The stamp of the leader's document when it was last found to differ. */
  readonly stamp: bigint;
  /** The difference, after it was repaired. The repair counts when the document is read again and is equal. */
  readonly mended?: Omit<Difference, 'repaired'> | undefined;
  readonly repairs?: number;
}

export interface RepairOptions extends FeedOptions {
  readonly keepRefused: (refused: readonly Refused[]) => Promise<void>;
}

const KEYS_AT_ONCE = 500;
const REPORTED_FIELDS = 5;
const MAX_REPAIRS = 2;

export class ContentVerification {
  readonly #replication: Replication;
  readonly #join: Join;
  readonly #seen = new SeenKeys();
  #missing: DocumentKey[] = [];
  readonly #circumstances: Circumstances;
  #pending: PendingDifference[] = [];
  readonly differences: Difference[] = [];
  nonDeterministicId: string | undefined;
  nonDeterministic = 0;
  compared = 0;
  /** The number of documents that came from the source of truth. Their state on the leader is older. */
  notCompared = 0;
  /** @param isRejected whether a document is reported as rejected, and so is not a difference */
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

  /** Whether all documents of both indexes have been compared once. */
  get read(): boolean {
    return this.#join.done;
  }

  get kept(): Iterable<DocumentKey> | undefined {
    return this.#seen.keys;
  }

  get done(): boolean {
    return this.read && this.#pending.length === 0;
  }

  get inDoubt(): number {
    return this.#pending.length;
  }

  /** How many documents still differ after repairs, because another program writes larger versions. */
  get unrepaired(): number {
    return this.#pending.filter(hasFailed).length;
  }

  /** @returns documents of the follower that the leader does not have */
  async slice(budgetMs: number): Promise<DocumentKey[]> {
    await this.#join.slice(budgetMs);
    return this.#missing.splice(0);
  }

  /** @param cursors the cursors of the last round of following */
  async recheck(cursors: readonly number[], options: RepairOptions): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (let start = 0; start < pending.length; start += KEYS_AT_ONCE)
      await this.#recheckPart(pending.slice(start, start + KEYS_AT_ONCE), cursors, options);
  }

  async #lookUp(met: readonly Hit[]): Promise<void> {
    const { leader, follower } = this.#replication;
    const hits = await withSources(leader, met);
    const docs = await getDocs(follower.cluster, follower.index, hits, { source: true });
    const shards = hits.map((hit) => shardOf(hit, leader));
    // Start all transforms before awaiting the first, so that an ingest pipeline gets one request for all documents.
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
   * Reads the follower before the leader. If the cursor has passed the operation that is read on the leader, the
   * follower already had it when it was read. In the other order, a write between the two reads would look like
   * a difference.
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
    // A repair must not copy an operation that a fail-over of the leader may still undo.
    if (!(await onLeader.confirm())) {
      this.#pending.push(...pending);
      return;
    }
    for (const [n, entry] of pending.entries()) {
      const hit = hits[n];
      // A document that was deleted, or has another routing now, is left to the comparison of ids.
      const there = hit?.found && hit.routing === entry.key.routing;
      const shard = shardOf(entry.key, leader);
      const counts = there && !isFromSourceOfTruth(this.#replication, hit, docs[n], shard);
      const kind = counts
        ? await this.#compare(hit, await shapeOf(this.#replication, hit), docs[n], shard)
        : undefined;
      if (!there || !kind) {
        if (entry.mended && !hasFailed(entry)) this.differences.push({ ...entry.mended, repaired: true });
      } else if (hit.seqNo > (cursors[shard] ?? -1)) {
        // If a later copy has replaced the state that differed, following works, and the document is no longer
        // pending: it changes more often than once per round.
        const follows = kind === 'stale' && (docs[n]?.version ?? 0n) >= entry.stamp && !entry.mended;
        if (!follows) this.#pending.push({ ...entry, stamp: this.#stamp(hit) });
      } else {
        const repairs = (entry.repairs ?? 0) + 1;
        if (entry.mended && repairs === MAX_REPAIRS + 1)
          this.differences.push({ ...entry.mended, repaired: false });
        const fields = await this.#repair({ key: entry.key, hit, doc: docs[n], repairs }, options);
        if (!fields) continue;
        const mended = entry.mended ?? { key: entry.key, kind, fields };
        this.#pending.push({ ...entry, mended, repairs });
      }
    }
  }

  /**
   * The first repair uses the stamp itself as version, so that a writer's copy in flight (the stamp plus one)
   * still wins. Later repairs must replace a document that another program has written, so they use the stamp
   * plus one, or the follower's version if that is larger.
   * @returns the fields that differed; undefined if the document is rejected now
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
    // A document with the same id, from another shard of the leader, may be in the same shard of the
    // follower. So all documents of this id are reconciled.
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

  /** Makes the document for the repair, and keeps fields that only the follower's shape has a place for. */
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

/** Whether the document still differs after all repairs. */
function hasFailed({ repairs = 0 }: PendingDifference): boolean {
  return repairs > MAX_REPAIRS;
}
