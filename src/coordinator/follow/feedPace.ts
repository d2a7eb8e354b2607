// Sets the timeout of write requests to the follower. A lost request stops following until it times out, and
// then a new token is needed. So the timeout depends on the size of the request and on recent answers.
import type { Cluster } from '../../cluster/cluster.js';

interface FeedLoad {
  readonly bytes: number;
  readonly documents: number;
}

/** The shortest timeout, for a request of one document to an engine that is busy with other work. */
const LEAST_MS = 15_000;
const MOST_MS = 120_000;
/** These times are ten times as long as a slow engine needs. */
const MS_PER_MB = 2_000;
const MS_PER_DOCUMENT = 2;
/** The timeout allows this many times the duration of the slowest recent answer to a request of this size. */
const MARGIN = 4;
/** Each answer multiplies the earlier maximum by this factor, so that old measurements lose their weight. */
const FADES = 0.9;

export class FeedPace {
  /** The slowest recent answer: its duration divided by `usualMs`. */
  #slowest = 0;

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

/** All requests of this process to one cluster share one measurement. */
export function paceOf(cluster: Cluster): FeedPace {
  let pace = paces.get(cluster);
  if (!pace) paces.set(cluster, (pace = new FeedPace()));
  return pace;
}
