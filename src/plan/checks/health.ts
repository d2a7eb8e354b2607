// Check: no shard of the source may be missing, since its documents could not be copied.
import { type IndexHealth, indexHealth } from '../../cluster/indices/indexHealth.js';
import { isClosed } from '../../cluster/indices/isClosed.js';
import { areMany, count } from '../../words.js';
import type { Check, Finding, TargetIndex } from './check.js';
import { readSetting } from './readSetting.js';
import { replicasOf } from './shardLimit.js';

const EXPLAIN = 'GET /_cluster/allocation/explain says why';

export const checkHealth: Check = async ({ sourceCluster: cluster, source, target }) => {
  if (!source || (await isClosed(cluster, source.index))) return [];
  return healthFindings(source.index, await indexHealth(cluster, source.index), target);
};

type Health = Pick<IndexHealth, 'status' | 'initializingShards' | 'unassignedShards'>;

export function healthFindings(index: string, health: Health, target: TargetIndex | undefined): Finding[] {
  const { status, initializingShards: beginning, unassignedShards: nowhere } = health;
  if (status === 'red') {
    const next =
      nowhere === 0
        ? 'The shard is starting: run plan again in a moment.'
        : `Make the shard available again first. ${EXPLAIN} it is missing.`;
    const message = `${index} is red: a primary shard is missing, and with it documents. ${next}`;
    return [{ check: 'health', level: 'block', message }];
  }
  if (status === 'yellow') {
    const missing =
      nowhere === 0
        ? `${areMany(beginning, 'replica')} being created, which will end by itself`
        : `${areMany(nowhere, 'replica')} not assigned`;
    const fact = `${index} is yellow: ${missing}. All of its documents can be read.`;
    const message = nowhere === 0 ? fact : `${fact} ${targetText(target)}${EXPLAIN} they are not assigned.`;
    return [{ check: 'health', level: 'warn', message }];
  }
  return [];
}

/** Says whether the target's replicas may stay unassigned, too. */
function targetText(target: TargetIndex | undefined): string {
  if (!target) return '';
  const { index, settings } = target;
  if ((readSetting(settings, 'auto_expand_replicas') ?? 'false') !== 'false')
    return `${index} will have as many replicas as the number of nodes allows. `;
  const replicas = replicasOf(settings);
  if (replicas === 0) return `${index} will have no replicas, so it will not be yellow for this reason. `;
  return (
    `${index} will have ${count(replicas, 'replica')} of each shard (index.number_of_replicas in the index file), and may ` +
    'stay yellow for the same reason. '
  );
}
