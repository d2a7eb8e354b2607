// What has to hold before readers are moved to the new index: `acceptance` of the index file, against what was found. Pure.
import type { MigrationRecord } from '../journal/record.js';
import { THRESHOLDS, type Threshold } from '../schema/acceptance.js';

/** Quicker than that nobody notices: what takes 1 ms on one index and 2 on the other is not twice as slow. */
const NOTICED_MS = 5;

type Found = Pick<MigrationRecord, 'evidence' | 'queries' | 'acceptance' | 'forced'>;

export interface Broken {
  readonly threshold: Threshold;
  readonly text: string;
}

/** Those that are not kept, and were not overridden by name. */
export function brokenThresholds({ evidence, queries, acceptance, forced }: Found): Broken[] {
  const found: { readonly [B in Threshold]: number | undefined } = {
    differences: evidence.differences,
    queryErrors: queries?.errors,
    overlapAt10: queries?.overlapAt10,
    rankBiasedOverlap: queries?.rankBiasedOverlap,
    totalsDiffer: queries?.totalsDiffer,
    aggregationsDiffer: queries?.aggregationsDiffer,
    latencyP95Ratio: queries ? ratio(queries.msBefore.p95, queries.msAfter.p95) : undefined,
  };
  return (Object.keys(THRESHOLDS) as Threshold[]).flatMap((threshold): Broken[] => {
    const bound = acceptance[threshold];
    if (bound === undefined || forced.includes(threshold)) return [];
    const value = found[threshold];
    if (value === undefined) return [{ threshold, text: `${threshold}: no searches have been compared` }];
    const most = THRESHOLDS[threshold] === 'most';
    if (most ? value <= bound : value >= bound) return [];
    const first = threshold === 'differences' ? undefined : queries?.first[0];
    return [
      {
        threshold,
        text: `${threshold} is ${shown(value)}, ${most ? 'above' : 'below'} ${shown(bound)}${first ? ` (${first})` : ''}`,
      },
    ];
  });
}

export function ratio(before: number, after: number): number {
  return Math.max(NOTICED_MS, after) / Math.max(NOTICED_MS, before);
}

const shown = (value: number): string => String(Math.round(value * 1_000) / 1_000);
