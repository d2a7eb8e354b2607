/**
 * Memoizes an async value: all callers during the first `make()` get the same promise, so the value is made
 * only once. After a failure the next call tries again.
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
