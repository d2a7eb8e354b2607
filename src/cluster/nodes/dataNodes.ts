// GET /_nodes: the data nodes, with all attributes that an allocation filter can name.
import type { Cluster } from '../cluster.js';

export interface DataNode {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly ip: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface NodeInfo extends Partial<Omit<DataNode, 'id'>> {
  readonly roles?: readonly string[];
}

/** Nodes that have only other data roles, such as `data_frozen` or `search`, hold no shards of ordinary indexes. */
export const DATA_ROLES: ReadonlySet<string> = new Set([
  'data',
  'data_content',
  'data_hot',
  'data_warm',
  'data_cold',
]);

export async function dataNodes(cluster: Cluster): Promise<DataNode[]> {
  const { nodes } = await cluster.connection.json<{ nodes?: Record<string, NodeInfo> }>({
    method: 'GET',
    path: '/_nodes',
    query: {
      filter_path: 'nodes.*.name,nodes.*.host,nodes.*.ip,nodes.*.attributes,nodes.*.roles',
    },
    repeat: 'always',
  });
  return Object.entries(nodes ?? {})
    .filter(([, { roles }]) => roles?.some((role) => DATA_ROLES.has(role)))
    .map(([id, { name = id, host = '', ip = '', attributes = {} }]) => ({ id, name, host, ip, attributes }));
}
