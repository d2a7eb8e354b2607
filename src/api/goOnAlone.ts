// Ends a migration that has lost one of its indexes. From then on, readers and writers use the other index.
import type { EventBus } from '../events.js';
import { detach } from '../coordinator/migration/recovery/detachMigration.js';
import { type MigrateResult, runMigration } from '../coordinator/migration/runMigration.js';
import { definitionOrWhy, type Project } from './project.js';

interface GoOnAloneRequest {
  readonly name: string;
  /** The name of the lost index. If undefined, the call fails, and the error names the index that can be given up. */
  readonly giveUp: string | undefined;
  readonly bus: EventBus;
  readonly signal: AbortSignal;
}

/** @throws TwindexError `unsafe` if the index can't be given up */
export async function goOnAlone(
  project: Project,
  { name, giveUp, bus, signal }: GoOnAloneRequest,
): Promise<MigrateResult> {
  const { cluster } = project;
  const definition = await definitionOrWhy(project, name);
  const { goal, options } = await detach(cluster, name, giveUp);
  return runMigration(cluster, definition, {
    ...options,
    keepMs: options.keepMs ?? undefined,
    until: goal === 'finalized' ? 'finalized' : 'ready',
    bus,
    signal,
    stay: false,
  });
}
