// Searches sent to the old and to the new index, one after the other: what they find, and how long that takes.
import type { Located } from '../cluster/located.js';
import { searchAsGiven } from '../cluster/operations/searchAsGiven.js';
import { type Comparison, compareAnswers } from './compare.js';
import { lostFields } from './fieldsOf.js';
import { percentile } from '../percentile.js';
import { partsOf, pathFor, type RecordedQuery } from './request.js';

export interface ReplayOptions {
  readonly queries: readonly RecordedQuery[];
  readonly before: Place;
  readonly after: Place;
}

export interface Place extends Located {
  /** All names of fields. */
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

/** What a replay has found. The means are over the searches that find something on either index. */
export interface QueryReport {
  readonly requests: number;
  /** That fail on the new index, and not on the old one; or use a field that only the old one has. */
  readonly errors: number;
  readonly overlapAt10: number;
  readonly rankBiasedOverlap: number;
  readonly totalsDiffer: number;
  readonly aggregationsDiffer: number;
  readonly msBefore: Percentiles;
  readonly msAfter: Percentiles;
  /** Those that differ most first: errors, then the least overlap. */
  readonly results: readonly QueryResult[];
}

/** Once to warm the caches of both, and once more to be timed. */
const ROUNDS = 2;

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

  /** Goes on for about so long. @throws TwindexError when the cluster does not answer at all */
  async slice(budgetMs: number, signal?: AbortSignal): Promise<void> {
    const { queries } = this.#options;
    const deadline = performance.now() + budgetMs;
    while (!this.done) {
      signal?.throwIfAborted();
      const at = this.#next % queries.length;
      this.#results[at] = await this.#send(queries[at] as RecordedQuery, this.#next % 2 === 0);
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
      msBefore: percentiles(results.map(({ msBefore }) => msBefore)),
      msAfter: percentiles(results.map(({ msAfter }) => msAfter)),
      results: results.toSorted(
        (a, b) =>
          Number(b.error !== undefined) - Number(a.error !== undefined) ||
          a.overlapAt10 - b.overlapAt10 ||
          a.rankBiasedOverlap - b.rankBiasedOverlap,
      ),
    };
  }

  async #send(query: RecordedQuery, oldFirst: boolean): Promise<QueryResult> {
    const { before, after } = this.#options;
    const [first, second] = oldFirst ? [before, after] : [after, before];
    const one = await this.#timed(query, first);
    const other = await this.#timed(query, second);
    const [old, fresh] = oldFirst ? [one, other] : [other, one];
    const comparison = compareAnswers(old.body, fresh.body);
    const lost = lostFields(
      { body: query.body, query: partsOf(query.path)?.query ?? '' },
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

  async #timed(query: RecordedQuery, { cluster, index }: Located): Promise<{ body: Buffer; ms: number }> {
    const began = performance.now();
    const body = await searchAsGiven(cluster, pathFor(query, index), query.body);
    return { body, ms: performance.now() - began };
  }
}

/** 1 where nothing is found anywhere. */
function mean(values: readonly number[]): number {
  return values.length === 0 ? 1 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percentiles(values: readonly number[]): Percentiles {
  return { p50: percentile(values, 50), p95: percentile(values, 95), p99: percentile(values, 99) };
}
