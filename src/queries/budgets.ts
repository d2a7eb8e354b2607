// What has to hold before readers are moved to the new index: `happy` of the index file, against what was found. Pure.
import type { MigrationRecord } from '../journal/record.js';
import { BUDGETS, type Budget } from '../schema/happy.js';

/** Quicker than that nobody notices: what takes 1 ms on one index and 2 on the other is not twice as slow. */
const NOTICED_MS = 5;

type Found = Pick<MigrationRecord, 'evidence' | 'queries' | 'happy' | 'forced'>;

export interface Broken {
  readonly budget: Budget;
  readonly text: string;
}

/** Those that are not kept, and were not overridden by name. */
export function brokenBudgets({ evidence, queries, happy, forced }: Found): Broken[] {
  const found: { readonly [B in Budget]: number | undefined } = {
    differences: evidence.differences,
    nonDeterministic: evidence.nonDeterministic,
    queryErrors: queries?.errors,
    overlapAt10: queries?.overlapAt10,
    rankBiasedOverlap: queries?.rankBiasedOverlap,
    totalsDiffer: queries?.totalsDiffer,
    aggregationsDiffer: queries?.aggregationsDiffer,
    latencyP95Ratio: queries ? ratio(queries.msBefore.p95, queries.msAfter.p95) : undefined,
  };
  return (Object.keys(BUDGETS) as Budget[]).flatMap((budget): Broken[] => {
    const bound = happy[budget];
    if (bound === undefined || forced.includes(budget)) return [];
    const value = found[budget];
    if (value === undefined) return [{ budget, text: `${budget}: no searches have been compared` }];
    const most = BUDGETS[budget] === 'most';
    if (most ? value <= bound : value >= bound) return [];
    if (budget === 'nonDeterministic') return [{ budget, text: whyNotCompared(value) }];
    const first = budget === 'differences' ? undefined : queries?.first[0];
    return [
      {
        budget,
        text: `${budget} is ${shown(value)}, ${most ? 'above' : 'below'} ${shown(bound)}${first ? ` (${first})` : ''}`,
      },
    ];
  });
}

const whyNotCompared = (documents: number): string =>
  `nonDeterministic: ${shown(documents)} documents could not be compared, as the transform makes something else of them each time`;

export function ratio(before: number, after: number): number {
  return Math.max(NOTICED_MS, after) / Math.max(NOTICED_MS, before);
}

const shown = (value: number): string => String(Math.round(value * 1_000) / 1_000);
