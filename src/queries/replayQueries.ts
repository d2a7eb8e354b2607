// Sends searches to the old and the new index in turn, and compares hits and response times.
import type { IndexRef } from '../cluster/indexRef.js';
import { searchAsGiven } from '../cluster/documents/searchAsGiven.js';
import {
  type Answer,
  type Comparison,
  compareAnswers,
  failureOf,
  type Found,
  isTotalOpen,
  lacksIds,
  rankingOfAnswer,
  readAnswer,
  totalOf,
} from './compare.js';
import { lostFields } from './fieldsOf.js';
import { percentile } from '../percentile.js';
import { isDecided, type Ranking } from './ranking.js';
import { type Page, pageOf, partsOf, pathFor, type RecordedQuery } from './recordedQuery.js';
import { type SearchedAliases, throughAlias } from './throughAlias.js';

export interface ReplayOptions {
  readonly queries: readonly RecordedQuery[];
  readonly before: Place;
  readonly after: Place;
  /** The old index's aliases. A search through an alias gets its filter and routing on both indexes. */
  readonly aliases: SearchedAliases;
}

export interface Place extends IndexRef {
  readonly fields: ReadonlySet<string>;
}

export interface QueryResult extends Comparison {
  readonly query: RecordedQuery;
  readonly msBefore: number;
  readonly msAfter: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Averages leave out searches that return no hits from either index. */
export interface QueryReport {
  readonly requests: number;
  /** Searches that fail only on the new index, or use a field that only the old index has. */
  readonly errors: number;
  readonly overlapAt10: number;
  readonly rankBiasedOverlap: number;
  readonly totalsDiffer: number;
  readonly aggregationsDiffer: number;
  /** Searches whose hits can't be compared: they have no ids, or more are tied than can be read. */
  readonly undecided: number;
  readonly msBefore: Percentiles;
  readonly msAfter: Percentiles;
  /** The searches that differ most come first: errors, then low overlap, then different totals. */
  readonly results: readonly QueryResult[];
}

/** The first round warms the caches of both indexes, and the second round is timed. */
const ROUNDS = 2;
/** How many hits are read to find all tied hits. The default of `index.max_result_window` is 10,000. */
const DEPTHS: readonly number[] = [1_000, 10_000];
/** The parts of a long response that a ranking needs. */
const RANKING_ONLY =
  '_shards,timed_out,status,error,hits.total,hits.hits._id,hits.hits._routing,hits.hits._score,hits.hits.sort';

export class Replay {
  readonly #options: ReplayOptions;
  readonly #results: QueryResult[] = [];
  #next = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  get total(): number {
    return this.#options.queries.length * ROUNDS;
  }

  get sent(): number {
    return this.#next;
  }

  get done(): boolean {
    return this.#next >= this.total;
  }

  /** @throws TwindexError when the cluster does not respond at all */
  async slice(budgetMs: number, signal?: AbortSignal): Promise<void> {
    const { queries } = this.#options;
    const deadline = performance.now() + budgetMs;
    while (!this.done) {
      signal?.throwIfAborted();
      const at = this.#next % queries.length;
      const isLast = this.#next >= this.total - queries.length;
      this.#results[at] = await this.#send(queries[at] as RecordedQuery, this.#next % 2 === 0, isLast);
      this.#next++;
      if (performance.now() >= deadline) return;
    }
  }

  report(): QueryReport {
    const results = this.#results;
    const finding = results.filter(({ before, after }) => before.length + after.length > 0);
    return {
      requests: results.length,
      errors: results.filter(({ error }) => error !== undefined).length,
      overlapAt10: mean(finding.map(({ overlapAt10 }) => overlapAt10)),
      rankBiasedOverlap: mean(finding.map(({ rankBiasedOverlap }) => rankBiasedOverlap)),
      totalsDiffer: results.filter(
        ({ error, totalBefore, totalAfter }) => !error && totalBefore !== totalAfter,
      ).length,
      aggregationsDiffer: results.filter(({ aggregationsDiffer }) => aggregationsDiffer.length > 0).length,
      undecided: results.filter(({ undecided }) => undecided !== undefined).length,
      msBefore: percentiles(results.map(({ msBefore }) => msBefore)),
      msAfter: percentiles(results.map(({ msAfter }) => msAfter)),
      results: results.toSorted(
        (a, b) =>
          Number(b.error !== undefined) - Number(a.error !== undefined) ||
          a.overlapAt10 - b.overlapAt10 ||
          a.rankBiasedOverlap - b.rankBiasedOverlap ||
          totalsApart(b) - totalsApart(a),
      ),
    };
  }

