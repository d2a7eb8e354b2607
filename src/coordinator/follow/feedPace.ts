// How long a feed request may stay unanswered: what is carried decides, and what earlier requests of the same connection took.
// A request that is never answered stops following until its time is over, and then costs a new token, so the time is neither
// much longer nor shorter than what an engine under load needs.

import type { Cluster } from '../../cluster/cluster.js';

interface FeedLoad {
  readonly bytes: number;
  readonly documents: number;
}

/** For a request of one document to an engine that is busy with other things. */
const LEAST_MS = 15_000;
const MOST_MS = 120_000;
/** Ten times what a slow engine takes. */
const MS_PER_MB = 2_000;
const MS_PER_DOCUMENT = 2;
/** An answer may take so many times as long as the slowest of the last ones did for as much. */
const MARGIN = 4;
/** What was measured counts less with each later answer. */
const FADES = 0.9;

export class FeedPace {
  /** Of the answers of late, the longest: measured time by what `usualMs` says. */
  #slowest = 0;

  /** How long a request that carries this may stay unanswered. */
  allowedMs(load: FeedLoad): number {
    const usual = usualMs(load);
    return Math.round(Math.min(MOST_MS, Math.max(usual, MARGIN * this.#slowest * usual)));
  }

  answered(load: FeedLoad, ms: number): void {
    this.#slowest = Math.max(ms / usualMs(load), FADES * this.#slowest);
  }
}

function usualMs({ bytes, documents }: FeedLoad): number {
  return LEAST_MS + (bytes / 2 ** 20) * MS_PER_MB + documents * MS_PER_DOCUMENT;
}

const paces = new WeakMap<Cluster, FeedPace>();

/** One for all requests of this process to a cluster, whatever they carry there. */
export function paceOf(cluster: Cluster): FeedPace {
  let pace = paces.get(cluster);
  if (!pace) paces.set(cluster, (pace = new FeedPace()));
  return pace;
}
