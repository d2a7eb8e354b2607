// The answers of the old and the new index to one search. Pure.
import { aligned, DEPTH, overlap, type Ranked, rankBiasedOverlap } from './ranking.js';

export interface Comparison {
  /** Why the new index fails where the old one does not. */
  readonly error: string | undefined;
  /** Share of the first ten hits that both have. */
  readonly overlapAt10: number;
  readonly rankBiasedOverlap: number;
  readonly totalBefore: number | undefined;
  readonly totalAfter: number | undefined;
  /** Paths of the first values that differ: `aggregations.by_maker.buckets.0.doc_count`. */
  readonly aggregationsDiffer: readonly string[];
  /** The first ten of each, as they came. */
  readonly before: readonly Hit[];
  readonly after: readonly Hit[];
}

export interface Hit {
  readonly id: string;
  readonly score: number | null;
}

interface Answer {
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
  readonly _score?: number | null;
  readonly sort?: readonly unknown[];
}

/** Relative: sums of floating-point numbers depend on the order of the documents. */
const TOLERANCE = 1e-6;
/** Of approximate aggregations: how approximate they are differs from shard to shard. */
const APPROXIMATE = new Set(['doc_count_error_upper_bound', 'sum_other_doc_count', 'key_as_string']);
const SHOWN = 5;
const MOST_REASON = 300;

/** @param before @param after bodies of the answers, JSON */
export function compareAnswers(before: Buffer, after: Buffer): Comparison {
  const [a, b] = [parse(before), parse(after)];
  const [failedBefore, failedAfter] = [failureOf(a), failureOf(b)];
  const [hitsBefore, hitsAfter] = [a.hits?.hits ?? [], b.hits?.hits ?? []];
  const ranked = aligned(hitsBefore.map(rankedOf), hitsAfter.map(rankedOf), {
    before: isWhole(a, hitsBefore.length),
    after: isWhole(b, hitsAfter.length),
  });
  const differ: string[] = [];
  for (const part of ['aggregations', 'suggest'] as const) differences(a[part], b[part], part, differ);
  const same = failedBefore === undefined && failedAfter === undefined;
  return {
    error: failedBefore === undefined ? failedAfter : undefined,
    overlapAt10: same ? overlap(ranked.before, ranked.after) : Number(failedBefore !== undefined),
    rankBiasedOverlap: same
      ? rankBiasedOverlap(ranked.before, ranked.after)
      : Number(failedBefore !== undefined),
    totalBefore: totalOf(a),
    totalAfter: totalOf(b),
    aggregationsDiffer: same ? differ : [],
    before: hitsBefore.slice(0, DEPTH).map(hitOf),
    after: hitsAfter.slice(0, DEPTH).map(hitOf),
  };
}

function parse(body: Buffer): Answer {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // below
  }
  return { error: 'the answer is no JSON object' };
}

function failureOf({ error, status, _shards, timed_out: timedOut }: Answer): string | undefined {
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

/** The innermost reason that an engine gives: what its query or shard failed of. */
function reasonOf(failure: unknown): string {
  if (typeof failure === 'string') return failure.slice(0, MOST_REASON);
  const error = (failure ?? {}) as EngineFailure;
  const { type = 'failed', reason } = error;
  if (typeof reason === 'object') return reasonOf(reason);
  const inner = error.failed_shards?.[0] ?? error.root_cause?.[0] ?? error.caused_by;
  if (inner && (type === 'search_phase_execution_exception' || reason === undefined)) return reasonOf(inner);
  return `${type}: ${reason ?? ''}`.slice(0, MOST_REASON);
}

function rankedOf({ _id = '', _score = null, sort }: AnswerHit): Ranked {
  return { id: _id, by: JSON.stringify(sort ?? _score) };
}

const hitOf = ({ _id = '', _score = null }: AnswerHit): Hit => ({ id: _id, score: _score });

/** No hit stands behind those of the answer. */
function isWhole(answer: Answer, hits: number): boolean {
  const total = answer.hits?.total;
  const exact = typeof total === 'number' || total?.relation === 'eq';
  return exact && totalOf(answer) === hits;
}

function totalOf({ count, hits }: Answer): number | undefined {
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
    // hits inside of aggregations (`top_hits`) carry the name of their index
    if (key === '_index') continue;
    differences(
      (before as Record<string, unknown>)[key],
      (after as Record<string, unknown>)[key],
      `${path}.${key}`,
      found,
    );
  }
}
