// Compares the responses of the old and the new index to one search. Pure.
import { parseDocument } from '../json/parseDocument.js';
import {
  DEPTH,
  isDecided,
  overlap,
  type Ranked,
  type Ranking,
  rankBiasedOverlap,
  rankingOf,
} from './ranking.js';
import type { Page } from './recordedQuery.js';

export interface Comparison {
  /** Why the search fails on the new index; undefined if it does not, or if it also fails on the old one. */
  readonly error: string | undefined;
  /** The share of the first ten hits that both indexes return. */
  readonly overlapAt10: number;
  readonly rankBiasedOverlap: number;
  readonly totalBefore: number | undefined;
  readonly totalAfter: number | undefined;
  /** Why the rankings can't be compared completely. Hits that are not known count as not in common. */
  readonly undecided: string | undefined;
  /**
   * Ids (at most `SHOWN`) that only the old or only the new index has among the first ten hits and the hits
   * tied with them.
   */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** Paths of the first differing values, such as `aggregations.by_maker.buckets.0.doc_count`. */
  readonly aggregationsDiffer: readonly string[];
  /** The first ten hits of each index, in the order of the response. */
  readonly before: readonly Hit[];
  readonly after: readonly Hit[];
}

export interface Hit {
  readonly id: string;
  readonly score: number | null;
}

export interface Answer {
  readonly status?: number;
  readonly error?: unknown;
  readonly count?: number;
  readonly timed_out?: boolean;
  readonly _shards?: { readonly failed?: number; readonly failures?: readonly unknown[] };
  readonly hits?: {
    readonly total?: number | { readonly value: number; readonly relation?: string };
    readonly hits?: readonly AnswerHit[];
  };
  readonly aggregations?: unknown;
  readonly suggest?: unknown;
}

interface AnswerHit {
  readonly _id?: string;
  readonly _routing?: string;
  readonly _score?: number | null;
  readonly sort?: readonly unknown[];
}

/** A relative tolerance, since sums of floating-point numbers depend on the order of the documents. */
const TOLERANCE = 1e-6;
/**
 * Members that are not compared: the error bounds of approximate aggregations, and the printed form of keys.
 */
const APPROXIMATE = new Set(['doc_count_error_upper_bound', 'sum_other_doc_count', 'key_as_string']);
const SHOWN = 5;
const MOST_REASON = 300;

/** The response to a search, with the results of further requests. */
export interface Found {
  readonly answer: Answer;
  readonly ranking: Ranking;
  /** The exact number of hits, if the response says only "at least". */
  readonly total?: number | undefined;
  /** Why not all hits that are tied could be read. */
  readonly undecided?: string | undefined;
}

export function compareAnswers(before: Found, after: Found): Comparison {
  const [a, b] = [before.answer, after.answer];
  const [failedBefore, failedAfter] = [failureOf(a), failureOf(b)];
  const differ: string[] = [];
  for (const part of ['aggregations', 'suggest'] as const) differences(a[part], b[part], part, differ);
  const same = failedBefore === undefined && failedAfter === undefined;
  const undecided = isDecided(before.ranking) ? after : before;
  return {
    error: failedBefore === undefined ? failedAfter : undefined,
    overlapAt10: same ? overlap(before.ranking, after.ranking) : Number(failedBefore !== undefined),
    rankBiasedOverlap: same
      ? rankBiasedOverlap(before.ranking, after.ranking)
      : Number(failedBefore !== undefined),
    totalBefore: before.total ?? totalOf(a),
    totalAfter: after.total ?? totalOf(b),
    undecided: same && !isDecided(undecided.ranking) ? (undecided.undecided ?? NOT_READ) : undefined,
    onlyBefore: same ? onlyOf(before, after) : [],
    onlyAfter: same ? onlyOf(after, before) : [],
    aggregationsDiffer: same ? differ : [],
    before: hitsOf(a).slice(0, DEPTH).map(hitOf),
    after: hitsOf(b).slice(0, DEPTH).map(hitOf),
  };
}

/**
 * Compares without further requests. Hits beyond the response are assumed not to be tied with those in it.
 */
export function compareShown(before: Buffer, after: Buffer): Comparison {
  const shown = (body: Buffer): Found => {
    const answer = readAnswer(body);
    const hits = hitsOf(answer)
      .slice(0, DEPTH)
      .map((hit) => rankedOf(hit, FIRST_PAGE));
    const ranking = rankingOf(hits, { top: 0, depth: DEPTH, closedAbove: true, closedBelow: true });
    return { answer, ranking: withoutIds(answer, ranking) };
  };
  return compareAnswers(shown(before), shown(after));
}

/** With `stored_fields: "_none_"` or a `filter_path`, hits have no ids, so they can't be distinguished. */
export const lacksIds = (answer: Answer): boolean => hitsOf(answer).some(({ _id }) => _id === undefined);

/** Marks the ranking as undecided, since hits without ids do not show which documents were found. */
function withoutIds(answer: Answer, ranking: Ranking): Ranking {
  if (!lacksIds(answer)) return ranking;
  return { ...ranking, ties: ranking.ties.map((tie) => ({ ...tie, complete: false })) };
}

