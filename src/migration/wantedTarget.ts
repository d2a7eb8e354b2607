// What the target index is to be: what the index file declares, and what the source has besides.
import { getIndexes, type LiveIndex } from '../cluster/operations/getIndex.js';
import { putMapping } from '../cluster/operations/putMapping.js';
import { isTwindexError } from '../errors.js';
import type { Schema } from '../schema/diff.js';
import { schemaUpdate } from '../schema/update.js';
import { withUndeclared } from '../schema/undeclared.js';
import { compareMappings } from '../verify/mappings.js';
import type { Session } from './session.js';

/** The schema that the plan has shown, with the fields that documents have added to the source since then. */
export async function wantedTarget({ cluster, source, declared }: Session): Promise<Schema> {
  const [live] = await getIndexes(source.cluster, source.index);
  if (!live) return declared;
  const betweenClusters = source.cluster !== cluster;
  return withUndeclared(live, declared, { engine: cluster.engine, betweenClusters }).schema;
}

/** Adds to the target what documents have added to the source since the target was made. */
export async function addFields(session: Session, target: LiveIndex, wanted: Schema): Promise<void> {
  const { cluster, effects } = session;
  const properties = schemaUpdate(target, wanted, cluster.engine).mappings?.['properties'];
  if (properties) await effects.run('addFields', () => putMapping(cluster, target.index, { properties }));
}

/**
 * As long as the source is written first, every field of it is as planned in the target, too.
 * @returns where it is not, one line each
 */
export async function mappingsInStep(session: Session): Promise<readonly string[]> {
  const { source, target, declared, record } = session;
  if (record.first !== 'source') return [];
  const [live] = await getIndexes(target.cluster, target.index);
  try {
    if (live) await addFields(session, live, await wantedTarget(session));
  } catch (error) {
    // A copied document came before this, and the engine has mapped the field by its value: the comparison below names the field.
    if (!isTwindexError(error, 'rejected')) throw error;
  }
  return compareMappings({ source, target, declared, extras: false });
}
