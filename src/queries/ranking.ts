// How alike two rankings are. Pure.

export interface Ranked {
  readonly id: string;
  /** What the engine sorted by: score or sort values, as text. Equal ones have no order among themselves. */
  readonly by: string;
}

/** How much of the weight lies on the first ranks: the first ten have 86 %. */
const PERSISTENCE = 0.9;
export const DEPTH = 10;

/** A hit's place can't be told from those beside it with the same score: an index has them in any order. */
export function aligned(
  before: readonly Ranked[],
  after: readonly Ranked[],
  complete: { readonly before: boolean; readonly after: boolean },
): { readonly before: string[]; readonly after: string[] } {
  const a = before.slice(0, DEPTH);
  const b = after.slice(0, DEPTH);
  const [idsOfA, idsOfB] = [new Set(a.map(({ id }) => id)), new Set(b.map(({ id }) => id))];
  // more hits may have the score of the last one: which of them are among the ten is chance
  const looseA = looseOf(a, idsOfB, complete.before && before.length <= DEPTH);
  const looseB = looseOf(b, idsOfA, complete.after && after.length <= DEPTH);
  const pairs = Math.min(looseA.length, looseB.length);
  return { before: named(a, looseA.slice(0, pairs)), after: named(b, looseB.slice(0, pairs)) };
}

/** Of the hits that share the last one's score, those that the other ranking does not have. */
function looseOf(hits: readonly Ranked[], others: ReadonlySet<string>, complete: boolean): string[] {
  const last = hits.at(-1);
  if (!last || complete) return [];
  return hits.filter(({ id, by }) => by === last.by && !others.has(id)).map(({ id }) => id);
}

/** In order, those with one score by id; what is loose gets the same name on both sides. */
function named(hits: readonly Ranked[], loose: readonly string[]): string[] {
  const names = new Map(loose.map((id, n) => [id, `\uffff${n}`]));
  const result: string[] = [];
  for (let at = 0; at < hits.length; ) {
    const { by } = hits[at] as Ranked;
    let end = at;
    while (hits[end]?.by === by) end++;
    result.push(
      ...hits
        .slice(at, end)
        .map(({ id }) => names.get(id) ?? id)
        .sort(),
    );
    at = end;
  }
  return result;
}

/** The share of the first ten that both have; of the longer list where there are fewer. 1 for two empty ones. */
export function overlap(before: readonly string[], after: readonly string[]): number {
  const most = Math.max(before.length, after.length);
  if (most === 0) return 1;
  const there = new Set(before);
  return after.filter((id) => there.has(id)).length / most;
}

/**
 * Rank-biased overlap: how much the beginnings of two rankings have in common, at every depth, the first ranks counting most.
 * Of finite lists, so divided by what two equal ones would have: 1 for equal rankings, 0 for disjoint ones.
 * @see Webber, Moffat, Zobel: A similarity measure for indefinite rankings, 2010
 */
export function rankBiasedOverlap(before: readonly string[], after: readonly string[]): number {
  const depth = Math.max(before.length, after.length);
  if (depth === 0) return 1;
  const [seenA, seenB] = [new Set<string>(), new Set<string>()];
  let [sum, most, weight] = [0, 0, 1];
  for (let d = 1; d <= depth; d++) {
    const [a, b] = [before[d - 1], after[d - 1]];
    if (a !== undefined) seenA.add(a);
    if (b !== undefined) seenB.add(b);
    const common = [...seenA].filter((id) => seenB.has(id)).length;
    sum += (weight * common) / d;
    most += weight;
    weight *= PERSISTENCE;
  }
  return sum / most;
}
