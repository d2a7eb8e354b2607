// The return value of `migrate` and similar functions: a promise of the result that is also a stream of events.
import { type EventHead, withHead } from '../eventFormat.js';
import { EventBus, type Events } from '../events.js';

/**
 * An event of a migration, as `twindex migrate --json` prints it.
 * @see docs/events.md
 */
export type TwindexEvent = {
  readonly [E in keyof Events]: EventHead<E> & Events[E][0];
}[keyof Events];

/**
 * A promise of the result that is also a stream of events. The work begins at once, even if nobody reads the
 * events. A loop over the events gets the events that are emitted after the loop has begun. A slow loop gets only the
 * newest of several `progress` or `lag` events. The loop ends when the work ends, and throws the error with which the
 * work fails. Leaving the loop early does not stop the work; aborting the option `signal` does.
 */
export interface TwindexRun<R> extends Promise<R>, AsyncIterable<TwindexEvent> {}

/** @param work begins asynchronously, so that a caller that starts to read events at once gets all of them */
export function startRun<R>(work: (bus: EventBus) => Promise<R>): TwindexRun<R> {
  const bus = new EventBus();
  const result = Promise.resolve().then(() => work(bus));
  return Object.assign(result, { [Symbol.asyncIterator]: () => readEvents(bus, result) });
}

/** Collects events from this call on, so that none is lost before the first `next()`. */
function readEvents(bus: EventBus, work: Promise<unknown>): AsyncGenerator<TwindexEvent, void, undefined> {
  const queue = new EventQueue();
  const stop = bus.onEvery((event, payload) => queue.add(withHead({ event, ...payload }) as TwindexEvent));
  work.then(
    () => queue.end(),
    // the loop throws this error, so it is ignored here
    () => queue.end(),
  );
  return (async function* () {
    try {
      yield* queue.read();
      await work;
    } finally {
      stop();
    }
  })();
}

/**
 * Events that wait for a slow reader. A `progress` or `lag` event replaces the last waiting event if that has the
 * same name and migration, so that the queue stays short.
 */
export class EventQueue {
  readonly #waiting: TwindexEvent[] = [];
  #isEnded = false;
  #wake: () => void = () => undefined;

  add(event: TwindexEvent): void {
    const last = this.#waiting.at(-1);
    if (last && isReplacedBy(last, event)) this.#waiting.pop();
    this.#waiting.push(event);
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *read(): AsyncGenerator<TwindexEvent, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next) yield next;
      else if (this.#isEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

const isReplacedBy = (last: TwindexEvent, next: TwindexEvent): boolean =>
  last.event === next.event &&
  last.migration === next.migration &&
  (next.event === 'progress' || next.event === 'lag');
