// Compares the two indexes of a running migration, without changing anything.
import type { Cluster } from '../cluster/cluster.js';
import { TwindexError } from '../errors.js';
import type { EventBus } from '../events.js';
import { newTally } from '../protocol/replication.js';
import type { MigrationRecord } from '../protocol/record.js';
import { indexRefOf } from '../protocol/clusterSides.js';
import { declaredOf } from '../coordinator/migration/declared.js';
import { openReplication, shapesOf } from '../coordinator/migration/duties/openReplication.js';
import { ProgressMeter } from '../coordinator/migration/progressMeter.js';
import type { IndexDefinition } from '../schema/types.js';
import { type CheckRequest, type CheckResult, checkIndexes } from '../coordinator/verify/checkIndexes.js';
import { compareMappings } from '../coordinator/verify/mappings.js';
import { recordOnceInSync } from '../coordinator/verify/coordinatorProgress.js';
import { definitionOf, type Project, type Tell } from './project.js';

interface VerifyRequest extends Pick<CheckRequest, 'level' | 'sample' | 'onFinding' | 'signal'> {
  readonly name: string;
  /** Receives the progress. */
  readonly bus: EventBus;
  /** Receives a line while the comparison cannot begin yet, with the reason. */
  readonly tell: Tell;
  /** Called when all conditions of the comparison are met, before the first document is compared. */
  readonly onReady?: () => Promise<void>;
}

export interface Verified {
  readonly record: MigrationRecord;
  readonly result: CheckResult;
}

/** @throws TwindexError `not_found`, `unsafe` if there is nothing to compare, `failed` after a switch meanwhile */
export async function verifyIndexes(project: Project, request: VerifyRequest): Promise<Verified> {
  const { cluster } = project;
  const { name, level, sample, onFinding, signal, bus, tell, onReady } = request;
  const record = await recordOnceInSync(cluster, name, { tell, signal });
  const definition = await definitionOf(project, name);
  requireSameTransform(record, definition);
  const shapes = shapesOf(cluster, definition, record);
  const replication = await openReplication(cluster, record, shapes, newTally());
  await onReady?.();
  const meter = new ProgressMeter(bus, record.name);
  try {
    const result = await checkIndexes({
      cluster,
      record,
      replication,
      level,
      sample,
      signal,
      mappings: () => unannounced(cluster, record, definition),
      onFinding,
      onBegin: (documents) => meter.begin('verify', documents),
      onRead: (documents) => meter.add(documents),
    });
    return { record, result };
  } finally {
    meter.end();
  }
}

/**
 * Differences between the two mappings that the index file does not explain. After the switch none are reported,
 * since new documents may add fields to the new index only.
 */
async function unannounced(
  cluster: Cluster,
  record: MigrationRecord,
  declared: IndexDefinition,
): Promise<readonly string[]> {
  if (record.leader !== 'source') return [];
  const [source, target] = [indexRefOf(cluster, record, 'source'), indexRefOf(cluster, record, 'target')];
  return compareMappings({ source, target, declared, extras: true });
}

/** Requires the coordinator's transform, because any other transform would report false differences. */
function requireSameTransform({ declared, name }: MigrationRecord, definition: IndexDefinition): void {
  if (declaredOf(definition).transform === declared.transform) return;
  throw new TwindexError(
    'definition_changed',
    `${definition.file} has other transforms than the migration of ${name}, so documents cannot be compared`,
    {
      hint: 'Restore the transforms of the migration, or stop `twindex migrate` and run it again with the new transforms.',
    },
  );
}
