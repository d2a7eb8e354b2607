/**
 * Memoizes an async value: callers during the first `make()` get the same promise. (If only the result were kept, two callers at
 * the same time would each make their own value.) After a failure the next call tries again.
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
