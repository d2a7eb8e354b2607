// Finds documents that only the second index has: their delete on the first was seen by nobody. The second index is
// read in the order of its own `_seq_no`, so that a document which moves meanwhile only ever moves ahead of the reader.
import type { DocumentKey } from '../cluster/operations/multiGet.js';
import { countIds } from '../cluster/operations/countIds.js';
import { refresh } from '../cluster/operations/refresh.js';
import type { Direction } from './direction.js';
import { getDocs } from './getDocs.js';
import { PageReader } from './pageReader.js';

const COUNTED_AT_ONCE = 500;

/** A comparison that can be done a slice at a time. */
export class IdComparison {
  readonly #direction: Direction;
  readonly #reader: PageReader;
  readonly #cursors: number[];
  readonly #still: boolean;
  #refreshed = false;
  compared = 0;
  done = false;

  /**
   * @param still the first index takes no writes and has been refreshed: most ids are then only counted, ten times
   *   faster. A count can't tell two documents of one id with different routings apart; who needs that to be proved,
   *   asks for each.
   */
  constructor(direction: Direction, options: { readonly still: boolean } = { still: false }) {
    this.#direction = direction;
    this.#still = options.still;
    this.#reader = new PageReader(direction.cluster, { source: false });
    this.#cursors = Array.from({ length: direction.second.shards }, () => -1);
  }

  /** @returns what the first index does not have, of the documents that were compared within the time */
  async slice(budgetMs: number): Promise<DocumentKey[]> {
    const { cluster, second } = this.#direction;
    const deadline = performance.now() + budgetMs;
    if (!this.#refreshed) await refresh(cluster, second.index);
    this.#refreshed = true;
    const missing: DocumentKey[] = [];
    for (let shard = 0; shard < second.shards; shard++) {
      let next: ReturnType<PageReader['read']> | undefined;
      while (this.#cursors[shard] !== Number.POSITIVE_INFINITY) {
        const page = await (next ??
          this.#reader.read(second.index, shard, this.#cursors[shard] as number, undefined));
        const lastHit = page.hits.at(-1);
        const stop = performance.now() > deadline;
        next =
          page.last || !lastHit || stop
            ? undefined
            : this.#reader.read(second.index, shard, lastHit.seqNo, undefined);
        next?.catch(() => undefined);
        missing.push(...(await this.#missingOnFirst(page.hits)));
        this.#cursors[shard] = page.last || !lastHit ? Number.POSITIVE_INFINITY : lastHit.seqNo;
        if (stop) return missing;
      }
    }
    this.done = true;
    return missing;
  }

  async #missingOnFirst(keys: readonly DocumentKey[]): Promise<DocumentKey[]> {
    const { cluster, first } = this.#direction;
    const asked = this.#still ? await this.#doubtful(keys) : keys;
    const docs = await getDocs(cluster, first.index, asked, { source: false });
    this.compared += keys.length;
    return asked.filter((_, n) => docs[n]?.found === false).map(({ id, routing }) => ({ id, routing }));
  }

  /** Those of the keys that a count does not prove to be there. */
  async #doubtful(keys: readonly DocumentKey[]): Promise<DocumentKey[]> {
    const { cluster, first } = this.#direction;
    const doubtful = keys.filter((key) => key.routing !== undefined);
    const plain = keys.filter((key) => key.routing === undefined);
    const count = (part: readonly DocumentKey[]) =>
      countIds(
        cluster,
        first.index,
        part.map(({ id }) => id),
      );
    if (plain.length === 0 || (await count(plain)) === plain.length) return doubtful;
    for (let start = 0; start < plain.length; start += COUNTED_AT_ONCE) {
      const part = plain.slice(start, start + COUNTED_AT_ONCE);
      if ((await count(part)) !== part.length) doubtful.push(...part);
    }
    return doubtful;
  }
}
