// A deploy script: fills the new indexes, tests them while nobody uses them yet, and only then moves readers and
// writers. The old indexes stay, so that `rollback` is possible until `finalize`.
import type { MigrationOptions, MigrationState, Twindex } from 'twindex';

/** @param test throws if an index does not give the results that the application needs */
export async function deploy(
  twindex: Twindex,
  test: (index: string) => Promise<void>,
  options: MigrationOptions = {},
): Promise<readonly MigrationState[]> {
  const plans = await twindex.planAll();
  const reasons = plans.filter(({ kind }) => kind === 'blocked').flatMap(({ findings }) => findings);
  if (reasons.length > 0) throw new Error(reasons.map(({ message }) => message).join('\n'));
  const moved: MigrationState[] = [];
  for (const { name } of plans) {
    const { migration } = await twindex.migrate(name, { ...options, until: 'ready' });
    // an index that was created, or changed in place, has nothing to be moved
    if (!migration) continue;
    try {
      await test(migration.target.index);
    } catch (error) {
      await twindex.abort(name);
      throw error;
    }
    moved.push(await twindex.switch(name));
  }
  return moved;
}
