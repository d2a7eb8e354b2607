// Measures how similar two rankings with ties are. Pure.

export interface Ranked {
  readonly id: string;
  /** The score or the sort values. Hits with equal values have no defined order. */
  readonly by: string;
}

/** Hits with the same sort value. Their order is arbitrary, and may differ in the next response. */
interface Tie {
  readonly ids: readonly string[];
  /**
   * The rank of the tie's first hit, counted from the beginning of the compared window; negative if it is
   * before the window.
   */
  readonly top: number;
  /** Whether all hits of the tie are known. If not, none of them counts as common. */
  readonly complete: boolean;
}

/** The compared part of a ranking: the ties that reach into a window of `depth` ranks. */
export interface Ranking {
  readonly ties: readonly Tie[];
  readonly depth: number;
}

/**
 * The probability that a reader continues to the next rank. At 0.9, the first ten ranks have 86 % of the
 * weight.
 */
const PERSISTENCE = 0.9;
/** The number of compared ranks: one page of results in most applications. */
export const DEPTH = 10;

export interface Window {
  /** The rank of the first hit: 0, or negative if hits before the window were read as well. */
  readonly top: number;
  readonly depth: number;
  /**
   * Whether all hits with the value of the first hit were read (`closedBelow`: with the value of the last
   * hit).
   */
  readonly closedAbove: boolean;
  readonly closedBelow: boolean;
}

/** Groups hits into ties, and leaves out ties beyond the window. */
export function rankingOf(
  hits: readonly Ranked[],
  { top, depth, closedAbove, closedBelow }: Window,
): Ranking {
  const ties: Tie[] = [];
  for (let at = 0; at < hits.length; ) {
    const { by } = hits[at] as Ranked;
    let end = at;
    while (end < hits.length && hits[end]?.by === by) end++;
    const complete = (at > 0 || closedAbove) && (end < hits.length || closedBelow);
    const tie = { ids: hits.slice(at, end).map(({ id }) => id), top: top + at, complete };
    if (ranksIn(tie, depth) > 0) ties.push(tie);
    at = end;
  }
  return { ties, depth };
}

export const isDecided = ({ ties }: Ranking): boolean => ties.every(({ complete }) => complete);

function ranksIn({ ids, top }: Tie, depth: number): number {
  return Math.max(0, Math.min(depth, top + ids.length) - Math.max(0, top));
}

const lengthOf = ({ ties, depth }: Ranking): number =>
  ties.reduce((sum, tie) => sum + ranksIn(tie, depth), 0);

/**
 * @returns the number of hits that both rankings have, divided by the number of ranks of the longer one
 *
 * If a tie has more hits than compared ranks, it is arbitrary which hits are shown. So each hit counts as a
 * fraction: the tie's compared ranks divided by its hits. A hit of both rankings counts as the smaller of its
 * two fractions. So two equal ties are wholly in common, and two ties without a common hit not at all.
 */
export function overlap(before: Ranking, after: Ranking): number {
  const longest = Math.max(lengthOf(before), lengthOf(after));
  if (longest === 0) return 1;
  const tieBefore = new Map<string, Tie>();
  for (const tie of before.ties) if (tie.complete) for (const id of tie.ids) tieBefore.set(id, tie);
  let common = 0;
  for (const tie of after.ties) {
    if (!tie.complete) continue;
    const shared = new Map<Tie, number>();
    for (const id of tie.ids) {
      const there = tieBefore.get(id);
      if (there) shared.set(there, (shared.get(there) ?? 0) + 1);
    }
    for (const [there, hits] of shared)
      common += Math.min(shown(hits, there, before.depth), shown(hits, tie, after.depth));
  }
  return common / longest;
}

/** How many of `hits` hits of a tie are expected in the window. Multiplying first keeps whole numbers whole. */
const shown = (hits: number, tie: Tie, depth: number): number =>
  (hits * ranksIn(tie, depth)) / tie.ids.length;

/**
 * Rank-biased overlap: the similarity of the beginnings of two rankings at every depth, where the first ranks
 * count most. It is 1 for equal rankings, 0 for disjoint ones.
 *
 * For ties it uses the variant RBO^w: tied hits are all at the first rank of their tie, and the agreement at
 * a depth is `2 * |common| / (|before| + |after|)` of the hits down to that rank. Only this published variant
 * gives 1 for a ranking with ties and itself, and treats a tie as "no order" rather than an unknown order.
 * The rankings end with the window, so the sum is divided by the sum for equal rankings.
 * @see Webber, Moffat, Zobel: A similarity measure for indefinite rankings, ACM TOIS 28(4), 2010
 * @see Corsi, Urbano: The Treatment of Ties in Rank-Biased Overlap, SIGIR 2024,
 * https://arxiv.org/abs/2406.07121
 */
export function rankBiasedOverlap(before: Ranking, after: Ranking, persistence = PERSISTENCE): number {
  const agreed = agreements(before, after);
  if (agreed.length === 0) return 1;
  let [sum, most, weight] = [0, 0, 1];
  for (const agreement of agreed) {
    sum += weight * agreement;
    most += weight;
    weight *= persistence;
  }
  return sum / most;
}

/** The agreement of two rankings down to each rank. All hits of a tie that begins there are included. */
export function agreements(before: Ranking, after: Ranking): number[] {
  const depth = Math.max(lengthOf(before), lengthOf(after));
  const ranks = new Map<string, number>();
  const zeros = (): number[] => Array.from({ length: depth }, () => 0);
  const [common, sizeBefore, sizeAfter] = [zeros(), zeros(), zeros()];
  const add = (counts: number[], rank: number, count: number): void => {
    counts[rank] = (counts[rank] ?? 0) + count;
  };
  for (const { ids, top, complete } of before.ties) {
    add(sizeBefore, Math.max(0, top), ids.length);
    if (complete) for (const id of ids) ranks.set(id, Math.max(0, top));
  }
  for (const { ids, top, complete } of after.ties) {
    add(sizeAfter, Math.max(0, top), ids.length);
    if (!complete) continue;
    for (const id of ids) {
      const there = ranks.get(id);
      if (there !== undefined) add(common, Math.max(there, 0, top), 1);
    }
  }
  let [both, a, b] = [0, 0, 0];
  return common.map((count, rank) => {
    both += count;
    a += sizeBefore[rank] as number;
    b += sizeAfter[rank] as number;
    // A ranking that has ended counts as if it continued with hits that the other ranking lacks.
    return (2 * both) / (Math.max(a, rank + 1) + Math.max(b, rank + 1));
  });
}
