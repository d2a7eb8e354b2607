/**
 * A value that takes time to make, and is made once: whoever asks while it is being made gets the same promise. (With the value
 * kept in place of the promise, two callers at the same time would each make one, and what the one is told the other would
 * never know.) One that could not be made is made again at the next call.
 */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
