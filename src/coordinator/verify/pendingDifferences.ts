// Documents that differed when they were met. Each is looked at again and again, until it is equal, or following has passed
// what it differs in: only that is a difference.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { Confirmation } from '../../protocol/confirm.js';
import type { Direction } from '../../protocol/replication.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isReconciled, operationOf } from '../../protocol/stamp.js';
import { withoutDropped } from '../follow/withoutDropped.js';
import { isFromTruth, withoutRightful } from '../follow/truthExemptions.js';
import type { Findings } from './findings.js';
import {
  type Circumstances,
  type DifferenceKind,
  differingFields,
  isDifference,
  judge,
  shapeOf,
  stampOfHit,
} from './compareDocument.js';
import type { Instant, Progress } from './coordinatorProgress.js';

interface Doubt {
  readonly key: DocumentKey;
  /** It was met on the first index, and counts there. */
  readonly counted: boolean;
  /** Of the second index's document, when it was last seen to differ; 0 when it was missing. */
  version: bigint;
  /** Of the first index's document, as it was seen; the last ones. */
  states: readonly Hit[];
  /** What is wrong as far as was seen last. */
  wrong?: { readonly kind: DifferenceKind; readonly fields: readonly string[]; readonly above: boolean };
  /** Since it was seen that only the second index has it. */
  extra?: Extra | undefined;
}

interface Extra {
  readonly mark: Instant;
  /** Of the second index's document at the mark. */
  readonly version: bigint;
  /** How often it was seen after a mark had passed. */
  readonly sightings: number;
}

export interface Surroundings {
  readonly direction: Direction;
  readonly witness: Progress;
  readonly findings: Findings;
  /** On the way back: documents that only the second index has may have been dropped. */
  readonly dropsBack: boolean;
  /** How documents are read; `getDocs` when left out. */
  readonly read?: typeof getDocs;
}

const KEYS_AT_ONCE = 500;
const KEPT_STATES = 3;
const REPORTED_FIELDS = 5;
/**
 * A comparison of ids leaves a document that is on the first index at that moment, and it may be deleted right after. One
 * comparison that has left a document on the second index does not prove, therefore, that the document is extra: two of them
 * must have left it, in the same version.
 */
const EXTRA_SIGHTINGS = 2;

export class Doubts {
  readonly #around: Surroundings;
  readonly #open = new Map<string, Doubt>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @param hit of the first index; undefined when only the second has the document */
  add(key: DocumentKey, hit: Hit | undefined, doc: Doc | undefined): void {
    const name = nameOf(key);
    if (this.#open.has(name)) return;
    const states = hit ? [kept(hit)] : [];
    this.#open.set(name, { key, counted: hit !== undefined, version: versionOf(doc), states });
  }

  /** At all of them, after the witness has looked. */
  async look(circumstances: Circumstances): Promise<void> {
    const doubts = [...this.#open.values()];
    for (let start = 0; start < doubts.length; start += KEYS_AT_ONCE)
      await this.#lookAtPart(doubts.slice(start, start + KEYS_AT_ONCE), circumstances);
  }

  /** What is still in doubt will not be decided. */
  end(): void {
    const { findings } = this.#around;
    for (const { key, counted, wrong, states } of this.#open.values()) {
      // no operation of the first index can have given it that version
      if (wrong?.above) findings.add(key, wrong.kind, wrong.fields, counted);
      else findings.leave(states.length > 1 ? 'moving' : 'behind', counted);
    }
    this.#open.clear();
  }

  /**
   * The second index is read before the first: a document that following has passed, and that is on the first as it was then,
   * must have been on the second (as in ContentVerification).
   */
  async #lookAtPart(doubts: readonly Doubt[], circumstances: Circumstances): Promise<void> {
    const { direction, read = getDocs } = this.#around;
    const { first, second } = direction;
    const keys = doubts.map(({ key }) => key);
    const onFirst = await Confirmation.begin(first.cluster, first);
    const docs = await read(second.cluster, second.index, keys, { source: true });
    const hits = await read(first.cluster, first.index, keys, { source: true });
    if (!(await onFirst.confirm())) return;
    const onlySecond: { doubt: Doubt; hit: Doc; doc: Doc }[] = [];
    for (const [n, doubt] of doubts.entries()) {
      const [hit, doc] = [hits[n] as Doc, docs[n] as Doc];
      if (hit.found && hit.routing === doubt.key.routing) await this.#compare(doubt, hit, doc, circumstances);
      else if (doc.found && doc.routing === doubt.key.routing) onlySecond.push({ doubt, hit, doc });
      else this.#close(doubt); // it is on neither
    }
    await this.#lookAtExtra(onlySecond);
  }

  async #compare(doubt: Doubt, hit: Doc, doc: Doc, circumstances: Circumstances): Promise<void> {
    const { direction, findings, witness } = this.#around;
    const shard = shardOf(doubt.key, direction.first);
    this.#unmark(doubt);
    if (isFromTruth(direction, hit, doc, shard)) {
      findings.leave('notCompared', doubt.counted);
      this.#close(doubt);
      return;
    }
    const shaped = await shapeOf(direction, hit);
    const verdict = await judge(direction, { hit, shard, shaped, doc }, circumstances);
    if (!isDifference(verdict)) {
      if (verdict !== 'equal') findings.leave(verdict, doubt.counted);
      this.#close(doubt);
      return;
    }
    const fields = [...routingFields(hit, doc), ...differingFields(shaped, doc, REPORTED_FIELDS)];
    if (hit.seqNo <= (witness.cursors[shard] ?? -1)) {
      findings.add(doubt.key, verdict, fields, doubt.counted);
      this.#close(doubt);
      return;
    }
    if (await this.#equalsEarlier(doubt, doc, shard, circumstances)) {
      this.#close(doubt);
    } else if (this.#hasMoved(doubt, hit, doc)) {
      findings.leave('moving', doubt.counted);
      this.#close(doubt);
    } else {
      doubt.wrong = { kind: verdict, fields, above: isAbove(direction, hit, doc) };
      doubt.version = versionOf(doc);
      if (doubt.states.at(-1)?.seqNo !== hit.seqNo)
        doubt.states = [...doubt.states, kept(hit)].slice(-KEPT_STATES);
    }
  }

