// Estimates how long a write waits for a thread, from samples of the queues (Little's law: the mean number of waiting
// requests is the rate of requests times their mean wait). The engine's counters of writes contain only the time
// after the wait. Pure.
import type { WriteQueue } from '../../cluster/nodes/writeQueues.js';

/** A node that completed fewer requests is left out: a single waiting request would say too much. */
const LEAST_COMPLETED = 5;

export class QueueWaits {
  #samples: { readonly at: number; readonly queues: ReadonlyMap<string, WriteQueue> }[] = [];

  /** @param at in ms @param queues by the id of the node */
  add(queues: ReadonlyMap<string, WriteQueue>, at: number): void {
    this.#samples.push({ at, queues });
  }

  /** @returns the mean wait since the last call, in ms, on the node where it was longest. 0 if it is not known */
  take(): number {
    const [first, ...later] = this.#samples;
    const last = later.at(-1);
    this.#samples = this.#samples.slice(-1);
    if (!first || !last) return 0;
    const waits = [...last.queues].map(([node, end]) => {
      const completed = end.completed - (first.queues.get(node)?.completed ?? end.completed);
      if (completed < LEAST_COMPLETED) return 0;
      const waiting = later.reduce((sum, { queues }) => sum + (queues.get(node)?.waiting ?? 0), 0);
      return (waiting / later.length) * ((last.at - first.at) / completed);
    });
    return Math.max(0, ...waits);
  }
}
