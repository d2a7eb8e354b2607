// A client that gives up waiting for its write: after its time-out, or as it says so. The write goes on.
import type { Call } from './dialect.js';

/** The client's connections have the same time-out, and are to be heard first: they know more. */
const LATER_MS = 200;

/** @throws errors with the names that the clients' transports know: `TimeoutError`, `RequestAbortedError` */
export async function orGivenUp<T>(performing: Promise<T>, { timeoutMs, signal }: Call): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let stopListening = (): void => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    const abort = (): void => reject(named('RequestAbortedError', 'Request aborted'));
    signal?.addEventListener('abort', abort, { once: true });
    stopListening = () => signal?.removeEventListener('abort', abort);
    if (timeoutMs !== undefined && timeoutMs > 0)
      timer = setTimeout(() => reject(named('TimeoutError', 'Request timed out')), timeoutMs + LATER_MS);
  });
  try {
    return await Promise.race([performing, givenUp]);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
