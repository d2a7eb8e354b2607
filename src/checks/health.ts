// A source with a shard missing can't be copied completely.
import { areMany } from '../words.js';
import { indexHealth } from '../cluster/operations/indexHealth.js';
import { isClosed } from '../cluster/operations/isClosed.js';
import type { Check } from './check.js';

export const checkHealth: Check = async ({ sourceCluster: cluster, source }) => {
  if (!source || (await isClosed(cluster, source.index))) return [];
  const { status, unassignedShards } = await indexHealth(cluster, source.index);
  const explain = 'GET /_cluster/allocation/explain says why';
  if (status === 'red') {
    return [
      {
        check: 'health',
        level: 'block',
        message: `${source.index} is red: a primary shard is missing, and with it documents. Bring it back first; ${explain}.`,
      },
    ];
  }
  if (status === 'yellow') {
    return [
      {
        check: 'health',
        level: 'warn',
        message:
          `${source.index} is yellow: ${areMany(unassignedShards, 'replica')} not assigned. The new index, with as many ` +
          `replicas, would not become green either; ${explain}, or declare fewer index.number_of_replicas.`,
      },
    ];
  }
  return [];
};
