// The thresholds that an index file may set. They must hold before readers are moved.

/** `most`: the threshold is an upper limit. `least`: a lower limit. */
export const THRESHOLDS = {
  differences: 'most',
  nonDeterministic: 'most',
  emptyAliases: 'most',
  queryErrors: 'most',
  overlapAt10: 'least',
  rankBiasedOverlap: 'least',
  totalsDiffer: 'most',
  aggregationsDiffer: 'most',
  latencyP95Ratio: 'most',
} as const;
export type Threshold = keyof typeof THRESHOLDS;

export type Acceptance = { readonly [B in Threshold]?: number | undefined };

/** The default if the index file has searches to compare. */
const WITH_QUERIES: Acceptance = { queryErrors: 0 };
/**
 * The defaults of every index file: a document that was not compared may differ, and an alias without hits
 * breaks readers.
 */
const ALWAYS: Acceptance = { nonDeterministic: 0, emptyAliases: 0 };

export function acceptanceOf({
  acceptance,
  queries,
}: {
  readonly acceptance?: Acceptance | undefined;
  readonly queries?: string | undefined;
}): Acceptance {
  return { ...ALWAYS, ...(queries === undefined ? {} : WITH_QUERIES), ...acceptance };
}
