// Every live document of the first index against the second, by stamp and content, and every id of the second against the first. A
// document that differs is looked at again after following has caught up; only what is different although following has passed it counts.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { Confirmation } from '../../protocol/confirm.js';
import { type Direction, type Refused, reconcilesIds, type Shaped } from '../../protocol/replication.js';
import { feed, type FeedOptions } from '../follow/feedWriter.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { keepRicher } from '../../protocol/keepRicher.js';
import { missingOf, SeenKeys } from '../follow/compareIds.js';
import { reconcile } from '../follow/reconcile.js';
import { asTheyAre } from '../../protocol/reshape.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isFromTruth } from '../follow/truthExemptions.js';
import { Join } from './join.js';
import { withSources } from './pageComparison.js';
import {
  type Circumstances,
  type DifferenceKind,
  differingFields,
  isDifference,
  judge,
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

interface Suspect {
  readonly key: DocumentKey;
  /** Of the first index's document when it was last found to differ. */
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
  readonly #direction: Direction;
  readonly #join: Join;
  readonly #seen = new SeenKeys();
  #missing: DocumentKey[] = [];
  readonly #circumstances: Circumstances;
  #suspects: Suspect[] = [];
  readonly differences: Difference[] = [];
  /** Of the first document that the transform changes in another way each time. */
  whim: string | undefined;
  /** So many of those could not be compared. */
  nonDeterministic = 0;
  compared = 0;
  /** From the source of truth: the first index has an older state. */
  notCompared = 0;
  /** @param isRejected documents that are reported as rejected ones, and so are no differences */
  constructor(direction: Direction, isRejected: (key: DocumentKey) => boolean) {
    this.#direction = direction;
    this.#circumstances = {
      isRejected,
      onWhim: (id) => {
        this.whim ??= id;
        this.nonDeterministic++;
      },
    };
    this.#join = new Join({
      direction,
      onEqual: (documents) => {
        this.compared += documents;
      },
      onDoubtful: (hits) => this.#lookUp(hits),
      onAlone: async (hits) => {
        const keys = hits.map(({ id, routing }) => ({ id, routing }));
        this.#missing.push(...(await missingOf(direction, keys)));
      },
      onSecond: (hits) => this.#seen.add(hits),
    });
  }

  /** All documents of both indexes have been compared once. */
  get read(): boolean {
    return this.#join.done;
  }

  /** Every id that the second index had; undefined when they are too many. */
  get kept(): Iterable<DocumentKey> | undefined {
    return this.#seen.keys;
  }

  /** All are compared, and none is in doubt. */
  get done(): boolean {
    return this.read && this.#suspects.length === 0;
  }

  get inDoubt(): number {
    return this.#suspects.length;
  }

  /** What stays different although it was mended: somebody wrote it with a version above ours. */
  get unrepaired(): number {
    return this.#suspects.filter(hasFailed).length;
  }

  /** Compares for about so long. @returns what the first index does not have, of the documents that were compared */
  async slice(budgetMs: number): Promise<DocumentKey[]> {
    await this.#join.slice(budgetMs);
    return this.#missing.splice(0);
  }

  /**
   * Looks at the documents in doubt again.
   * @param cursors where the round of following that ended last has come to
   */
  async recheck(cursors: readonly number[], options: RepairOptions): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = [];
    for (let start = 0; start < suspects.length; start += KEYS_AT_ONCE)
      await this.#recheckPart(suspects.slice(start, start + KEYS_AT_ONCE), cursors, options);
  }

  /** Of the first index. */
  async #lookUp(met: readonly Hit[]): Promise<void> {
    const { first, second } = this.#direction;
    const hits = await withSources(first, met);
    const docs = await getDocs(second.cluster, second.index, hits, { source: true });
    const shards = hits.map((hit) => shardOf(hit, first));
    // all of them before the first is waited for: what a pipeline changes goes there together
    const comparable = [...hits.entries()].filter(
      ([n, hit]) => !isFromTruth(this.#direction, hit, docs[n], shards[n] as number),
    );
    const shaped = await Promise.all(comparable.map(([, hit]) => shapeOf(this.#direction, hit)));
    for (const [at, [n, hit]] of comparable.entries()) {
      const kind = await this.#compare(hit, shaped[at] as Shaped, docs[n], shards[n] as number);
      if (!kind) continue;
      const key = { id: hit.id, routing: hit.routing };
      this.#suspects.push({ key, stamp: this.#stamp(hit) });
    }
    this.compared += comparable.length;
    this.notCompared += hits.length - comparable.length;
  }

  /** What is wrong with the second index's document; undefined when nothing is. */
  async #compare(
    hit: Hit,
    shaped: Shaped,
    doc: Doc | undefined,
    shard: number,
  ): Promise<DifferenceKind | undefined> {
    const verdict = await judge(this.#direction, { hit, shard, shaped, doc }, this.#circumstances);
    return isDifference(verdict) ? verdict : undefined;
  }

  /**
   * The second index is read before the first: a document that the cursor has passed, and that is on the first as it was then,
   * must have been on the second. In the other order a write in between would be taken for a difference.
   */
  async #recheckPart(
    suspects: readonly Suspect[],
    cursors: readonly number[],
    options: RepairOptions,
  ): Promise<void> {
    const { first, second } = this.#direction;
    const keys = suspects.map(({ key }) => key);
    const onFirst = await Confirmation.begin(first.cluster, first);
    const docs = await getDocs(second.cluster, second.index, keys, { source: true });
    const hits = await getDocs(first.cluster, first.index, keys, { source: true });
    // what a fail-over may still take back must not be repaired to
    if (!(await onFirst.confirm())) {
      this.#suspects.push(...suspects);
      return;
    }
    for (const [n, suspect] of suspects.entries()) {
      const hit = hits[n];
      // deleted meanwhile, or under another routing: the id comparison's matter
      const there = hit?.found && hit.routing === suspect.key.routing;
      const shard = shardOf(suspect.key, first);
      const counts = there && !isFromTruth(this.#direction, hit, docs[n], shard);
      const kind = counts
        ? await this.#compare(hit, await shapeOf(this.#direction, hit), docs[n], shard)
        : undefined;
      if (!there || !kind) {
        if (suspect.mended && !hasFailed(suspect))
          this.differences.push({ ...suspect.mended, repaired: true });
      } else if (hit.seqNo > (cursors[shard] ?? -1)) {
        // it moves faster than a round: what it differed in has been overwritten there by something newer
        const follows = kind === 'stale' && (docs[n]?.version ?? 0n) >= suspect.stamp && !suspect.mended;
        if (!follows) this.#suspects.push({ ...suspect, stamp: this.#stamp(hit) });
      } else {
        const repairs = (suspect.repairs ?? 0) + 1;
        if (suspect.mended && repairs === TRIES + 1)
          this.differences.push({ ...suspect.mended, repaired: false });
        const fields = await this.#repair({ key: suspect.key, hit, doc: docs[n], repairs }, options);
        if (!fields) continue;
        const mended = suspect.mended ?? { key: suspect.key, kind, fields };
        this.#suspects.push({ ...suspect, mended, repairs });
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
    if (reconcilesIds(this.#direction)) {
      const refused = (await reconcile(this.#direction, [key], options, true))?.refused ?? [];
      await options.keepRefused(refused);
      if (refused.some((one) => one.key.id === key.id && one.key.routing === key.routing)) return undefined;
      return differingFields(shaped, doc, REPORTED_FIELDS);
    }
    const ours = this.#stamp(hit) + (repairs === 1 ? 0n : 1n);
    const above = repairs > 1 && doc?.found && doc.version !== undefined && doc.version > ours;
    const version = above ? doc.version : ours;
    const source = shaped.type === 'index' ? shaped.source : undefined;
    const refused = await feed(this.#direction, [{ key, version, source }], { ...options, orEqual: true });
    if (refused.length > 0) {
      await options.keepRefused(refused);
      return undefined;
    }
    return differingFields(shaped, doc, REPORTED_FIELDS);
  }

  /** Of a document that holds more than can be made of the first index's document, only what can be made of that is repaired. */
  async #shapeToRepair(hit: Hit, doc: Doc | undefined): Promise<Shaped> {
    const { reshape: there, reshapeBack: back } = this.#direction;
    const key = { id: hit.id, routing: hit.routing };
    const isOwn = doc?.found && doc.version === this.#stamp(hit) + 1n && doc.routing === hit.routing;
    if (!isOwn || !doc.source || there === asTheyAre) return await shapeOf(this.#direction, hit);
    const before = await back(doc.source, key);
    if (before.type !== 'index') return await shapeOf(this.#direction, hit);
    const change = { before: before.source as Buffer, after: hit.source as Buffer };
    const kept = await keepRicher(doc.source, change, key, { there, back });
    return kept.type === 'merged' ? { type: 'index', source: kept.source } : kept.shaped;
  }

  #stamp(hit: Hit): bigint {
    return stampOfHit(this.#direction, hit);
  }
}

/** It was mended, in both ways, and differed all the same. */
function hasFailed({ repairs = 0 }: Suspect): boolean {
  return repairs > TRIES;
}
