// Reads documents with pending differences again, until they are equal, or until following has passed the
// operation in which they differ. Only then is the difference a finding.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { Confirmation } from '../../protocol/confirm.js';
import type { Replication } from '../../protocol/replication.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isReconciled, operationOf } from '../../protocol/stamp.js';
import { withoutDropped } from '../follow/withoutDropped.js';
import { isFromSourceOfTruth, withoutExpectedExtras } from '../follow/truthExemptions.js';
import type { Findings } from './findings.js';
import {
  type Circumstances,
  type DifferenceKind,
  differingFields,
  isDifference,
  compareDocument,
  shapeOf,
  stampOfHit,
} from './compareDocument.js';
import type { Instant, Progress } from './coordinatorProgress.js';

interface PendingDifference {
  readonly key: DocumentKey;
  /** Whether the document was read from the leader, so that it counts as compared. */
  readonly counted: boolean;
  /** The version of the follower's document when it last differed; 0 when it was missing. */
  version: bigint;
  /** The last states of the leader's document that were seen. */
  states: readonly Hit[];
  wrong?: { readonly kind: DifferenceKind; readonly fields: readonly string[]; readonly above: boolean };
  /** Set if only the follower had the document. */
  extra?: Extra | undefined;
}

interface Extra {
  readonly mark: Instant;
  /** The version of the follower's document when `mark` was set. */
  readonly version: bigint;
  /** How often the document was still on the follower after `mark` had passed. */
  readonly sightings: number;
}

export interface Surroundings {
  readonly replication: Replication;
  readonly progress: Progress;
  readonly findings: Findings;
  /** Set after the switch if the transform may have dropped documents that only the follower has. */
  readonly dropsBack: boolean;
  readonly read?: typeof getDocs;
}

const KEYS_AT_ONCE = 500;
const KEPT_STATES = 3;
const REPORTED_FIELDS = 5;
/**
 * A comparison of ids can miss a document that is deleted on the leader just after it was read there. So a
 * document counts as extra only after two comparisons have left it on the follower in the same version.
 */
const EXTRA_SIGHTINGS = 2;

export class PendingDifferences {
  readonly #around: Surroundings;
  readonly #open = new Map<string, PendingDifference>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @param hit the leader's document; undefined when only the follower has the document */
  add(key: DocumentKey, hit: Hit | undefined, doc: Doc | undefined): void {
    const name = nameOf(key);
    if (this.#open.has(name)) return;
    const states = hit ? [kept(hit)] : [];
    this.#open.set(name, { key, counted: hit !== undefined, version: versionOf(doc), states });
  }

  /** Called after the coordinator's progress was read. */
  async check(circumstances: Circumstances): Promise<void> {
    const pending = [...this.#open.values()];
    for (let start = 0; start < pending.length; start += KEYS_AT_ONCE)
      await this.#lookAtPart(pending.slice(start, start + KEYS_AT_ONCE), circumstances);
  }

  /** Ends the check. A document that is still pending is undecided, unless its version is certainly wrong. */
  end(): void {
    const { findings } = this.#around;
    for (const { key, counted, wrong, states } of this.#open.values()) {
      // No operation of the leader can have produced this version.
      if (wrong?.above) findings.add(key, wrong.kind, wrong.fields, counted);
      else findings.leave(states.length > 1 ? 'moving' : 'behind', counted);
    }
    this.#open.clear();
  }

  /** Reads the follower before the leader, for the reason given in ContentVerification. */
  async #lookAtPart(pending: readonly PendingDifference[], circumstances: Circumstances): Promise<void> {
    const { replication, read = getDocs } = this.#around;
    const { leader, follower } = replication;
    const keys = pending.map(({ key }) => key);
    const onLeader = await Confirmation.begin(leader.cluster, leader);
    const docs = await read(follower.cluster, follower.index, keys, { source: true });
    const hits = await read(leader.cluster, leader.index, keys, { source: true });
    if (!(await onLeader.confirm())) return;
    const onlyFollower: { entry: PendingDifference; hit: Doc; doc: Doc }[] = [];
    for (const [n, entry] of pending.entries()) {
      const [hit, doc] = [hits[n] as Doc, docs[n] as Doc];
      if (hit.found && hit.routing === entry.key.routing) await this.#compare(entry, hit, doc, circumstances);
      else if (doc.found && doc.routing === entry.key.routing) onlyFollower.push({ entry, hit, doc });
      else this.#close(entry); // neither index has the document
    }
    await this.#lookAtExtra(onlyFollower);
  }

  async #compare(entry: PendingDifference, hit: Doc, doc: Doc, circumstances: Circumstances): Promise<void> {
    const { replication, findings, progress } = this.#around;
    const shard = shardOf(entry.key, replication.leader);
    this.#unmark(entry);
    if (isFromSourceOfTruth(replication, hit, doc, shard)) {
      findings.leave('notCompared', entry.counted);
      this.#close(entry);
      return;
    }
    const shaped = await shapeOf(replication, hit);
    const result = await compareDocument(replication, { hit, shard, shaped, doc }, circumstances);
    if (!isDifference(result)) {
      if (result !== 'equal') findings.leave(result, entry.counted);
      this.#close(entry);
      return;
    }
    const fields = [...routingFields(hit, doc), ...differingFields(shaped, doc, REPORTED_FIELDS)];
    if (hit.seqNo <= (progress.cursors[shard] ?? -1)) {
      findings.add(entry.key, result, fields, entry.counted);
      this.#close(entry);
      return;
    }
    if (await this.#equalsEarlier(entry, doc, shard, circumstances)) {
      this.#close(entry);
    } else if (this.#hasMoved(entry, hit, doc)) {
      findings.leave('moving', entry.counted);
      this.#close(entry);
    } else {
      entry.wrong = { kind: result, fields, above: isAbove(replication, hit, doc) };
      entry.version = versionOf(doc);
      if (entry.states.at(-1)?.seqNo !== hit.seqNo)
        entry.states = [...entry.states, kept(hit)].slice(-KEPT_STATES);
    }
  }

