// What the target index is to be: what the index file declares, and what the source has besides.
import { getIndexes } from '../cluster/operations/getIndex.js';
import type { Schema } from '../schema/diff.js';
import { withUndeclared } from '../schema/undeclared.js';
import type { Session } from './session.js';

/** As the plan has shown it; with fields that documents have added to the source since. */
export async function wantedTarget({ cluster, source, declared }: Session): Promise<Schema> {
  const [live] = await getIndexes(source.cluster, source.index);
  if (!live) return declared;
  const betweenClusters = source.cluster !== cluster;
  return withUndeclared(live, declared, { engine: cluster.engine, betweenClusters }).schema;
}
