// How a test waits: for a condition, with a deadline, and with a message that says which condition was not met.
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Waits until the condition holds, and returns its value.
 * @param what follows "did not happen within": either the words, or a function, for words that show the state at the end
 * @throws when it does not hold within `ms`, or whatever the condition throws
 */
export async function eventually<T>(
  what: string | (() => string),
  condition: () => T | Promise<T>,
  ms: number,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + ms;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined)
      return value as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) {
      const words = typeof what === 'string' ? what : what();
      throw new Error(`did not happen within ${ms / 1000} s: ${words}`);
    }
    await sleep(POLL_MS);
  }
}
