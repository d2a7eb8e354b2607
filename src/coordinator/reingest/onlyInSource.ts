// Handles the documents that only the old index has, after the source of truth was read: copies them through
// `up` with their stamps, or (with `--prune`) leaves them out.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { MAX_ONLY } from '../../cluster/documents/searchPage.js';
import { BothConfirmation, showConfirmed } from '../../protocol/confirmBoth.js';
import type { Replication } from '../../protocol/replication.js';
import { type CopyContext, followRange } from '../follow/followRange.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Hit } from '../../documents/hits.js';
import { PageReader } from '../../documents/pageReader.js';
import { stampOf } from '../../protocol/stamp.js';

export interface PageOutcome {
  /** Everything in the shard up to this `_seq_no` is done. */
  readonly cursor: number;
  readonly keys: readonly DocumentKey[];
}

export interface OnlyInSourceOptions {
  readonly copyContext: CopyContext;
  readonly prune: boolean;
  /** If the source of truth's document was rejected, the old index's document, which is older, is not copied. */
  readonly isRejected: (key: DocumentKey) => boolean;
}

export class OnlyInSource {
  readonly #replication: Replication;
  readonly #options: OnlyInSourceOptions;
  readonly #reader: PageReader;
  #shown = false;

  constructor(replication: Replication, options: OnlyInSourceOptions) {
    this.#replication = replication;
    this.#options = options;
    this.#reader = new PageReader(replication.leader.cluster, 'ids');
  }

  /** @returns undefined when the page could not be confirmed and has to be repeated */
  async page(shard: number, after: number, upTo: number): Promise<PageOutcome | undefined> {
    const { leader } = this.#replication;
    const both = await BothConfirmation.begin(this.#replication);
    if (!this.#shown) await showConfirmed(leader, both.onLeader);
    this.#shown = true;
    const page = await this.#reader.read(leader.index, shard, after, upTo);
    const { missing, copied } = await this.#split(page.hits);
    if (!this.#options.prune) await this.#copy(missing, shard);
    if (!(await both.confirm())) return undefined;
    const cursor = page.last ? upTo : (page.hits.at(-1)?.seqNo ?? upTo);
    return { cursor, keys: [...copied, ...missing].map(({ id, routing }) => ({ id, routing })) };
  }

  /** `copied` documents were copied by a process that ended before it had saved its progress. */
  async #split(hits: readonly Hit[]): Promise<{ missing: Hit[]; copied: Hit[] }> {
    const { leader, follower, epoch } = this.#replication;
    const theirs = await getDocs(follower.cluster, follower.index, hits, { source: false });
    const isStamped = ({ term, seqNo }: Hit, n: number): boolean =>
      theirs[n]?.version === stampOf(epoch, term, seqNo);
    const copied = hits.filter((hit, n) => theirs[n]?.found && isStamped(hit, n));
    const absent = hits.filter((hit, n) => !theirs[n]?.found && !this.#options.isRejected(hit));
    // Leave out documents that have changed since the page was read. Following copies the writes, and the
    // comparison of ids finds the deletes.
    const ours = await getDocs(leader.cluster, leader.index, absent, { source: false });
    const missing = absent.filter(({ seqNo }, n) => ours[n]?.found && ours[n]?.seqNo === seqNo);
    return { missing, copied };
  }

  async #copy(hits: readonly Hit[], shard: number): Promise<void> {
    for (let start = 0; start < hits.length; start += MAX_ONLY) {
      const only = hits.slice(start, start + MAX_ONLY).map(({ seqNo }) => seqNo);
      const [least, most] = [only[0] as number, only.at(-1) as number];
      const range = { shard, after: least - 1, upTo: most, only, stops: () => false };
      await followRange(this.#replication, { ...this.#options.copyContext, ...range });
    }
  }
}
