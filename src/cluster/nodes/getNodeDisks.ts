// GET /_nodes/stats/fs: the disks of the data nodes.
import type { Cluster } from '../cluster.js';
import { DATA_ROLES } from './dataNodes.js';

export interface NodeDisk {
  readonly name: string;
  readonly totalBytes: number;
  readonly availableBytes: number;
}

interface NodeStats {
  readonly name: string;
  readonly roles?: readonly string[];
  readonly fs?: {
    readonly total?: { readonly total_in_bytes?: number; readonly available_in_bytes?: number };
  };
}

export async function getNodeDisks(cluster: Cluster): Promise<NodeDisk[]> {
  const { nodes } = await cluster.connection.json<{ nodes?: Record<string, NodeStats> }>({
    method: 'GET',
    path: '/_nodes/stats/fs',
    query: {
      filter_path:
        'nodes.*.name,nodes.*.roles,nodes.*.fs.total.total_in_bytes,nodes.*.fs.total.available_in_bytes',
    },
    repeat: 'always',
  });
  return Object.values(nodes ?? {})
    .filter(({ roles }) => roles?.some((role) => DATA_ROLES.has(role)))
    .map(({ name, fs }) => ({
      name,
      totalBytes: fs?.total?.total_in_bytes ?? 0,
      availableBytes: fs?.total?.available_in_bytes ?? 0,
    }));
}