  /** @param deeply also read tied hits beyond the response, and count hits exactly */
  async #send(query: RecordedQuery, oldFirst: boolean, deeply: boolean): Promise<QueryResult> {
    const { before, after, aliases } = this.#options;
    const [first, second] = oldFirst ? [before, after] : [after, before];
    const sent = throughAlias(query, aliases);
    const one = await this.#timed(sent, first);
    const other = await this.#timed(sent, second);
    const [old, fresh] = oldFirst ? [one, other] : [other, one];
    const [a, b] = [readAnswer(old.body), readAnswer(fresh.body)];
    const counts = deeply && (isTotalOpen(a) || isTotalOpen(b));
    const comparison = compareAnswers(
      await found(sent, before, a, { deeply, counts }),
      await found(sent, after, b, { deeply, counts }),
    );
    const lost = lostFields(
      { body: sent.body, query: partsOf(sent.path)?.query ?? '' },
      before.fields,
      after.fields,
    );
    const uses =
      lost.length > 0 ? `it uses ${lost.join(', ')}, which ${after.index} does not have` : undefined;
    return {
      ...comparison,
      error: comparison.error ?? uses,
      query,
      msBefore: old.ms,
      msAfter: fresh.ms,
    };
  }

  async #timed(query: RecordedQuery, { cluster, index }: IndexRef): Promise<{ body: Buffer; ms: number }> {
    const began = performance.now();
    const body = await searchAsGiven(cluster, pathFor(query, index), query.body);
    return { body, ms: performance.now() - began };
  }
}

interface Thoroughness {
  readonly deeply: boolean;
  readonly counts: boolean;
}

async function found(
  query: RecordedQuery,
  place: IndexRef,
  answer: Answer,
  { deeply, counts }: Thoroughness,
): Promise<Found> {
  const page = pageOf(query);
  const ranking = rankingOfAnswer(answer, page, page);
  if (failureOf(answer) !== undefined) return { answer, ranking };
  const total = counts ? await countHits(query, place) : undefined;
  if (lacksIds(answer))
    return { answer, ranking, total, undecided: 'its hits have no ids (stored_fields: "_none_")' };
  if (!deeply || isDecided(ranking)) return { answer, ranking, total };
  return { answer, total, ...(await readTies(query, place, page, ranking)) };
}

/** Repeats the search from the first rank on, until all hits are read that are tied with hits of its page. */
async function readTies(
  query: RecordedQuery,
  place: IndexRef,
  page: Page,
  shown: Ranking,
): Promise<Pick<Found, 'ranking' | 'undecided'>> {
  let ranking = shown;
  let most = page.from + page.size;
  let depths = DEPTHS.filter((depth) => depth > most);
  for (let [size] = depths; size !== undefined; [size] = depths) {
    const answer = await ask(query, place, { from: '0', size: String(size), filter_path: RANKING_ONLY });
    const failure = failureOf(answer);
    if (failure === undefined) {
      most = size;
      ranking = rankingOfAnswer(answer, page, { from: 0, size });
      if (isDecided(ranking)) return { ranking };
      depths = depths.slice(1);
      continue;
    }
    const window = allowed(failure);
    if (window === undefined || window >= size)
      return {
        ranking,
        undecided: `many have the same sort value, and the engine does not return ${size} hits (${failure})`,
      };
    depths = window > most ? [window] : [];
  }
  return {
    ranking,
    undecided: `too many have the same sort value (more than ${most} hits would have to be read)`,
  };
}

/** @returns the index's `max_result_window`, if the search was refused because of it */
function allowed(failure: string): number | undefined {
  const [, limit] = /less than or equal to: \[(\d+)\]/.exec(failure) ?? [];
  return limit === undefined ? undefined : Number(limit);
}

async function countHits(query: RecordedQuery, place: IndexRef): Promise<number | undefined> {
  const path = { from: '0', size: '0', track_total_hits: 'true', filter_path: 'hits.total,error,status' };
  return totalOf(await ask(query, place, path));
}

async function ask(
  query: RecordedQuery,
  { cluster, index }: IndexRef,
  instead: Readonly<Record<string, string>>,
): Promise<Answer> {
  return readAnswer(await searchAsGiven(cluster, pathFor(query, index, instead), query.body));
}

/** @returns the difference of the two counts of hits, as a share from 0 to 1 */
export function totalsApart({ error, totalBefore = 0, totalAfter = 0 }: QueryResult): number {
  const most = Math.max(totalBefore, totalAfter);
  return error !== undefined || most === 0 ? 0 : Math.abs(totalBefore - totalAfter) / most;
}

/** 1 if there are no values, because no search finds anything. */
function mean(values: readonly number[]): number {
  return values.length === 0 ? 1 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percentiles(values: readonly number[]): Percentiles {
  return { p50: percentile(values, 50), p95: percentile(values, 95), p99: percentile(values, 99) };
}
