// The real engine of this test run, for integration and chaos tests. What a file creates goes when the file ends.
import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { type Cluster, connect, type EngineName } from '../../src/cluster/cluster.js';

/** The engine that this project runs against. */
export const engineName: EngineName = inject('engineName');

/** The nodes' addresses, for processes that connect by themselves. */
export const engineUrls: readonly string[] = inject('engineUrls');

let connected: Promise<Cluster> | undefined;
const names: string[] = [];

/** The test run's cluster; one connection for each test file, closed when the file ends. */
export function testCluster(): Promise<Cluster> {
  connected ??= connect({ nodes: engineUrls });
  return connected;
}

/** A name that nobody else uses. Every index whose name begins with it is deleted when the test file ends. */
export function uniqueName(prefix: string): string {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  names.push(name);
  return name;
}

afterAll(async () => {
  if (names.length > 0) await deleteIndexes(await testCluster());
  await (await connected)?.close();
  connected = undefined;
});

/** What an engine takes in one line: some 4,000 bytes. */
const NAMES_AT_ONCE = 20;

async function deleteIndexes(cluster: Cluster): Promise<void> {
  for (let start = 0; start < names.length; start += NAMES_AT_ONCE)
    await deleteNamed(cluster, names.slice(start, start + NAMES_AT_ONCE));
}

async function deleteNamed({ connection }: Cluster, some: readonly string[]): Promise<void> {
  const found = await connection.json<Record<string, unknown>>({
    method: 'GET',
    path: `/${some.map((name) => `${name}*,.${name}*`).join(',')}`,
    query: {
      expand_wildcards: 'all',
      allow_no_indices: true,
      ignore_unavailable: true,
      filter_path: '*.settings.index.uuid',
    },
  });
  for (const index of Object.keys(found)) {
    await connection.send({ method: 'DELETE', path: `/${encodeURIComponent(index)}` });
  }
}
