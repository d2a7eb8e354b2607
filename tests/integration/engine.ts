// The real engine of this test run, for integration and chaos tests. What a file creates goes when the file ends.
import { randomBytes } from 'node:crypto';
import { afterAll, inject, onTestFinished } from 'vitest';
import { type Cluster, connect, type EngineName } from '../../src/cluster/cluster.js';
import { refresh } from '../../src/cluster/indices/refresh.js';

/** The engine that this project runs against. */
export const engineName: EngineName = inject('engineName');

/** The nodes' addresses, for processes that connect by themselves. */
export const engineUrls: readonly string[] = inject('engineUrls');

let connected: Promise<Cluster> | undefined;
/** Names that were made outside of a test. */
const namesOfFile: string[] = [];

/** The test run's cluster; one connection for each test file, closed when the file ends. */
export function testCluster(): Promise<Cluster> {
  connected ??= connect({ nodes: engineUrls });
  return connected;
}

/** A name that nobody else uses. */
export function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

/**
 * A name that nobody else uses. Every index whose name begins with it is deleted when the test ends, or when the file ends if it
 * was made outside of a test. With 300 indexes of ended tests, each change of the cluster state takes an engine twice the time.
 * Not for tests that run beside others of their file: Vitest takes them for one another.
 */
export function uniqueName(prefix: string): string {
  const name = randomName(prefix);
  try {
    onTestFinished(() => deleteIndexesOf([name]));
  } catch {
    namesOfFile.push(name); // no test is running
  }
  return name;
}

/**
 * Every live document of a small index, sorted by its key: `id`, or `id routing`.
 *
 * @throws when the answer is not complete: a document that a search did not reach is not a document that was lost
 */
export async function liveDocuments<T = Record<string, unknown>>(
  cluster: Cluster,
  index: string,
): Promise<Map<string, T>> {
  await refresh(cluster, index);
  const { timed_out, hits } = await cluster.connection.json<{
    timed_out: boolean;
    hits: { total: { value: number }; hits: { _id: string; _routing?: string; _source: T }[] };
  }>({
    method: 'POST',
    path: `/${index}/_search`,
    query: { allow_partial_search_results: false },
    body: { size: 10_000, track_total_hits: true },
  });
  const found = hits.hits.length;
  if (timed_out || found !== hits.total.value)
    throw new Error(`a search returned ${found} of the ${hits.total.value} documents of ${index}`);
  const byKey = hits.hits.map(
    ({ _id, _routing, _source }) => [_routing === undefined ? _id : `${_id} ${_routing}`, _source] as const,
  );
  return new Map(byKey.sort(([a], [b]) => (a < b ? -1 : 1)));
}

afterAll(async () => {
  await deleteIndexesOf(namesOfFile);
  await (await connected)?.close();
  connected = undefined;
});

/** An engine accepts some 4,000 bytes in the first line of a request. */
const NAMES_AT_ONCE = 20;

/** Deletes every index whose name begins with one of these. */
export async function deleteIndexesOf(names: readonly string[]): Promise<void> {
  for (const some of inParts(names)) {
    const { connection } = await testCluster();
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
    for (const indexes of inParts(Object.keys(found)))
      await connection.send({ method: 'DELETE', path: `/${indexes.map(encodeURIComponent).join(',')}` });
  }
}

const inParts = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / NAMES_AT_ONCE) }, (_, n) =>
    names.slice(n * NAMES_AT_ONCE, (n + 1) * NAMES_AT_ONCE),
  );
