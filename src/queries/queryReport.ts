// Formats the comparison of searches on both indexes: statistics, and the hits of the searches that differ most. Pure.
import type { Threshold } from '../schema/acceptance.js';
import type { Hit } from './compare.js';
import { DEPTH } from './ranking.js';
import { type Percentiles, type QueryReport, type QueryResult, totalsApart } from './replayQueries.js';
import { titleOf } from './recordedQuery.js';
import { ratio } from './thresholds.js';

export interface IndexNames {
  readonly before: string;
  readonly after: string;
}

export interface ReportOptions extends IndexNames {
  /** How many searches are shown with their hits. */
  readonly shown: number;
}

/** How many searches are shown for each threshold, in the migration's record and at the top of a report. */
const EXAMPLES = 3;
const IDS = 3;
const MOST_ID = 40;

type OfSearches = Exclude<Threshold, 'differences' | 'nonDeterministic' | 'emptyAliases'>;

/** How far the result of a search is from the ideal value of a threshold. */
const DISTANCE: { readonly [T in OfSearches]: (result: QueryResult) => number } = {
  queryErrors: ({ error }) => (error === undefined ? 0 : 1),
  overlapAt10: ({ overlapAt10 }) => 1 - overlapAt10,
  rankBiasedOverlap: ({ rankBiasedOverlap }) => 1 - rankBiasedOverlap,
  totalsDiffer: totalsApart,
  aggregationsDiffer: ({ aggregationsDiffer }) => aggregationsDiffer.length,
  latencyP95Ratio: ({ msBefore, msAfter }) => Math.max(0, msAfter - msBefore),
};

/** @returns for each threshold the searches that are furthest from its ideal value, one line each */
export function worstLines(report: QueryReport, names: IndexNames): Record<string, string[]> {
  const lines = (Object.keys(DISTANCE) as OfSearches[]).map((threshold) => [
    threshold,
    worstOf(report, threshold).map((result) => lineOf(result, threshold, names)),
  ]);
  return Object.fromEntries(lines) as Record<string, string[]>;
}

function worstOf({ results }: QueryReport, threshold: OfSearches): QueryResult[] {
  const distance = DISTANCE[threshold];
  return results
    .filter((result) => distance(result) > 0)
    .toSorted((a, b) => distance(b) - distance(a))
    .slice(0, EXAMPLES);
}

function lineOf(result: QueryResult, threshold: OfSearches, names: IndexNames): string {
  const { msBefore, msAfter } = result;
  const text =
    threshold === 'latencyP95Ratio'
      ? `${Math.round(msBefore)} ms on ${names.before}, ${Math.round(msAfter)} ms on ${names.after}`
      : whatDiffers(result, names);
  return `${titleOf(result.query)}: ${text}`;
}

export function renderReport(report: QueryReport, options: ReportOptions): string {
  const { before, after, shown } = options;
  const { requests, errors, overlapAt10, rankBiasedOverlap, undecided, msBefore, msAfter } = report;
  const differing = report.results.filter(differs);
  const empty = report.results.filter(findsNothing).length;
  return [
    `${requests} searches on ${before} and ${after}`,
    `  fail          ${errors} only on ${after}`,
    `  overlap@10    ${two(overlapAt10)}, rank-biased ${two(rankBiasedOverlap)}`,
    ...(undecided > 0
      ? [`                ${undecided} can't be decided: their unknown hits count as not in common`]
      : []),
    ...(empty > 0
      ? [`                ${empty} find nothing on either index, and are left out of these averages`]
      : []),
    `  totals        ${report.totalsDiffer} differ`,
    `  aggregations  ${report.aggregationsDiffer} differ`,
    `  latency       ${before}: ${times(msBefore)}`,
    `                ${after}: ${times(msAfter)} (p95 ${ratio(msBefore.p95, msAfter.p95).toFixed(2)} times)`,
    ...examples('lowest overlap', report, 'overlapAt10', options),
    ...examples('totals that differ most', report, 'totalsDiffer', options),
    ...differing.slice(0, shown).flatMap((result) => ['', ...renderResult(result, { before, after })]),
    ...(differing.length > shown ? ['', `${differing.length - shown} more differ: see --json or --out`] : []),
  ].join('\n');
}

