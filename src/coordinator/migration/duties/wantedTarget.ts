// What the target index is to be: what the index file declares, and what the source has besides.
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

/** The schema that the plan has shown, with the fields that documents have added to the source since then. */
export async function wantedTarget({ cluster, source, declared }: Context): Promise<Schema> {
  const [live] = await getIndexes(source.cluster, source.index);
  if (!live) return declared;
  const betweenClusters = source.cluster !== cluster;
  return withUndeclared(live, declared, { engine: cluster.engine, betweenClusters }).schema;
}

/** Adds to the target what documents have added to the source since the target was made. */
export async function addFields(context: Context, target: LiveIndex, wanted: Schema): Promise<void> {
  const { cluster, effects } = context;
  const properties = schemaUpdate(target, wanted, cluster.engine).mappings?.['properties'];
  if (properties) await effects.run('addFields', () => putMapping(cluster, target.index, { properties }));
}

/** How often it is looked whether the source has new fields. */
const FIELDS_EVERY_MS = 2_000;

/**
 * A field that somebody adds to the mapping of the source is added to the target, if possible before a document with it is
 * followed: the engine would make a field by its own rules then.
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
    // a document was faster, and the engine has made another field of it: the comparison says which
    if (!isTwindexError(error, 'rejected')) throw error;
  }
}

/**
 * As long as the source is written first, every field of it is as planned in the target, too.
 * @returns where it is not, one line each
 */
export async function mappingsInStep(context: Context): Promise<readonly string[]> {
  const { source, target, declared, record } = context;
  if (record.leader !== 'source') return [];
  const [live] = await getIndexes(target.cluster, target.index);
  if (live) await addWhatIsTaken(context, live, await wantedTarget(context));
  return compareMappings({ source, target, declared, extras: false });
}
