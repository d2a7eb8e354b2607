// The acceptance of a new index: the thresholds that an index file may set, by name. They must hold before readers are moved.

/** `most`: an upper limit; `least`: a lower limit. */
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

/** Default when there are searches to compare: none may fail. */
const WITH_QUERIES: Acceptance = { queryErrors: 0 };
/**
 * Defaults in every case. A document that cannot be compared is not known to be equal, and an alias that finds nothing any more
 * breaks its readers, unless the user says that both are intended.
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
