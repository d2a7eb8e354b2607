// Runs a task for many indexes, a few at a time. A failure of one task does not stop the others.

export type FleetOutcome<R> =
  | { readonly type: 'done'; readonly result: R }
  | { readonly type: 'failed'; readonly error: unknown }
  /** The signal was aborted before this task began (`begun` is false), or while it was running. */
  | { readonly type: 'interrupted'; readonly begun: boolean };

export interface FleetOptions {
  /** Maximum number of tasks that run at the same time, at least 1. */
  readonly atOnce: number;
  /** After the signal is aborted, no further task begins. Running tasks end by themselves. */
  readonly signal: AbortSignal;
}

/** Begins the tasks in the order of the items. Never throws. @returns the outcomes in the same order */
export async function runFleet<T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R>,
  { atOnce, signal }: FleetOptions,
): Promise<FleetOutcome<R>[]> {
  const outcomes = items.map((): FleetOutcome<R> => ({ type: 'interrupted', begun: false }));
  const waiting = items.entries();
  // All loops share one iterator, and each takes the next item when its task has ended.
  const inFlight = async (): Promise<void> => {
    while (!signal.aborted) {
      const next = waiting.next();
      if (next.done) return;
      const [at, item] = next.value;
      outcomes[at] = await outcomeOf(() => run(item), signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, inFlight));
  return outcomes;
}

async function outcomeOf<R>(run: () => Promise<R>, signal: AbortSignal): Promise<FleetOutcome<R>> {
  try {
    return { type: 'done', result: await run() };
  } catch (error) {
    return signal.aborted ? { type: 'interrupted', begun: true } : { type: 'failed', error };
  }
}