  /** As the first index was when we looked before: following will bring what has come since. */
  async #equalsEarlier(
    doubt: Doubt,
    doc: Doc,
    shard: number,
    circumstances: Circumstances,
  ): Promise<boolean> {
    const { direction } = this.#around;
    for (const hit of doubt.states) {
      if (!hit.source) continue;
      const shaped = await shapeOf(direction, hit);
      if ((await judge(direction, { hit, shard, shaped, doc }, circumstances)) === 'equal') return true;
    }
    return false;
  }

  /** What it differed in has been overwritten there, by an operation of the first index that nobody has seen. */
  #hasMoved(doubt: Doubt, hit: Hit, doc: Doc): boolean {
    const { direction } = this.#around;
    if (!doc.found || doc.version === undefined) return false;
    const isStamp = operationOf(doc.version, direction.epoch) !== undefined;
    return isStamp && doc.version > doubt.version && !isAbove(direction, hit, doc);
  }

  async #lookAtExtra(candidates: readonly { doubt: Doubt; hit: Doc; doc: Doc }[]): Promise<void> {
    if (candidates.length === 0) return;
    const { direction, dropsBack, witness, findings } = this.#around;
    const keys = candidates.map(({ doubt }) => doubt.key);
    const wrongful = await withoutRightful(direction, keys);
    const extra = new Set(dropsBack ? await withoutDropped(direction, wrongful) : wrongful);
    for (const { doubt, hit, doc } of candidates) {
      if (!extra.has(doubt.key) || this.#isTheSame(doubt.key, hit)) {
        this.#close(doubt);
        continue;
      }
      doubt.wrong = { kind: 'extra', fields: [], above: false };
      const version = versionOf(doc);
      const seen = doubt.extra?.version === version ? doubt.extra : undefined;
      if (seen && !seen.mark.passed) continue;
      const sightings = seen ? seen.sightings + 1 : 0;
      this.#unmark(doubt);
      if (sightings < EXTRA_SIGHTINGS) {
        doubt.extra = { mark: witness.mark(), version, sightings };
        continue;
      }
      findings.add(doubt.key, 'extra', [], doubt.counted);
      this.#close(doubt);
    }
  }

  /** The first index has it under another routing, in the same shard of the second: it is compared under that one. */
  #isTheSame(key: DocumentKey, hit: Doc): boolean {
    const { second } = this.#around.direction;
    return hit.found && shardOf(hit, second) === shardOf(key, second);
  }

  #unmark(doubt: Doubt): void {
    if (doubt.extra) this.#around.witness.forget(doubt.extra.mark);
    delete doubt.extra;
  }

  #close(doubt: Doubt): void {
    this.#unmark(doubt);
    this.#open.delete(nameOf(doubt.key));
  }
}

const nameOf = ({ id, routing }: DocumentKey): string => JSON.stringify([id, routing]);

const versionOf = (doc: Doc | undefined): bigint => (doc?.found ? (doc.version ?? 0n) : 0n);

/** A version that no operation of the first index, up to this one, can have given it. */
function isAbove(direction: Direction, hit: Hit, doc: Doc): boolean {
  const { found, version = 0n } = doc;
  return found && version > stampOfHit(direction, hit) + 1n && !isReconciled(version);
}

function routingFields(hit: Doc, doc: Doc): string[] {
  if (!doc.found || doc.routing === hit.routing) return [];
  return [`_routing: ${doc.routing ?? 'missing'} -> ${hit.routing ?? 'missing'}`];
}

/** Its source would keep the whole answer in memory. */
function kept({ id, routing, seqNo, term, version, source }: Hit): Hit {
  return { id, routing, seqNo, term, version, source: source && Buffer.from(source) };
}
