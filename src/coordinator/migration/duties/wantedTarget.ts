// The schema that the target should have: the index file's schema, and undeclared fields of the source.
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

/** The declared schema, with the fields that documents have added to the source. */
export async function wantedTarget({ cluster, source, declared }: Context): Promise<Schema> {
  const [live] = await getIndexes(source.cluster, source.index);
  if (!live) return declared;
  const betweenClusters = source.cluster !== cluster;
  return withUndeclared(live, declared, { engine: cluster.engine, betweenClusters }).schema;
}

/** Adds to the target the fields that the source has got since the target was created. */
export async function addFields(context: Context, target: LiveIndex, wanted: Schema): Promise<void> {
  const { cluster, effects } = context;
  const properties = schemaUpdate(target, wanted, cluster.engine).mappings?.['properties'];
  if (properties) await effects.run('addFields', () => putMapping(cluster, target.index, { properties }));
}

const FIELDS_EVERY_MS = 2_000;

/**
 * Adds new fields of the source to the target, if possible before a document with them is followed. Otherwise
 * the engine chooses their types by its own rules.
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
    // A document with this field was copied first, and the engine chose another type. The comparison of
    // mappings reports it.
    if (!isTwindexError(error, 'rejected')) throw error;
  }
}

/**
 * While the source is the leader, checks that the target has every field of the source as planned.
 * @returns one line for each field that differs
 */
export async function mappingsInSync(context: Context): Promise<readonly string[]> {
  const { source, target, declared, record } = context;
  if (record.leader !== 'source') return [];
  const [live] = await getIndexes(target.cluster, target.index);
  if (live) await addWhatIsTaken(context, live, await wantedTarget(context));
  return compareMappings({ source, target, declared, extras: false });
}
