// Scenes that wait a lot for their engine are played two at a time: both cores have work then.
const AT_ONCE = 2;

/**
 * Plays every case. After the first that fails no further one begins, and those that have begun are played to their end.
 * @param name what the message of a failure begins with
 */
export async function concurrently<T>(
  cases: readonly T[],
  name: (one: T) => string,
  play: (one: T) => Promise<void>,
): Promise<void> {
  const left = [...cases];
  const inFlight = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      try {
        await play(one);
      } catch (error) {
        left.length = 0;
        throw new Error(`${name(one)}: ${String(error)}`, { cause: error });
      }
    }
  };
  const slots = await Promise.allSettled(Array.from({ length: AT_ONCE }, inFlight));
  for (const ended of slots) if (ended.status === 'rejected') throw ended.reason;
}