  /** Whether the follower has an earlier state of the leader's document, which following will update. */
  async #equalsEarlier(
    entry: PendingDifference,
    doc: Doc,
    shard: number,
    circumstances: Circumstances,
  ): Promise<boolean> {
    const { replication } = this.#around;
    for (const hit of entry.states) {
      if (!hit.source) continue;
      const shaped = await shapeOf(replication, hit);
      if ((await compareDocument(replication, { hit, shard, shaped, doc }, circumstances)) === 'equal')
        return true;
    }
    return false;
  }

  /** Whether a later operation of the leader, not seen here, has replaced the state that differed. */
  #hasMoved(entry: PendingDifference, hit: Hit, doc: Doc): boolean {
    const { replication } = this.#around;
    if (!doc.found || doc.version === undefined) return false;
    const isStamp = operationOf(doc.version, replication.epoch) !== undefined;
    return isStamp && doc.version > entry.version && !isAbove(replication, hit, doc);
  }

  async #lookAtExtra(candidates: readonly { entry: PendingDifference; hit: Doc; doc: Doc }[]): Promise<void> {
    if (candidates.length === 0) return;
    const { replication, dropsBack, progress, findings } = this.#around;
    const keys = candidates.map(({ entry }) => entry.key);
    const wrongful = await withoutExpectedExtras(replication, keys);
    const extra = new Set(dropsBack ? await withoutDropped(replication, wrongful) : wrongful);
    for (const { entry, hit, doc } of candidates) {
      if (!extra.has(entry.key) || this.#isTheSame(entry.key, hit)) {
        this.#close(entry);
        continue;
      }
      entry.wrong = { kind: 'extra', fields: [], above: false };
      const version = versionOf(doc);
      const seen = entry.extra?.version === version ? entry.extra : undefined;
      if (seen && !seen.mark.passed) continue;
      const sightings = seen ? seen.sightings + 1 : 0;
      this.#unmark(entry);
      if (sightings < EXTRA_SIGHTINGS) {
        entry.extra = { mark: progress.mark(), version, sightings };
        continue;
      }
      findings.add(entry.key, 'extra', [], entry.counted);
      this.#close(entry);
    }
  }

  /**
   * Whether the leader has the document with another routing that leads to the same shard of the follower.
   * The document is then compared under that routing.
   */
  #isTheSame(key: DocumentKey, hit: Doc): boolean {
    const { follower } = this.#around.replication;
    return hit.found && shardOf(hit, follower) === shardOf(key, follower);
  }

  #unmark(entry: PendingDifference): void {
    if (entry.extra) this.#around.progress.forget(entry.extra.mark);
    delete entry.extra;
  }

  #close(entry: PendingDifference): void {
    this.#unmark(entry);
    this.#open.delete(nameOf(entry.key));
  }
}

const nameOf = ({ id, routing }: DocumentKey): string => JSON.stringify([id, routing]);

const versionOf = (doc: Doc | undefined): bigint => (doc?.found ? (doc.version ?? 0n) : 0n);

/** Whether the version is too large for a copy of the leader's document, or of an earlier state. */
function isAbove(replication: Replication, hit: Hit, doc: Doc): boolean {
  const { found, version = 0n } = doc;
  return found && version > stampOfHit(replication, hit) + 1n && !isReconciled(version);
}

function routingFields(hit: Doc, doc: Doc): string[] {
  if (!doc.found || doc.routing === hit.routing) return [];
  return [`_routing: ${doc.routing ?? 'missing'} -> ${hit.routing ?? 'missing'}`];
}

/** Copies the source, since a view would keep the large response in memory. */
function kept({ id, routing, seqNo, term, version, source }: Hit): Hit {
  return { id, routing, seqNo, term, version, source: source && Buffer.from(source) };
}
