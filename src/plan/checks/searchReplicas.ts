// Check: search replicas need a remote store for segments. Without one, OpenSearch refuses to create or change the
// index. The request with which `askEngine.ts` asks the engine does not show this refusal.
import { dataNodes } from '../../cluster/nodes/dataNodes.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Check, Finding } from './check.js';
import { readSetting } from './readSetting.js';

const SETTING = 'number_of_search_replicas';
/** All nodes have this attribute if the cluster has a remote store for segments. */
const REMOTE_SEGMENTS = 'remote_store.segment.repository';

export const checkSearchReplicas: Check = async ({ cluster, definition, source, target }) => {
  const settings = target?.settings ?? definition.settings;
  if (cluster.engine.name !== 'opensearch' || !(searchReplicasOf(settings) > 0)) return [];
  const isRemote = target
    ? (await dataNodes(cluster)).some(({ attributes }) => attributes[REMOTE_SEGMENTS] !== undefined)
    : source !== undefined && readSetting(source.settings, 'remote_store.enabled') === 'true';
  return searchReplicaFindings(target?.index ?? source?.index ?? definition.name, settings, isRemote);
};

function searchReplicasOf(settings: JsonObject): number {
  return Number(readSetting(settings, SETTING) ?? 0);
}

export function searchReplicaFindings(index: string, settings: JsonObject, isRemote: boolean): Finding[] {
  const wanted = searchReplicasOf(settings);
  if (isRemote || !(wanted > 0)) return [];
  return [
    {
      check: 'search-replicas',
      level: 'block',
      message:
        `index.${SETTING} is ${wanted}: the engine would refuse ${index}, because search replicas need an index in a remote store ` +
        `(index.remote_store.enabled), but ${index} would not be in one. Declare index.${SETTING}: 0, or configure a remote ` +
        'store for the nodes.',
    },
  ];
}
