// Records searches for a replay: each search once, and only a few per second. They are written in the
// background, so no client waits. If a write fails, the search is not recorded.
import type { Cluster } from '../../../cluster/cluster.js';
import { messageOf } from '../../../errors.js';
import { withoutRepeats } from '../../../repeated.js';
import {
  countRecordedQueries,
  createQueriesIndex,
  keepQueries,
  type KeptQuery,
  queryId,
} from '../../../queries/recorded.js';
import { searchPath } from '../../mirror/request/searchOf.js';
import { answersIn, searchesIn } from './multiSearch.js';
import type { AnsweredSearch } from './searchTap.js';
import { Slots } from '../../../slots.js';

const PER_SECOND = 5;
/** Limit of recorded searches for one name. Several gateways together may exceed it. */
const MOST = 10_000;
const MOST_BODY = 64 << 10;
const WRITE_EVERY_MS = 500;
const COUNT_EVERY_MS = 60_000;
const MOST_KNOWN = 20_000;
/** The most answers that are read at one time, to limit memory. */
const MOST_ANSWERS = 24;

type Offered = Pick<AnsweredSearch, 'search' | 'head' | 'body' | 'answer'>;

interface RecorderOptions {
  readonly cluster: Cluster;
  readonly onKept: (name: string, queries: number) => void;
  readonly onWarning: (text: string) => void;
}

export class QueryRecorder {
  /** One slot for each answer to a recorded `_msearch`, while the answer is read. */
  readonly answerSlots = new Slots(MOST_ANSWERS);
  readonly #options: RecorderOptions;
  readonly #report: (text: string) => void;
  readonly #counted = new Map<string, { readonly count: number; readonly at: number }>();
  readonly #known = new Set<string>();
  #pending: KeptQuery[] = [];
  #second = 0;
  #inSecond = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#report = withoutRepeats(options.onWarning);
  }

  get hasRoom(): boolean {
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.#second) [this.#second, this.#inSecond] = [second, 0];
    return this.#inSecond < PER_SECOND && !this.#stopped;
  }

  offer(answered: Offered): void {
    for (const query of queriesOf(answered)) this.#offer(query);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #offer(query: KeptQuery): void {
    if (!this.hasRoom || (query.body?.length ?? 0) > MOST_BODY) return;
    const id = queryId(query);
    // known searches do not count against the rate limit, so that frequent searches leave room for others
    if (this.#known.has(id)) return;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.add(id);
    this.#inSecond++;
    this.#pending.push(query);
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_EVERY_MS).unref();
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    try {
      for (const index of new Set(pending.map(({ name }) => name)))
        await this.#keep(
          index,
          pending.filter(({ name }) => name === index),
        );
    } catch (error) {
      for (const query of pending) this.#known.delete(queryId(query));
      if (!this.#stopped) this.#report(`searches could not be recorded: ${messageOf(error)}`);
    } finally {
      this.#timer = undefined;
    }
    if (this.#pending.length > 0 && !this.#stopped)
      this.#timer = setTimeout(() => void this.#write(), WRITE_EVERY_MS).unref();
  }

  async #keep(name: string, queries: readonly KeptQuery[]): Promise<void> {
    const { cluster, onKept } = this.#options;
    const before = await this.#count(name);
    if (before.count >= MOST) return;
    const kept = await keepQueries(cluster, queries);
    this.#counted.set(name, { ...before, count: before.count + kept });
    onKept(name, kept);
  }

  /** Reads the count again after a minute, since other gateways add to it, and the index may be deleted. */
  async #count(name: string): Promise<{ readonly count: number; readonly at: number }> {
    const now = performance.now();
    const known = this.#counted.get(name);
    if (known && now - known.at < COUNT_EVERY_MS) return known;
    const { cluster } = this.#options;
    const count = await countRecordedQueries(cluster, name);
    if (count === undefined) {
      await createQueriesIndex(cluster);
      this.#known.clear();
    }
    const counted = { count: count ?? 0, at: now };
    this.#counted.set(name, counted);
    return counted;
  }
}

/** A `_msearch` becomes several searches. */
function queriesOf({ search, head, body, answer }: Offered): KeptQuery[] {
  if (body === undefined) return [];
  const name = search.rule.name;
  if (search.api === '_msearch') {
    const path = searchPath({ api: '_search', query: '' }, search.name);
    return foundIn(body.toString(), answer).map((one) => ({ name, method: 'POST', path, body: one }));
  }
  const text = body.length > 0 ? body.toString() : undefined;
  return [{ name, method: head.method === 'GET' ? 'GET' : 'POST', path: head.target, body: text }];
}

/**
 * The searches of a `_msearch` that the engine has carried out. Others may have failed because the client has
 * no right to search. A search with a header is left out, too, since the header may name another index.
 */
function foundIn(body: string, answer: Buffer | undefined): string[] {
  const searches = searchesIn(body);
  const answers = answer === undefined ? [] : readAnswers(answer);
  // if `filter_path` has removed some answers, they can't be assigned to the searches
  if (answers.length !== searches.length) return [];
  return searches.flatMap((one, n) => (one !== undefined && answers[n]?.hasHits ? [one] : []));
}

function readAnswers(answer: Buffer): ReturnType<typeof answersIn> {
  try {
    return answersIn(answer);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
