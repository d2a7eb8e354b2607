// A reader of the application. It sends searches with known results through the read alias.
import { messageOf } from '../errors.js';
import { writerOf } from './assortment.js';
import { CATEGORIES, COLOURS, keyOf, NOUNS, type Random } from './catalogue.js';
import { parseExactJson } from './demoJson.js';
import type { EngineHttp } from './http.js';

export class ReadTally {
  served = 0;
  /** Reads that got no response, an error, or an incomplete response (a shard is missing). */
  failed = 0;
  /** Responses without a hit. They are wrong, because every read should find something. */
  empty = 0;
  readonly byIndex: Record<string, number> = {};
  readonly examples: string[] = [];
}

interface SearchAnswer {
  readonly timed_out?: boolean;
  readonly _shards?: { readonly failed: number };
  readonly hits?: { readonly hits: readonly { readonly _index: string }[] };
  readonly _scroll_id?: string;
  readonly responses?: readonly SearchAnswer[];
  readonly docs?: readonly DocumentAnswer[];
}

interface DocumentAnswer {
  readonly _index: string;
  readonly found?: boolean;
}

type Verdict = { type: 'served'; index: string } | { type: 'empty' } | { type: 'failed'; reason: string };

const MAX_EXAMPLES = 5;

export interface ReaderOptions {
  readonly http: EngineHttp;
  readonly alias: string;
  readonly documents: number;
  readonly random: Random;
  readonly tally: ReadTally;
}

export class Reader {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  async read(): Promise<void> {
    const { alias } = this.#options;
    const draw = this.#options.random();
    if (draw < 0.2) return this.#document();
    if (draw < 0.25) return this.#scroll();
    if (draw < 0.35) return this.#multiSearch();
    const verdict = await this.#ask(`/${alias}/_search`, JSON.stringify(this.#search()), searchVerdict);
    this.#count(verdict.verdict, `search through ${alias}`);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#options.random() * from.length)] as T;
  }

  /** Reads a product that nobody writes, so it must always exist. */
  async #document(): Promise<void> {
    const { alias, documents, random } = this.#options;
    const number = Math.floor(random() * (documents / 10)) * 10 + 9;
    if (number >= documents || writerOf(number) !== 'nobody') return;
    const { id, routing } = keyOf(number);
    const query = routing === undefined ? '' : `?routing=${encodeURIComponent(routing)}`;
    const path = `/${alias}/_doc/${encodeURIComponent(id)}${query}`;
    const { verdict } = await this.#ask(path, undefined, documentVerdict);
    this.#count(verdict, `GET of ${JSON.stringify(id)}`);
  }

  /** Checks that a scroll can be continued even if the alias is moved meanwhile. */
  async #scroll(): Promise<void> {
    const { alias, http } = this.#options;
    const body = JSON.stringify({ size: 20, query: { term: { category: this.#pick(CATEGORIES) } } });
    let { verdict, answer } = await this.#ask(`/${alias}/_search?scroll=10s`, body, searchVerdict);
    this.#count(verdict, `scroll through ${alias}`);
    const id = answer?._scroll_id;
    if (id === undefined) return;
    ({ verdict, answer } = await this.#ask(
      '/_search/scroll',
      JSON.stringify({ scroll: '10s', scroll_id: id }),
      (next, status) =>
        status === 200 && next.hits?.hits.length === 0 ? undefined : searchVerdict(next, status),
    ));
    this.#count(verdict, `second page of a scroll through ${alias}`);
    await http
      .send('DELETE', '/_search/scroll', JSON.stringify({ scroll_id: answer?._scroll_id ?? id }))
      .catch(() => {});
  }

  async #multiSearch(): Promise<void> {
    const { alias } = this.#options;
    const lines = [{}, this.#search(), {}, this.#search()].map((line) => JSON.stringify(line));
    const { verdict } = await this.#ask(`/${alias}/_msearch`, `${lines.join('\n')}\n`, (answer, status) => {
      const verdicts = (answer.responses ?? []).map((one) => searchVerdict(one, status));
      return verdicts.find((one) => one.type !== 'served') ?? verdicts[0] ?? searchVerdict(answer, status);
    });
    this.#count(verdict, `multi-search through ${alias}`);
  }

  /** A search that works in both versions and always has hits. */
  #search(): object {
    const { random } = this.#options;
    const queries = [
      { match: { title: this.#pick(NOUNS) } },
      { bool: { must: { match: { title: this.#pick(NOUNS) } }, filter: { range: { stock: { gte: 1 } } } } },
      { terms: { category: [this.#pick(CATEGORIES), this.#pick(CATEGORIES)] } },
      { nested: { path: 'variants', query: { term: { 'variants.colour': this.#pick(COLOURS) } } } },
      { range: { released: { gte: '2016-01-01' } } },
      { match_all: {} },
    ];
    const aggs = { categories: { terms: { field: 'category' } }, stock: { stats: { field: 'stock' } } };
    return {
      size: 5,
      query: this.#pick(queries),
      ...(random() < 0.3 ? { aggs } : {}),
      ...(random() < 0.3 ? { sort: [{ stock: 'desc' }], from: 2 } : {}),
    };
  }

  async #ask(
    path: string,
    body: string | undefined,
    verdictOf: (answer: SearchAnswer & DocumentAnswer, status: number) => Verdict | undefined,
  ): Promise<{ verdict: Verdict | undefined; answer?: SearchAnswer }> {
    try {
      const reply = await this.#options.http.send(body === undefined ? 'GET' : 'POST', path, body);
      const answer = parseExactJson(reply.text) as SearchAnswer & DocumentAnswer;
      const verdict = verdictOf(answer, reply.status);
      if (verdict?.type !== 'failed') return { verdict, answer };
      return { verdict: { type: 'failed', reason: `${reply.status} ${reply.text.slice(0, 200)}` }, answer };
    } catch (error) {
      return { verdict: { type: 'failed', reason: messageOf(error) } };
    }
  }

  #count(verdict: Verdict | undefined, what: string): void {
    if (!verdict) return;
    const { tally } = this.#options;
    tally[verdict.type] += 1;
    if (verdict.type === 'served') {
      tally.byIndex[verdict.index] = (tally.byIndex[verdict.index] ?? 0) + 1;
    } else if (tally.examples.length < MAX_EXAMPLES) {
      tally.examples.push(`${what}: ${verdict.type === 'empty' ? 'nothing found' : verdict.reason}`);
    }
  }
}

function searchVerdict(answer: SearchAnswer, status: number): Verdict {
  const whole = status === 200 && answer.timed_out === false && answer._shards?.failed === 0;
  if (!whole || !answer.hits) return { type: 'failed', reason: '' };
  const [first] = answer.hits.hits;
  return first ? { type: 'served', index: first._index } : { type: 'empty' };
}

function documentVerdict(answer: DocumentAnswer, status: number): Verdict {
  if (status === 200 && answer.found) return { type: 'served', index: answer._index };
  return status === 404 && answer.found === false ? { type: 'empty' } : { type: 'failed', reason: '' };
}
