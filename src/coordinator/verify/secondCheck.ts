// Makes the second check (docs/protocol.md): compares random documents of both indexes, and the document counts.
// It reads in another way than the copy and the verification, since those two could share an error.
import type { Cluster } from '../../cluster/cluster.js';
import type { IndexRef } from '../../cluster/indexRef.js';
import { getIndexes } from '../../cluster/indices/getIndex.js';
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { liveCount, randomKeys, readAgain } from '../../cluster/secondReads.js';
import type { Replication } from '../../protocol/replication.js';
import { getForCertain } from '../../documents/getDocs.js';
import { operationsAfter } from '../follow/operationsAfter.js';
import type { Doc, Hit } from '../../documents/hits.js';
import type { MigrationRecord } from '../../protocol/record.js';
import type { RejectedDocuments } from '../../journal/rejectedDocuments.js';
import { isObject } from '../../json/plain.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import { PendingDifferences, type Surroundings } from './pendingDifferences.js';
import { Findings } from './findings.js';
import type { Circumstances } from './compareDocument.js';
import { PageComparison } from './pageComparison.js';
import type { Instant } from './coordinatorProgress.js';

export interface SecondCheckParts extends Pick<Surroundings, 'replication' | 'progress'> {
  readonly record: () => MigrationRecord;
  readonly rejected: () => Promise<RejectedDocuments>;
  /** One line for each field whose mapping is not as planned. */
  readonly mappings?: () => Promise<readonly string[]>;
  readonly sample?: number;
}

const SAMPLE = 1_000;
const KEYS_AT_ONCE = 500;
/** Different counts are a finding if writes in flight can't explain them in this many polls in a row. */
const SIGHTINGS = 3;
/** How often the counts are compared while writes in flight may explain the difference. */
const COUNT_LOOKS = 3;
/** A document that is still pending after this many polls changes too often. It stays undecided. */
const MOST_LOOKS = 60;

const TOO_MUCH = 'too many writes were in flight to the follower';
const DELETES = 'documents were deleted while ids were compared';

type Counts =
  | { readonly type: 'pending' }
  | { readonly type: 'equal' }
  | { readonly type: 'different'; readonly text: string }
  | { readonly type: 'notCompared'; readonly reason: string };

export class SecondCheck {
  readonly findings = new Findings(() => undefined);
  readonly #parts: SecondCheckParts;
  readonly #pending: PendingDifferences;
  readonly #pages: PageComparison;
  #rejected: RejectedDocuments | undefined;
  #counts: Counts = { type: 'pending' };
  #sightings = 0;
  /** When the follower first had too many documents, and the leader's last `_seq_no` at that time. */
  #more: { readonly mark: Instant; readonly maxSeqNos: readonly number[] } | undefined;
  #looks = 0;
  #mappings: readonly string[] = [];

