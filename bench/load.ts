// Sends `_bulk` requests from memory, to fill the sources, or to measure the highest rate that the engine can take.
import type { Cluster } from '../src/cluster/cluster.js';
import { createIndex } from '../src/cluster/indices/createIndex.js';
import { refresh } from '../src/cluster/indices/refresh.js';
import type { Corpus } from './products.js';

const PER_REQUEST = 5_000;
const AT_ONCE = 3;

/** Sends bodies, three at a time. @throws Error if a document was refused */
export async function sendBodies(
  cluster: Cluster,
  index: string,
  bodies: Iterator<Buffer> | AsyncIterator<Buffer>,
): Promise<void> {
  const sender = async (): Promise<void> => {
    for (let next = await bodies.next(); !next.done; next = await bodies.next()) {
      const answer = await cluster.connection.json<{ errors: boolean }>({
        method: 'POST',
        path: `/${index}/_bulk`,
        query: { filter_path: 'errors' },
        body: next.value,
        timeoutMs: 120_000,
      });
      if (answer.errors) throw new Error(`${index} did not take every document of a _bulk`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
}

async function loadCorpus(cluster: Cluster, index: string, corpus: Corpus, documents: number): Promise<void> {
  await sendBodies(cluster, index, generated(corpus, documents));
}

interface Version1 {
  readonly name: string;
  readonly corpus: Corpus;
  readonly documents: number;
  readonly settings: object;
}

/** Creates version 1 with both aliases and its documents. */
export async function fillVersion1(
  cluster: Cluster,
  { name, corpus, documents, settings }: Version1,
): Promise<void> {
  const index = `${name}-v1`;
  await createIndex(cluster, index, {
    settings,
    mappings: corpus.mappings,
    aliases: { [`${name}-read`]: {}, [`${name}-write`]: {} },
  });
  await loadCorpus(cluster, index, corpus, documents);
  await refresh(cluster, index);
}

function* generated(corpus: Corpus, documents: number): Generator<Buffer> {
  for (let from = 0; from < documents; from += PER_REQUEST) {
    const lines: string[] = [];
    for (let at = from; at < Math.min(documents, from + PER_REQUEST); at++)
      lines.push(`{"index":{"_id":"${corpus.id(at)}"}}\n${corpus.source(at)}\n`);
    yield Buffer.from(lines.join(''));
  }
}
