// `_bulk` from memory: how the sources are filled, and the ceiling of what the engine takes.
import type { Cluster } from '../src/cluster/cluster.js';
import type { Corpus } from './products.js';

const PER_REQUEST = 5_000;
const AT_ONCE = 3;

/** The body of request `n`, which holds the documents from `n * 5000` on. */
export function bulkBody(corpus: Corpus, n: number, documents: number): Buffer {
  const lines: string[] = [];
  for (let at = n * PER_REQUEST; at < Math.min(documents, (n + 1) * PER_REQUEST); at++)
    lines.push(`{"index":{"_id":"${corpus.id(at)}"}}\n${corpus.source(at)}\n`);
  return Buffer.from(lines.join(''));
}

export const requestsFor = (documents: number): number => Math.ceil(documents / PER_REQUEST);

/** Sends `count` bodies, three at once. @throws Error when a document was not taken */
export async function sendBodies(
  cluster: Cluster,
  index: string,
  bodies: { readonly count: number; readonly body: (n: number) => Buffer },
): Promise<void> {
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let n = next++; n < bodies.count; n = next++) {
      const answer = await cluster.connection.json<{ errors: boolean }>({
        method: 'POST',
        path: `/${index}/_bulk`,
        query: { filter_path: 'errors' },
        body: bodies.body(n),
        timeoutMs: 120_000,
      });
      if (answer.errors) throw new Error(`${index} did not take every document of a _bulk`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
}

export async function loadCorpus(
  cluster: Cluster,
  index: string,
  corpus: Corpus,
  documents: number,
): Promise<void> {
  const count = requestsFor(documents);
  await sendBodies(cluster, index, { count, body: (n) => bulkBody(corpus, n, documents) });
}
