// GET /_nodes/os: the number of processors of all data nodes. It limits how much parallel work is useful.
import type { Cluster } from '../cluster.js';

interface Nodes {
  readonly nodes?: Record<
    string,
    { readonly roles?: readonly string[]; readonly os?: { readonly allocated_processors?: number } }
  >;
}

export async function dataProcessors(cluster: Cluster): Promise<number> {
  const { nodes = {} } = await cluster.connection.json<Nodes>({
    method: 'GET',
    path: '/_nodes/os',
    query: { filter_path: 'nodes.*.roles,nodes.*.os.allocated_processors' },
    repeat: 'always',
  });
  return Object.values(nodes)
    .filter(({ roles = ['data'] }) => roles.some((role) => role.startsWith('data')))
    .reduce((sum, { os }) => sum + (os?.allocated_processors ?? 1), 0);
}
