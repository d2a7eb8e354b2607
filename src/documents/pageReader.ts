// Reads the live documents of a shard in pages, in the order of `_seq_no`. Pages are also limited in bytes.
import type { Cluster } from '../cluster/cluster.js';
import { nextPageBody, openScroll, type ScrollRequest } from '../cluster/documents/scroll.js';
import { hasSource, type PageFields, searchPage } from '../cluster/documents/searchPage.js';
import { closeScroll } from '../cluster/guardedReads.js';
import { isTwindexError, TwindexError } from '../errors.js';
import { type Hit, parseHits } from './hits.js';

/** The largest pages, in documents. Larger pages are not faster. By default the engine refuses more than 10,000. */
const MAX_SIZE = { source: 3_000, versioned: 3_000, ids: 5_000, stamps: 10_000 } as const;
const FIRST_SIZE = 500;
const TARGET_BYTES = 1 << 20;
/** How long the follower may take to write a page. On a node with few cores, other writes have to wait meanwhile. */
const TARGET_MS = 400;
/** The smallest page whose time is measured. For smaller pages, the fixed cost of a request dominates. */
const LEAST_PACED = 50;
const MAX_BYTES = 48 << 20;
/** A scroll is opened again if its pages can then be this many times larger. */
const WORTH_WHILE = 1.5;
/** A document is never larger than the engine's `http.max_content_length`, 100 MB by default. */
const MAX_BYTES_OF_ONE = 512 << 20;

export interface Page {
  readonly hits: readonly Hit[];
  /** Whether this is the last page of the requested range. */
  readonly last: boolean;
}

interface ScrollPage extends Page {
  readonly scrollId: string | undefined;
}

export class PageReader {
  readonly #cluster: Cluster;
  readonly #fields: PageFields;
  #size: number;
  #maxSize: number;
  /** How many documents the follower writes in the target time. */
  #pace = Number.POSITIVE_INFINITY;
  #bound = Number.POSITIVE_INFINITY;

  constructor(cluster: Cluster, fields: PageFields) {
    this.#cluster = cluster;
    this.#fields = fields;
    this.#maxSize = MAX_SIZE[fields];
    this.#size = hasSource(fields) ? FIRST_SIZE : this.#maxSize;
  }

  /** Called when the engine is busy. Pages grow again later. */
  shrink(): void {
    this.#size = Math.max(1, this.#size >> 1);
  }

  /** Limits the documents of a page until the next call. Small pages disturb the engine less than large ones. */
  bound(documents: number): void {
    this.#bound = Math.max(1, Math.floor(documents));
  }

  wrote(documents: number, ms: number): void {
    if (documents < LEAST_PACED) return;
    this.#pace = Math.max(LEAST_PACED, Math.floor((documents * TARGET_MS) / ms));
    this.#size = Math.min(this.#size, this.#pace);
  }

  /** @returns the documents of a shard with these ids, at most one per id */
  async readIds(index: string, shard: number, ids: readonly string[]): Promise<readonly Hit[]> {
    const hits: Hit[] = [];
    for (let after = -1; ; ) {
      const page = await this.read(index, shard, after, undefined, undefined, ids);
      hits.push(...page.hits);
      const lastHit = page.hits.at(-1);
      if (page.last || !lastHit) return hits;
      after = lastHit.seqNo;
    }
  }

  /** @param only limits the range to these `_seq_no` */
  async read(
    index: string,
    shard: number,
    after: number,
    upTo: number | undefined,
    only?: readonly number[],
    ids?: readonly string[],
  ): Promise<Page> {
    for (;;) {
      const size = Math.min(this.#size, this.#bound);
      try {
        const body = await searchPage(this.#cluster, {
          index,
          shard,
          after,
          upTo,
          size,
          only,
          ids,
          fields: this.#fields,
          maxBytes: size === 1 ? MAX_BYTES_OF_ONE : MAX_BYTES,
        });
        return this.#pageOf(body, size);
      } catch (error) {
        if (isTwindexError(error, 'too_large') && size > 1) this.#size = Math.max(1, size >> 3);
        else if (isWindowError(error) && size > 1) this.#size = this.#maxSize = Math.max(1, size >> 1);
        else throw error;
      }
    }
  }

  /** Yields pages in the order of `_seq_no`, with one page read ahead. */
  async *pages(
    index: string,
    shard: number,
    {
      after,
      upTo,
      only,
    }: {
      readonly after: number;
      readonly upTo: number | undefined;
      readonly only?: readonly number[] | undefined;
    },
  ): AsyncGenerator<readonly Hit[]> {
    const read = (from: number): Promise<Page> => this.read(index, shard, from, upTo, only);
    let page = await read(after);
    for (;;) {
      const last = page.hits.at(-1);
      const next = page.last || !last ? undefined : read(last.seqNo);
      next?.catch(() => undefined); // if the caller stops here, nobody awaits `next`
      yield page.hits;
      if (!next) return;
      page = await next;
    }
  }

  /**
   * Yields the documents as of one instant, in the order in which the engine has stored them, with one page
   * read ahead.
   * @throws TwindexError also if the scroll is lost. Then the whole range has to be read again.
   */
  async *stream(
    index: string,
    shard: number,
    { after, upTo }: { readonly after: number; readonly upTo: number },
  ): AsyncGenerator<readonly Hit[]> {
    const { cluster, size, first } = await this.#openStream({ index, shard, after, upTo });
    let { scrollId } = first;
    let page: ScrollPage | undefined = first;
    let next: Promise<ScrollPage> | undefined;
    try {
      while (page) {
        scrollId = page.scrollId ?? scrollId;
        next =
          page.last || scrollId === undefined
            ? undefined
            : nextPageBody(cluster, scrollId, MAX_BYTES).then((body) => this.#pageOf(body, size));
        next?.catch(() => undefined); // if the caller stops here, nobody awaits `next`
        yield page.hits;
        page = await next;
      }
    } finally {
      await next?.catch(() => undefined);
      if (scrollId !== undefined) await closeScroll(cluster, scrollId);
    }
  }

  /** Opens a scroll with the largest possible pages, since a scroll can't change its page size. */
  async #openStream(range: Omit<ScrollRequest, 'fields' | 'size' | 'maxBytes'>) {
    const cluster = this.#cluster;
    for (;;) {
      const size = Math.min(this.#size, this.#bound);
      const body = await openScroll(cluster, { ...range, fields: this.#fields, size, maxBytes: MAX_BYTES });
      const first = this.#pageOf(body, size);
      if (first.scrollId === undefined && !first.last)
        throw new TwindexError('unanswered', `the search of ${range.index} did not open a scroll`);
      if (first.last || Math.min(this.#size, this.#bound) < WORTH_WHILE * size)
        return { cluster, size, first };
      if (first.scrollId !== undefined) await closeScroll(cluster, first.scrollId);
    }
  }

  #pageOf(body: Buffer, size: number): ScrollPage {
    const { hits, scrollId } = parseHits(body, this.#fields !== 'stamps');
    if (hits.length > 0 && hasSource(this.#fields)) {
      const fitting = Math.floor((TARGET_BYTES * hits.length) / body.length);
      this.#size = Math.max(1, Math.min(this.#maxSize, this.#pace, fitting, size * 2));
    }
    return { hits, last: hits.length < size, scrollId };
  }
}

/** Whether the engine refused a page because it is larger than the index's `index.max_result_window`. */
function isWindowError(error: unknown): boolean {
  return (
    isTwindexError(error, 'rejected') && /max_result_window|Result window is too large/.test(error.message)
  );
}
