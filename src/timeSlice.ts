// Splits long CPU work into slices. Between two slices, the process can do other work, so a large request does not
// block other requests. The work is a generator that yields after each small step.
import { setImmediate } from 'node:timers/promises';

/** With shorter slices, the pauses would cost time. With longer slices, other requests would have to wait. */
const SLICE_MS = 10;

/** For a loop that contains an `await`: call `pause` when `isOver`. */
export class TimeSlice {
  #beganAt = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#beganAt >= SLICE_MS;
  }

  async pause(): Promise<void> {
    await setImmediate();
    this.#beganAt = performance.now();
  }
}

/** Runs the work to its end, with pauses. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  const slice = new TimeSlice();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (slice.isOver) await slice.pause();
  }
}

/** Runs the work to its end without pauses, for synchronous callers. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** `Array.map` as a generator, with one step for each item. */
export function* mapping<T, R>(items: Iterable<T>, map: (item: T, at: number) => R): Generator<void, R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(map(item, results.length));
    yield;
  }
  return results;
}