const FIRST_PAGE: Page = { from: 0, size: DEPTH, collapses: false, unordered: new Set() };
const NOT_READ = 'not all hits with the same sort value could be read';

/** @returns ids that only `one` has in its compared ties, those in its response first */
function onlyOf(one: Found, another: Found): string[] {
  if (!isDecided(another.ranking)) return [];
  const there = new Set(idsOf(another.ranking));
  const shown = new Set(hitsOf(one.answer).map(keyOf));
  const only = idsOf(one.ranking).filter((id) => !there.has(id));
  return only.toSorted((a, b) => Number(shown.has(b)) - Number(shown.has(a))).slice(0, SHOWN);
}

const idsOf = ({ ties }: Ranking): string[] => ties.flatMap(({ ids }) => ids);

/** @param asked the page that was requested: `page`, or a longer one that begins at the first rank */
export function rankingOfAnswer(answer: Answer, page: Page, asked: Pick<Page, 'from' | 'size'>): Ranking {
  const hits = hitsOf(answer).map((hit) => rankedOf(hit, page));
  const ranking = rankingOf(hits, {
    top: asked.from - page.from,
    depth: Math.min(DEPTH, page.size),
    closedAbove: asked.from === 0,
    closedBelow: hits.length < asked.size || (!page.collapses && isWhole(answer, asked.from + hits.length)),
  });
  return withoutIds(answer, ranking);
}

export function isTotalOpen({ hits }: Answer): boolean {
  return typeof hits?.total === 'object' && hits.total.relation === 'gte';
}

export function readAnswer(body: Buffer): Answer {
  try {
    // Sort values keep all digits, so that hits with nearly equal values do not count as tied.
    const value: unknown = parseDocument(body, numberOrText);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // not JSON: the error below says so
  }
  return { error: 'the answer is not a JSON object' };
}

const numberOrText = (text: string): number | string =>
  /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text)) ? text : Number(text);

export function failureOf({ error, status, _shards, timed_out: timedOut }: Answer): string | undefined {
  if (error !== undefined || (status !== undefined && status >= 300)) return reasonOf(error);
  if ((_shards?.failed ?? 0) > 0) return reasonOf(_shards?.failures?.[0] ?? 'shards failed');
  return timedOut ? 'it timed out' : undefined;
}

interface EngineFailure {
  readonly type?: string;
  readonly reason?: string | EngineFailure;
  readonly root_cause?: readonly EngineFailure[];
  readonly failed_shards?: readonly EngineFailure[];
  readonly caused_by?: EngineFailure;
}

function reasonOf(failure: unknown): string {
  if (typeof failure === 'string') return failure.slice(0, MOST_REASON);
  const error = (failure ?? {}) as EngineFailure;
  const { type = 'failed', reason } = error;
  if (typeof reason === 'object') return reasonOf(reason);
  const inner = error.failed_shards?.[0] ?? error.root_cause?.[0] ?? error.caused_by;
  if (inner && (type === 'search_phase_execution_exception' || reason === undefined)) return reasonOf(inner);
  return `${type}: ${reason ?? ''}`.slice(0, MOST_REASON);
}

function rankedOf(hit: AnswerHit, { unordered }: Page): Ranked {
  const { _score = null, sort } = hit;
  return { id: keyOf(hit), by: JSON.stringify(sort?.filter((_, at) => !unordered.has(at)) ?? _score) };
}

/** Two documents may have the same id and different routings. */
const keyOf = ({ _id = '', _routing }: AnswerHit): string =>
  _routing === undefined ? _id : `${_id} (routing ${_routing})`;

const hitsOf = ({ hits }: Answer): readonly AnswerHit[] => hits?.hits ?? [];

const hitOf = (hit: AnswerHit): Hit => ({ id: keyOf(hit), score: hit._score ?? null });

/** Whether the response has all hits. */
function isWhole(answer: Answer, hits: number): boolean {
  const total = answer.hits?.total;
  const exact = typeof total === 'number' || total?.relation === 'eq';
  return exact && totalOf(answer) === hits;
}

export function totalOf({ count, hits }: Answer): number | undefined {
  if (count !== undefined) return count;
  const total = hits?.total;
  return typeof total === 'object' ? total.value : total;
}

function differences(before: unknown, after: unknown, path: string, found: string[]): void {
  if (found.length >= SHOWN || before === after) return;
  if (typeof before === 'number' && typeof after === 'number') {
    const scale = Math.max(Math.abs(before), Math.abs(after));
    if (Math.abs(before - after) > TOLERANCE * scale) found.push(path);
    return;
  }
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) {
    found.push(path);
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (APPROXIMATE.has(key)) continue;
    // Hits in aggregations (`top_hits`) contain the name of their index.
    if (key === '_index') continue;
    differences(
      (before as Record<string, unknown>)[key],
      (after as Record<string, unknown>)[key],
      `${path}.${key}`,
      found,
    );
  }
}
