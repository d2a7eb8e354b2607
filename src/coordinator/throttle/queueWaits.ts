// Estimates how long a write waits for a thread, from samples of the queues (Little's law: the mean number of waiting
// requests is the rate of requests times their mean wait). The engine's counters of writes contain only the time
// after the wait. Pure.
import type { WriteQueue } from '../../cluster/nodes/writeQueues.js';

export interface Waits {
  /** The mean wait of a request, in ms, on the node where it was longest. 0 if it is not known. */
  readonly ms: number;
  /** How many requests all nodes have carried out. A bulk request is one for each shard. */
  readonly requests: number;
}

/** A node with fewer requests, of which less than one waits on average, is left out: one request says too little. */
const LEAST_COMPLETED = 5;
/** After a longer pause, the earlier samples say nothing about the time between. */
const MOST_GAP_MS = 2_000;

type Queues = ReadonlyMap<string, WriteQueue>;

export class QueueWaits {
  #first: { readonly at: number; readonly queues: Queues } | undefined;
  #last: { readonly at: number; readonly queues: Queues } | undefined;
  /** The sum of the waiting requests of each node over the samples after the first. */
  #waiting = new Map<string, number>();
  #samples = 0;

  /** @param at in ms @param queues by the id of the node */
  add(queues: Queues, at: number): void {
    if (!this.#first || !this.#last || at - this.#last.at > MOST_GAP_MS) {
      this.#beginAt({ at, queues });
      return;
    }
    this.#last = { at, queues };
    this.#samples++;
    for (const [node, { waiting }] of queues)
      this.#waiting.set(node, (this.#waiting.get(node) ?? 0) + waiting);
  }

  /** @returns the waits in the time from the last sample of the previous call to the newest sample */
  take(): Waits {
    const [first, last] = [this.#first, this.#last];
    if (!first || !last || this.#samples === 0) return { ms: 0, requests: 0 };
    const nodes = [...last.queues].map(([node, end]) => {
      const completed = Math.max(0, end.completed - (first.queues.get(node)?.completed ?? end.completed));
      const waiting = (this.#waiting.get(node) ?? 0) / this.#samples;
      const isChance = completed < LEAST_COMPLETED && waiting < 1;
      return { completed, ms: isChance ? 0 : waiting * ((last.at - first.at) / Math.max(1, completed)) };
    });
    this.#beginAt(last);
    return {
      ms: Math.max(0, ...nodes.map(({ ms }) => ms)),
      requests: nodes.reduce((sum, { completed }) => sum + completed, 0),
    };
  }

  #beginAt(sample: { readonly at: number; readonly queues: Queues }): void {
    this.#first = sample;
    this.#last = sample;
    this.#waiting = new Map();
    this.#samples = 0;
  }
}
