// Acceptance of a new index: the thresholds that an index file may set before readers are moved to it, by name.

/** `most`: no more than that; `least`: no less. */
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

/** Where searches are given and nothing is said of them: none may fail. */
const WITH_QUERIES: Acceptance = { queryErrors: 0 };
/**
 * A document that can't be compared is not known to be equal, and readers who find nothing any more may be meant to: whoever accepts
 * that has to say so.
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
