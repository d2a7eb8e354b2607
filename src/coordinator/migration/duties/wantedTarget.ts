// Makes the schema that the target should have: the index file's schema, and undeclared fields of the source.
import { getIndexes, type LiveIndex } from '../../../cluster/indices/getIndex.js';
import { putMapping } from '../../../cluster/indices/putMapping.js';
import { isTwindexError } from '../../../errors.js';
import type { Schema } from '../../../schema/diff.js';
import { sameJson } from '../../../json/plain.js';
import { schemaUpdate } from '../../../schema/update.js';
import { withUndeclared } from '../../../schema/undeclared.js';
import { compareMappings } from '../../verify/mappings.js';
import type { Context } from '../context.js';
import { now } from '../../../clock.js';

export async function wantedTarget({ cluster, source, declared }: Context): Promise<Schema> {
  const [live] = await getIndexes(source.cluster, source.index);
  if (!live) return declared;
  const betweenClusters = source.cluster !== cluster;
  return withUndeclared(live, declared, { engine: cluster.engine, betweenClusters }).schema;
}

export async function addFields(context: Context, target: LiveIndex, wanted: Schema): Promise<void> {
  const { cluster, effects } = context;
  const properties = schemaUpdate(target, wanted, cluster.engine).mappings?.['properties'];
  if (properties) await effects.run('addFields', () => putMapping(cluster, target.index, { properties }));
}

const FIELDS_EVERY_MS = 2_000;

/**
 * Adds new fields of the source to the target's mapping. Otherwise the engine would choose the type of such a
 * field itself when the first document with it is copied.
 */
export async function followFields(context: Context): Promise<void> {
  const { record, target, fieldsSeen } = context;
  if (record.leader !== 'source') return;
  if (fieldsSeen && now() - fieldsSeen.at < FIELDS_EVERY_MS) return;
  const wanted = await wantedTarget(context);
  context.fieldsSeen = { at: now(), mappings: wanted.mappings };
  if (sameJson(wanted.mappings, fieldsSeen?.mappings)) return;
  const [live] = await getIndexes(target.cluster, target.index);
  if (live) await addWhatIsTaken(context, live, wanted);
}

async function addWhatIsTaken(context: Context, target: LiveIndex, wanted: Schema): Promise<void> {
  try {
    await addFields(context, target, wanted);
  } catch (error) {
    // The engine has already chosen another type for the field. The comparison of mappings reports this.
    if (!isTwindexError(error, 'rejected')) throw error;
  }
}

/** @returns one line for each field of the source that the target does not have as planned */
export async function mappingsInSync(context: Context): Promise<readonly string[]> {
  const { source, target, declared, record } = context;
  if (record.leader !== 'source') return [];
  const [live] = await getIndexes(target.cluster, target.index);
  if (live) await addWhatIsTaken(context, live, await wantedTarget(context));
  return compareMappings({ source, target, declared, extras: false });
}
