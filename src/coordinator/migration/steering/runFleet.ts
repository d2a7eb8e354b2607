// Many indexes in one run: no more than a few at a time, an outcome for each, and one that fails does not stop the others.

export type FleetOutcome<R> =
  | { readonly type: 'done'; readonly result: R }
  | { readonly type: 'failed'; readonly error: unknown }
  /** The run was ended, before it was begun or while it was under way. */
  | { readonly type: 'interrupted'; readonly begun: boolean };

export interface FleetOptions {
  /** 1 or more. */
  readonly atOnce: number;
  /** Once it is aborted nothing more is begun; what is under way ends by itself. */
  readonly signal: AbortSignal;
}

/**
 * Begins them in their order.
 * @returns the outcomes in the order of the items, when all have ended. Never throws
 */
export async function runFleet<T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R>,
  { atOnce, signal }: FleetOptions,
): Promise<FleetOutcome<R>[]> {
  const outcomes = items.map((): FleetOutcome<R> => ({ type: 'interrupted', begun: false }));
  const waiting = items.entries();
  // all workers share one iterator: each takes the next item when it has ended one
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
