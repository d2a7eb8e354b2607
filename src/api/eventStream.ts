// A running piece of work: a promise of its result, and at the same time the stream of its events.
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
 * A promise of the result that is also the stream of events. The work begins at once, whether its events are
 * read or not. A loop gets the events from its beginning on, ends with the work, and throws the error with
 * which the work fails. Leaving the loop early does not stop the work: use a `signal` for that.
 */
export interface TwindexRun<R> extends Promise<R>, AsyncIterable<TwindexEvent> {}

/** @param work begins after the caller had the opportunity to read events */
export function startRun<R>(work: (bus: EventBus) => Promise<R>): TwindexRun<R> {
  const bus = new EventBus();
  const result = Promise.resolve().then(() => work(bus));
  return Object.assign(result, { [Symbol.asyncIterator]: () => readEvents(bus, result) });
}

/** Listens from now on, not only from the first `next()`. */
function readEvents(bus: EventBus, work: Promise<unknown>): AsyncGenerator<TwindexEvent, void, undefined> {
  const queue = new EventQueue();
  const stop = bus.onEvery((event, payload) => queue.add(withHead({ event, ...payload }) as TwindexEvent));
  work.then(
    () => queue.end(),
    // the loop throws this error, so it does not have to be handled a second time
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

/** Events that wait for a slow reader. Of progress and lag only the newest waits, so that the queue stays short. */
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
