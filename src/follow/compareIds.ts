// Finds documents that only the second index has: their delete on the first was seen by nobody. The second index is
// read in the order of its own `_seq_no`, so that a document which moves meanwhile only ever moves ahead of the reader.
import type { DocumentKey } from '../cluster/operations/multiGet.js';
import { refresh } from '../cluster/operations/refresh.js';
import type { Direction } from './direction.js';
import { getDocs } from './getDocs.js';
import { PageReader } from './pageReader.js';

/** A comparison that can be done a slice at a time. */
export class IdComparison {
  readonly #direction: Direction;
  readonly #reader: PageReader;
  readonly #cursors: number[];
  #refreshed = false;
  compared = 0;
  done = false;

  constructor(direction: Direction) {
    this.#direction = direction;
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
    const docs = await getDocs(cluster, first.index, keys, { source: false });
    this.compared += keys.length;
    return keys.filter((_, n) => docs[n]?.found === false).map(({ id, routing }) => ({ id, routing }));
  }
}
