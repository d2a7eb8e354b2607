// Long work that gives the event loop back now and then, so that one large request does not stop all others. It is written as a
// generator that yields after each small step.
import { setImmediate } from 'node:timers/promises';

/** Long enough that the pauses cost nothing, and so short that nobody notices. */
const SLICE_MS = 10;

/** For a loop that waits for something in each step anyway. */
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

/** To its end, with pauses. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  const slice = new TimeSlice();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (slice.isOver) await slice.pause();
  }
}

/** To its end, for who can't wait. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** `Array.map`, a step for each item. */
export function* mapping<T, R>(items: Iterable<T>, map: (item: T, at: number) => R): Generator<void, R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(map(item, results.length));
    yield;
  }
  return results;
}
