// Compares the thresholds of `acceptance` in the index file with what verification and the searches found. Pure.
import type { MigrationRecord } from '../protocol/record.js';
import { count } from '../words.js';
import { THRESHOLDS, type Threshold } from '../schema/acceptance.js';

/** Shorter times count as 5 ms, since nobody notices the difference between 1 ms and 2 ms. */
const NOTICED_MS = 5;
/** A tolerance for rounding errors, for example in the mean of ten searches with 0.95 each. */
const ROUNDING = 1e-12;

type Found = Pick<MigrationRecord, 'evidence' | 'queries' | 'acceptance' | 'forced' | 'emptyAliases'>;

export interface Broken {
  readonly threshold: Threshold;
  /** For example `overlapAt10 is 0.9, below 0.95. Worst: ...`, with the worst search or document. */
  readonly text: string;
}

/** @returns the thresholds that do not hold, except those that were overridden by name */
export function brokenThresholds({ evidence, queries, acceptance, forced, emptyAliases }: Found): Broken[] {
  const found: { readonly [T in Threshold]: number | undefined } = {
    differences: evidence.differences,
    nonDeterministic: evidence.nonDeterministic,
    emptyAliases: emptyAliases.length,
    queryErrors: queries?.errors,
    overlapAt10: queries?.overlapAt10,
    rankBiasedOverlap: queries?.rankBiasedOverlap,
    totalsDiffer: queries?.totalsDiffer,
    aggregationsDiffer: queries?.aggregationsDiffer,
    latencyP95Ratio: queries ? ratio(queries.msBefore.p95, queries.msAfter.p95) : undefined,
  };
  return (Object.keys(THRESHOLDS) as Threshold[]).flatMap((threshold): Broken[] => {
    const limit = acceptance[threshold];
    if (limit === undefined || forced.includes(threshold)) return [];
    const value = found[threshold];
    if (value === undefined) return [{ threshold, text: `${threshold}: no searches have been compared` }];
    const atMost = THRESHOLDS[threshold] === 'most';
    if (atMost ? value <= limit + ROUNDING : value >= limit - ROUNDING) return [];
    if (threshold === 'emptyAliases')
      return [{ threshold, text: `emptyAliases: ${emptyAliases.join('; ')}` }];
    if (threshold === 'nonDeterministic') return [{ threshold, text: whyNotCompared(value) }];
    const worst = threshold === 'differences' ? evidence.firstDifferences[0] : queries?.worst[threshold]?.[0];
    const measured = `${threshold} is ${shown(value, atMost)}, ${atMost ? 'above' : 'below'} ${limit}`;
    return [{ threshold, text: worst === undefined ? measured : `${measured}. Worst: ${worst}` }];
  });
}

const whyNotCompared = (documents: number): string =>
  `nonDeterministic: ${count(documents, 'document')} could not be compared, as the transform returns another result each time`;

export function ratio(before: number, after: number): number {
  return Math.max(NOTICED_MS, after) / Math.max(NOTICED_MS, before);
}

/** Rounds away from the limit, so that a threshold that does not hold never looks as if it did. */
function shown(value: number, atMost: boolean): string {
  const thousandths = value * 1_000;
  return String((atMost ? Math.ceil(thousandths - 1e-9) : Math.floor(thousandths + 1e-9)) / 1_000);
}
