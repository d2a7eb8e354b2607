// Compiled, never run: a program with createTwindex. It has no types of Node.
import { createTwindex, defineIndex, TwindexError, type MigrationResult } from 'twindex';

export async function release(signal: AbortSignal): Promise<MigrationResult> {
  await using twindex = createTwindex({ indexes: [defineIndex({ name: 'catalogue', version: 2 })] });
  const plan = await twindex.plan('catalogue');
  const run = twindex.migrate('catalogue', { plan, signal });
  for await (const event of run) if (event.event === 'progress') event.done satisfies number;
  const { migration } = await run;
  migration?.phase satisfies 'ready' | 'switched' | string | undefined;
  // @ts-expect-error only one of the phases
  await twindex.migrate('catalogue', { until: 'done' });
  // @ts-expect-error an option with a typo
  await twindex.cutover('catalogue', { timeOutMs: 1_000 });
  // @ts-expect-error indexes, not indices
  createTwindex({ indices: [] });
  return run;
}

export const isStale = (error: unknown): boolean =>
  error instanceof TwindexError && error.code === 'plan_stale';
// @ts-expect-error no such code
export const isOld = (error: TwindexError): boolean => error.code === 'plan_old';