  constructor(parts: SecondCheckParts) {
    this.#parts = parts;
    const { replication, progress, record } = parts;
    const { findings } = this;
    const { drops, leader } = record();
    this.#pending = new PendingDifferences({
      replication,
      progress,
      findings,
      dropsBack: drops && leader === 'target',
      read: readDocs,
    });
    this.#pages = new PageComparison({
      replication,
      level: 'content',
      pending: this.#pending,
      findings,
      circumstances: this.#circumstances,
      read: readDocs,
    });
  }

  get done(): boolean {
    return this.#looks > 0 && this.#pending.size === 0 && this.#counts.type !== 'pending';
  }

  get sampled(): number {
    return this.findings.compared;
  }

  get counts(): string {
    const counts = this.#counts;
    if (counts.type === 'different') return counts.text;
    return counts.type === 'notCompared' ? `not compared: ${counts.reason}` : counts.type;
  }

  get wrong(): string[] {
    const { first, total } = this.findings;
    const documents = first.map(
      ({ id, routing, kind, fields }) =>
        `${id}${routing === null ? '' : ` (routing ${routing})`}: ${kind}${fields.length > 0 ? `, ${fields.join(', ')}` : ''}`,
    );
    const more = total > first.length ? [`and ${total - first.length} more of the sample`] : [];
    const counts = this.#counts.type === 'different' ? [this.#counts.text] : [];
    return [...this.#mappings, ...counts, ...documents, ...more];
  }

  /** Advice for the first line of `wrong`. */
  get advice(): string {
    const { name } = this.#parts.record();
    return this.#mappings.length > 0
      ? `Abort the migration (twindex abort ${name}) and start again, or declare the field`
      : `${WHERE_TO_LOOK}. Then: twindex verify ${name} --repair`;
  }

  /** Called after a round that caught up, or after the cursors were read from the journal. */
  async check(): Promise<void> {
    this.#rejected = await this.#parts.rejected();
    // oxlint-disable-next-line twindex/atomic-updates -- nobody looks twice at once
    this.#mappings = (await this.#parts.mappings?.()) ?? [];
    if (this.#looks++ === 0) await this.#takeSample();
    else await this.#pending.check(this.#circumstances);
    // oxlint-disable-next-line twindex/atomic-updates -- nobody looks twice at once
    if (this.#counts.type === 'pending') this.#counts = await this.#compareCounts();
    if (this.#looks >= MOST_LOOKS) this.end();
  }

  end(): void {
    this.#pending.end();
    if (this.#counts.type === 'pending') this.#counts = { type: 'notCompared', reason: TOO_MUCH };
  }

  async #takeSample(): Promise<void> {
    const { replication, sample = SAMPLE } = this.#parts;
    const { leader, follower } = replication;
    const keysOf = ({ cluster, index }: IndexRef): Promise<DocumentKey[]> =>
      randomKeys(cluster, index, sample);
    const [ofLeader, ofFollower] = await Promise.all([keysOf(leader), keysOf(follower)]);
    for (const keys of chunks(ofLeader)) await this.#pages.documents(keys.map(asHit));
    for (const keys of chunks(ofFollower)) await this.#pages.ids(keys.map(asHit));
  }

  /**
   * An operation of the leader changes the document count of each index by one at most. So the counts differ
   * by at most twice the number of operations that following has not passed. The follower may also have
   * documents that were deleted on the leader. A comparison of ids removes them, except documents that were
   * deleted after it began.
   */
  async #compareCounts(): Promise<Counts> {
    const { replication, progress, record } = this.#parts;
    const reason = await whyIncomparable(replication, record(), this.#rejected?.size ?? 0);
    if (reason !== undefined) return { type: 'notCompared', reason };
    const { leader, follower } = replication;
    const cursors = [...progress.cursors];
    const ofFollower = await liveCount(follower.cluster, follower.index);
    const ofLeader = await liveCount(leader.cluster, leader.index);
    const onTheWay = operationsAfter(cursors, ofLeader.maxSeqNos);
    const difference = ofFollower.documents - ofLeader.documents;
    if (difference === 0) return { type: 'equal' };
    if (Math.abs(difference) <= 2 * onTheWay) {
      this.#sightings = 0;
      return this.#looks < COUNT_LOOKS ? { type: 'pending' } : { type: 'notCompared', reason: TOO_MUCH };
    }
    if (difference > 0) {
      this.#more ??= { mark: progress.mark(), maxSeqNos: ofLeader.maxSeqNos };
      if (!this.#more.mark.passed) return { type: 'pending' };
      const since = operationsAfter(this.#more.maxSeqNos, ofLeader.maxSeqNos);
      if (difference <= 2 * onTheWay + since) return { type: 'notCompared', reason: DELETES };
    }
    if (++this.#sightings < SIGHTINGS) return { type: 'pending' };
    return {
      type: 'different',
      text:
        `the statistics of the shards count ${ofLeader.documents} live documents in ${leader.index} and ${ofFollower.documents} in ` +
        follower.index,
    };
  }

  readonly #circumstances: Circumstances = {
    isRejected: (key) => this.#rejected?.has(key) ?? false,
    onNonDeterministic: () => undefined,
  };
}

export const WHERE_TO_LOOK =
  'Something changes the stored documents, or what twindex reads of them. Check the search pipelines, aliases and ' +
  'settings of both indexes, the search settings of the cluster, and the read permissions of the user of twindex';

/** Like `getDocs`, but with the second check's own requests. */
function readDocs(cluster: Cluster, index: string, keys: readonly DocumentKey[]): Promise<Doc[]> {
  return getForCertain(index, keys, (some) => readAgain(cluster, index, some));
}

/** A hit with only a key. */
const asHit = ({ id, routing }: DocumentKey): Hit => ({
  id,
  routing,
  seqNo: -2,
  term: 0,
  version: undefined,
  source: undefined,
});

function* chunks(keys: readonly DocumentKey[]): Generator<readonly DocumentKey[]> {
  for (let start = 0; start < keys.length; start += KEYS_AT_ONCE)
    yield keys.slice(start, start + KEYS_AT_ONCE);
}

/** @returns why the document counts may differ; undefined if they must be equal */
async function whyIncomparable(
  { leader, follower, tally, sourceOfTruth }: Replication,
  { drops, leftOut }: MigrationRecord,
  rejected: number,
): Promise<string | undefined> {
  if (sourceOfTruth) return 'documents came from the source of truth';
  if (drops || tally.dropped > 0) return 'the transform drops documents';
  if (rejected > 0 || leftOut.length > 0) return 'documents were rejected';
  for (const { cluster, index } of [leader, follower]) {
    const [live] = await getIndexes(cluster, index);
    if (live && hasNested(live.mappings))
      return `${index} has nested documents, which the statistics count as well`;
  }
  return undefined;
}

function hasNested(mapping: JsonObject): boolean {
  return ['properties', 'fields'].some((key) =>
    Object.values(isObject(mapping[key]) ? mapping[key] : {}).some(
      (field) =>
        isObject(field) &&
        (field['type'] === 'nested' || field['type'] === 'semantic_text' || hasNested(field)),
    ),
  );
}
