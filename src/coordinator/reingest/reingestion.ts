// Makes the back-fill from the source of truth (docs/protocol.md): ingests all of its documents, then copies
// documents that only the old index has. All progress is in the record.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backfill } from '../backfill/backfill.js';
import type { CopyResult } from '../backfill/windowedCopy.js';
import { TwindexError } from '../../errors.js';
import type { Replication } from '../../protocol/replication.js';
import type { CopyContext } from '../follow/followRange.js';
import type { ReingestNote } from '../../protocol/record.js';
import type { RejectedDocuments, RejectedEntry } from '../../journal/rejectedDocuments.js';
import { count } from '../../words.js';
import { countDocuments } from '../../cluster/documents/countDocuments.js';
import { refresh } from '../../cluster/indices/refresh.js';
import type { Batch, DocumentQueue } from './documentQueue.js';
import { ingest } from './ingest.js';
import { OnlyInSource } from './onlyInSource.js';

export interface ReingestionOptions {
  /** Opens the queue at the first call. */
  readonly queue: () => DocumentQueue;
  readonly note: () => ReingestNote;
  /** Stages the state and, when following begins, the cursors. The record's next write saves both. */
  readonly stage: (note: ReingestNote, cursors?: readonly number[]) => void;
  /** For each shard of the old index: its checkpoint when the back-fill began. */
  readonly upTo: readonly number[];
  readonly copyContext: CopyContext;
  readonly rejected: RejectedDocuments;
  readonly forgetRejected: (entries: readonly RejectedEntry[]) => Promise<void>;
  readonly tell: (text: string, level: 'info' | 'warn') => void;
  readonly docsPerSecond: () => number;
  readonly onProgress: (documents: number) => void;
  readonly signal: AbortSignal;
}

const NAP_MS = 100;
const FIRST_IDS = 20;

export class Reingestion implements Backfill {
  readonly #replication: Replication;
  readonly #options: ReingestionOptions;
  readonly #onlyInSource: OnlyInSource;
  /** How many documents were written since `at`. With the rate, this gives the time of the next write. */
  #last = { documents: 0, at: 0 };
  #copied = 0;
  #conflicts: number;
  #dropped: number;