function examples(title: string, report: QueryReport, threshold: OfSearches, names: IndexNames): string[] {
  const lines = worstOf(report, threshold).map((result) => `    ${lineOf(result, threshold, names)}`);
  return lines.length === 0 ? [] : ['', `  ${title}:`, ...lines];
}

function differs({
  error,
  overlapAt10,
  rankBiasedOverlap,
  totalBefore,
  totalAfter,
  aggregationsDiffer,
}: QueryResult): boolean {
  const inOrder = overlapAt10 === 1 && rankBiasedOverlap === 1;
  return error !== undefined || !inOrder || totalBefore !== totalAfter || aggregationsDiffer.length > 0;
}

/** A search that finds nothing on either index says nothing about rankings, so the averages leave it out. */
const findsNothing = ({ error, before, after, totalBefore, totalAfter }: QueryResult): boolean =>
  error === undefined && before.length + after.length === 0 && !totalBefore && !totalAfter;

function whatDiffers(result: QueryResult, { before, after }: IndexNames): string {
  const { error, overlapAt10, rankBiasedOverlap, totalBefore, totalAfter, aggregationsDiffer } = result;
  if (error !== undefined) return `fails on ${after}: ${error}`;
  const { undecided, onlyBefore, onlyAfter } = result;
  return [
    ...(overlapAt10 < 1 ? [`overlap@10 ${two(overlapAt10)}`] : []),
    ...(overlapAt10 === 1 && rankBiasedOverlap < 1
      ? [`another order, rank-biased overlap ${two(rankBiasedOverlap)}`]
      : []),
    ...(undecided === undefined
      ? []
      : [`it can't be decided which hits are among the first ${DEPTH}: ${undecided}`]),
    ...(totalBefore === totalAfter
      ? []
      : [`${totalBefore ?? 'no'} hits before, ${totalAfter ?? 'none'} after`]),
    ...(aggregationsDiffer.length > 0 ? [`differs in ${aggregationsDiffer.join(', ')}`] : []),
    ...only(before, onlyBefore),
    ...only(after, onlyAfter),
  ].join('; ');
}

function only(index: string, ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  const some = ids.slice(0, IDS).map((id) => (id.length > MOST_ID ? `${id.slice(0, MOST_ID - 3)}...` : id));
  return [`only ${index} has ${some.join(', ')}${ids.length > IDS ? ', ...' : ''}`];
}

function renderResult(result: QueryResult, { before, after }: IndexNames): string[] {
  const rows = Math.max(result.before.length, result.after.length);
  const hits = Array.from({ length: rows }, (_, n) => {
    const place = String(n + 1).padStart(4);
    return `${place}  ${cell(result.before[n])}${cell(result.after[n])}`.trimEnd();
  });
  return [
    titleOf(result.query),
    `  ${whatDiffers(result, { before, after })}`,
    ...(rows > 0 ? [`      ${before.padEnd(WIDTH)}${after}`, ...hits] : []),
  ];
}

const WIDTH = 36;

function cell(hit: Hit | undefined): string {
  if (!hit) return ''.padEnd(WIDTH);
  const score = hit.score === null ? '' : ` ${hit.score.toPrecision(4)}`;
  const room = WIDTH - 2 - score.length;
  const id = hit.id.length > room ? `${hit.id.slice(0, room - 3)}...` : hit.id;
  return `${id}${score}`.padEnd(WIDTH);
}

/** Rounded down, so that only equal rankings show 1.00. */
const two = (value: number): string => (Math.floor(value * 100 + 1e-9) / 100).toFixed(2);

const times = ({ p50, p95, p99 }: Percentiles): string =>
  `p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms, p99 ${Math.round(p99)} ms`;
