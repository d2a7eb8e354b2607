// When one is happy with a new index: the bounds that an index file may set, by name.

/** `most`: no more than that; `least`: no less. */
export const BUDGETS = {
  differences: 'most',
  nonDeterministic: 'most',
  queryErrors: 'most',
  overlapAt10: 'least',
  rankBiasedOverlap: 'least',
  totalsDiffer: 'most',
  aggregationsDiffer: 'most',
  latencyP95Ratio: 'most',
} as const;
export type Budget = keyof typeof BUDGETS;

export type Happy = { readonly [B in Budget]?: number | undefined };

/** Where searches are given and nothing is said of them: none may fail. */
const WITH_QUERIES: Happy = { queryErrors: 0 };
/** What can't be compared is not equal: whoever wants it all the same has to say so. */
const ALWAYS: Happy = { nonDeterministic: 0 };

export function happyOf({
  happy,
  queries,
}: {
  readonly happy?: Happy | undefined;
  readonly queries?: string | undefined;
}): Happy {
  return { ...ALWAYS, ...(queries === undefined ? {} : WITH_QUERIES), ...happy };
}