  constructor(replication: Replication, options: ReingestionOptions) {
    this.#replication = replication;
    this.#options = options;
    this.#conflicts = replication.tally.conflicts;
    this.#dropped = replication.tally.dropped;
    this.#onlyInSource = new OnlyInSource(replication, {
      copyContext: { ...options.copyContext, onCopied: (documents) => this.#count(documents) },
      prune: options.note().prune,
      isRejected: (key) => options.rejected.has(key),
    });
  }

  get finished(): boolean {
    return this.#options.note().step === 'done';
  }

  /** Always 0, since each batch is confirmed before it is reported. */
  get unconfirmed(): number {
    return 0;
  }

  /** Always undefined, since nothing is in flight between two slices. */
  get oldestAt(): undefined {
    return undefined;
  }

  async slice(budgetMs: number): Promise<CopyResult> {
    const deadline = performance.now() + budgetMs;
    const { signal } = this.#options;
    while (!this.finished && performance.now() < deadline) {
      signal.throwIfAborted();
      if (this.#isHeldBack) await sleep(NAP_MS, undefined, { signal });
      else if (this.#options.note().step === 'reading') await this.#readOn(deadline);
      else await this.#compareOn();
    }
    return this.#report();
  }

  close(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async #readOn(deadline: number): Promise<void> {
    const queue = this.#options.queue();
    const batch = await queue.next(Math.min(NAP_MS, deadline - performance.now()));
    if (batch === 'waiting') return;
    if (batch === 'end') await this.#readToItsEnd();
    else if (await this.#ingest(batch)) queue.done();
  }

  async #ingest(batch: Batch): Promise<boolean> {
    const { copyContext, note, stage, rejected, forgetRejected } = this.#options;
    const result = await ingest(this.#replication, batch, copyContext.feed);
    if (!result) return false;
    if (result.refused.length > 0) await copyContext.keepRefused(result.refused);
    const { firstStamp } = this.#replication.sourceOfTruth ?? { firstStamp: 0n };
    const mended = result.taken.flatMap((key): RejectedEntry[] => {
      const version = rejected.versionOf(key);
      return version !== undefined && version < firstStamp ? [{ key, version }] : [];
    });
    if (mended.length > 0) await forgetRejected(mended);
    const { documents } = batch;
    const now = note();
    stage({
      ...now,
      cursor: documents.findLast(({ cursor }) => cursor !== undefined)?.cursor ?? now.cursor,
      read: now.read + documents.length,
      onlyTruth: now.onlyTruth + result.fresh,
    });
    this.#count(documents.length);
    return true;
  }

  async #readToItsEnd(): Promise<void> {
    const { note, stage, tell, upTo } = this.#options;
    const now = note();
    if (now.read === 0) await this.#requireEmptySource();
    tell(
      `${now.read === 1 ? '1 document was' : `${count(now.read, 'document')} were`} read from the source of truth; now looking for documents that only the old index has`,
      'info',
    );
    stage({ ...note(), step: 'comparing', walked: upTo.map(() => -1) });
  }

  async #requireEmptySource(): Promise<void> {
    const { cluster, index } = this.#replication.leader;
    await refresh(cluster, index);
    const documents = await countDocuments(cluster, index);
    if (documents === 0) return;
    throw new TwindexError(
      'unsafe',
      `the source of truth returned no documents, but ${index} has ${documents}` +
        `${this.#options.note().prune ? ', which would all be left out (--prune)' : ''}. Check the source of truth, and run the ` +
        `same command again. To copy the documents of ${index} instead: abort the migration, and start again without --route reingest or --from. ` +
        'Readers and writers are not affected.',
    );
  }

  async #compareOn(): Promise<void> {
    const { note, stage, upTo } = this.#options;
    const now = note();
    const shard = upTo.findIndex((end, n) => (now.walked[n] ?? -1) < end);
    if (shard < 0) {
      this.#sayWhatIsOnlyThere(now);
      stage({ ...now, step: 'done' }, upTo);
      return;
    }
    const page = await this.#onlyInSource.page(shard, now.walked[shard] ?? -1, upTo[shard] as number);
    if (!page) return;
    const first = [...now.onlySourceFirst, ...page.keys.map(({ id }) => id)].slice(0, FIRST_IDS);
    stage({
      ...note(),
      walked: now.walked.map((at, n) => (n === shard ? page.cursor : at)),
      onlySource: now.onlySource + page.keys.length,
      onlySourceFirst: first,
    });
  }

  #sayWhatIsOnlyThere({ onlySource, onlySourceFirst, prune }: ReingestNote): void {
    if (onlySource === 0) return;
    const { leader, follower } = this.#replication;
    const shown = onlySourceFirst.join(', ');
    const more = onlySource > onlySourceFirst.length ? ', ...' : '';
    const are = onlySource === 1 ? 'is' : 'are';
    const what = prune
      ? `and ${are} left out`
      : `and ${are} kept (--prune leaves ${onlySource === 1 ? 'it' : 'them'} out)`;
    this.#options.tell(
      `${count(onlySource, 'document')} of ${leader.index} ${are} not in the source of truth, ${what} in ${follower.index}: ${shown}${more}`,
      'warn',
    );
  }

  #count(documents: number): void {
    this.#copied += documents;
    this.#options.onProgress(documents);
    const before = this.#isHeldBack ? this.#last : { documents: 0, at: performance.now() };
    this.#last = { documents: before.documents + documents, at: before.at };
  }

  get #isHeldBack(): boolean {
    const rate = this.#options.docsPerSecond();
    const { documents, at } = this.#last;
    return rate <= 0 || performance.now() < at + (documents * 1_000) / rate;
  }

  #report(): CopyResult {
    const { tally } = this.#replication;
    const round = {
      type: 'confirmed',
      cursors: this.finished ? [...this.#options.upTo] : this.#options.upTo.map(() => -1),
      caughtUp: false,
      copied: this.#copied,
      conflicts: tally.conflicts - this.#conflicts,
      dropped: tally.dropped - this.#dropped,
      behind: 0,
    } as const;
    this.#copied = 0;
    this.#conflicts = tally.conflicts;
    this.#dropped = tally.dropped;
    return { type: 'copied', done: this.finished, round };
  }
}
