// Lets the application stop waiting for a write, after the time-out or when it aborts. The write continues.
import type { Call, GivenUp } from './dialect.js';

/** Time for a connection to report the time-out first, since its error contains more detail. */
const LATER_MS = 200;
const MESSAGES: Readonly<Record<GivenUp, string>> = {
  RequestAbortedError: 'Request aborted',
  TimeoutError: 'Request timed out',
};

/** @throws an error that the transport recognises by its name, of the client's own class if possible */
export async function orGivenUp<T>(
  performing: Promise<T>,
  { timeoutMs, signal, errorFor }: Call,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let stopListening = (): void => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = (reason: GivenUp): void => {
      const own = errorFor?.(reason).catch(() => undefined) ?? Promise.resolve(undefined);
      void own.then((error) => reject(error ?? Object.assign(new Error(MESSAGES[reason]), { name: reason })));
    };
    const abort = (): void => giveUp('RequestAbortedError');
    signal?.addEventListener('abort', abort, { once: true });
    stopListening = () => signal?.removeEventListener('abort', abort);
    if (timeoutMs !== undefined && timeoutMs > 0)
      timer = setTimeout(() => giveUp('TimeoutError'), timeoutMs + LATER_MS);
  });
  try {
    return await Promise.race([performing, givenUp]);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}
