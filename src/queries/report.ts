// A replay as text: the figures, then what each index finds for the searches that differ most, side by side. Pure.
import { ratio } from './thresholds.js';
import type { Hit } from './compare.js';
import type { Percentiles, QueryReport, QueryResult } from './replay.js';
import { titleOf } from './request.js';

export interface ReportOptions {
  readonly before: string;
  readonly after: string;
  /** How many searches are shown with their hits. */
  readonly shown: number;
}

/** Kept in the record of a migration: one line each. */
const KEPT = 5;

/** What differs, a line for each search; those without a difference are left out. */
export function firstLines(report: QueryReport, after: string): string[] {
  return report.results
    .filter(differs)
    .slice(0, KEPT)
    .map((result) => `${titleOf(result.query)}: ${whatDiffers(result, after)}`);
}

export function renderReport(report: QueryReport, { before, after, shown }: ReportOptions): string {
  const { requests, errors, overlapAt10, rankBiasedOverlap, msBefore, msAfter } = report;
  const differing = report.results.filter(differs);
  return [
    `${requests} searches on ${before} and ${after}`,
    `  fail          ${errors} on ${after} that don't on ${before}`,
    `  overlap@10    ${two(overlapAt10)}, rank-biased ${two(rankBiasedOverlap)}`,
    `  totals        ${report.totalsDiffer} differ`,
    `  aggregations  ${report.aggregationsDiffer} differ`,
    `  latency       ${before}: ${times(msBefore)}`,
    `                ${after}: ${times(msAfter)} (p95 ${two(ratio(msBefore.p95, msAfter.p95))} times)`,
    ...differing.slice(0, shown).flatMap((result) => ['', ...renderResult(result, { before, after })]),
    ...(differing.length > shown ? ['', `${differing.length - shown} more differ: see --json or --out`] : []),
  ].join('\n');
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

function whatDiffers(result: QueryResult, after: string): string {
  const { error, overlapAt10, rankBiasedOverlap, totalBefore, totalAfter, aggregationsDiffer } = result;
  if (error !== undefined) return `fails on ${after}: ${error}`;
  return [
    ...(overlapAt10 < 1 ? [`overlap@10 ${two(overlapAt10)}`] : []),
    ...(overlapAt10 === 1 && rankBiasedOverlap < 1
      ? [`another order, rank-biased overlap ${two(rankBiasedOverlap)}`]
      : []),
    ...(totalBefore === totalAfter
      ? []
      : [`${totalBefore ?? 'no'} hits before, ${totalAfter ?? 'none'} after`]),
    ...(aggregationsDiffer.length > 0 ? [`differs in ${aggregationsDiffer.join(', ')}`] : []),
  ].join('; ');
}

function renderResult(
  result: QueryResult,
  { before, after }: Pick<ReportOptions, 'before' | 'after'>,
): string[] {
  const rows = Math.max(result.before.length, result.after.length);
  const hits = Array.from({ length: rows }, (_, n) => {
    const place = String(n + 1).padStart(4);
    return `${place}  ${cell(result.before[n])}${cell(result.after[n])}`.trimEnd();
  });
  return [
    titleOf(result.query),
    `  ${whatDiffers(result, after)}`,
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

const two = (value: number): string => value.toFixed(2);

const times = ({ p50, p95, p99 }: Percentiles): string =>
  `p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms, p99 ${Math.round(p99)} ms`;
