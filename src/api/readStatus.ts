// Reads the state of migrations from the journal.
import type { Cluster } from '../cluster/cluster.js';
import { getLost, getStatus, type LostMigration } from '../coordinator/migration/steering/getStatus.js';
import { TwindexError } from '../errors.js';
import { isPattern } from '../schema/family.js';
import { type MigrationStatus, migrationStatus } from './twindexResults.js';

/**
 * Waits for both lists. If the journal has lost the last migration of a name, an older migration of this name
 * is left out of `read`.
 */
export async function readBoth<T extends { readonly name: string }>(
  reading: Promise<readonly T[]>,
  losing: Promise<readonly LostMigration[]>,
): Promise<{ readonly read: readonly T[]; readonly lost: readonly LostMigration[] }> {
  const [read, lost] = await Promise.all([reading, losing]);
  return { read: read.filter((one) => !lost.some(({ name }) => name === one.name)), lost };
}

/** @throws TwindexError `not_found`, `failed` if the journal has lost the migration */
export async function statusOf(cluster: Cluster, name: string): Promise<MigrationStatus> {
  if (isPattern(name))
    throw new TwindexError('usage', `status: ${name} is a pattern. Use statusAll for all that match`);
  const { read, lost } = await readBoth(getStatus(cluster, name), getLost(cluster, name));
  const [status] = read;
  if (status) return migrationStatus(status);
  const [gone] = lost;
  if (gone) throw new TwindexError('failed', `${name}: the journal has lost this migration. ${gone.text}`);
  throw new TwindexError('not_found', `the journal of this cluster has no migration of ${name}`);
}

/** Leaves out migrations that the journal has lost. For these, `statusOf` throws an error. */
export async function statusesOf(cluster: Cluster, pattern?: string): Promise<MigrationStatus[]> {
  const { read } = await readBoth(getStatus(cluster, pattern), getLost(cluster, pattern));
  return read.map(migrationStatus);
}
