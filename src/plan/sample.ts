// Runs some live documents through the transform and writes them to an index like the target, to see which
// documents a migration would change, drop or reject. The live index is only read.
import type { Cluster } from '../cluster/cluster.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import type { Reshape, Shaped } from '../protocol/replication.js';
import type { Hit } from '../documents/hits.js';
import { pipelinesOf } from '../protocol/pipelines.js';
import { reshapeWith } from '../protocol/reshape.js';
import { transformChain } from '../schema/chain.js';
import type { IndexDefinition } from '../schema/types.js';
import type { Plan } from './decidePlan.js';
import { type Sample, SampleTally } from './sampleTally.js';
import { type ScratchIndex, withScratchIndex } from './scratchIndex.js';
import { spreadDocuments } from '../documents/sampleDocuments.js';

export type { Sample } from './sampleTally.js';

export interface SampleRequest {
  readonly cluster: Cluster;
  readonly definition: IndexDefinition;
  readonly plan: Plan;
  readonly count: number;
  readonly signal: AbortSignal;
}

/**
 * @returns undefined for a plan without a new version, because it copies no documents
 * @throws TwindexError `rejected` if the target cannot be created as declared
 */
export async function takeSample(request: SampleRequest): Promise<Sample | undefined> {
  const { cluster, definition, plan, count, signal } = request;
  const { kind, source, target } = plan;
  if (kind !== 'new-version' || !source || !target) return undefined;
  const began = performance.now();
  const chain = transformChain(definition, source.version, target.version, pipelinesOf(cluster));
  const reshape = chain && reshapeWith(chain);
  const tally = new SampleTally();
  await withScratchIndex(
    cluster,
    { index: target.index, definition: { ...definition, ...contentOf(plan) } },
    async (scratch) => {
      // the source may be in another cluster
      const at = source.cluster ? (cluster.source ?? cluster) : cluster;
      for await (const hits of spreadDocuments(at, source.index, count, signal))
        await tryDocuments({ hits, reshape, scratch, tally, signal });
    },
  );
  return { ...tally.result(), asked: count, tookMs: Math.round(performance.now() - began) };
}

/** Also has the fields and settings that are kept from the live index: the index may refuse documents because of them. */
function contentOf({ content }: Plan): Pick<IndexDefinition, 'settings' | 'mappings'> | undefined {
  return content && { settings: content.settings, mappings: content.mappings };
}

interface Trial {
  readonly hits: readonly Hit[];
  readonly reshape: Reshape | undefined;
  readonly scratch: ScratchIndex;
  readonly tally: SampleTally;
  readonly signal: AbortSignal;
}

async function tryDocuments({ hits, reshape, scratch, tally, signal }: Trial): Promise<void> {
  const documents = hits.map(({ id, routing, source }) => ({
    key: { id, routing },
    source: source as Buffer,
  }));
  const shapes = reshape
    ? await untilAborted(shapeAll(documents, reshape, signal), signal)
    : documents.map(({ source }) => ({ type: 'index', source }) as const);
  const taken = documents.flatMap(({ key, source }, n) => {
    const shaped = shapes[n] as Shaped;
    tally.shaped(key, source, shaped);
    return shaped.type === 'index' ? [{ key, source: shaped.source }] : [];
  });
  for (const { key, reason } of await scratch.put(taken, signal)) tally.rejected(key, 'mapping', reason);
  if (!reshape) return;
  // run the transform again only now: time has passed, so a transform that uses the time gives another result
  const again = await untilAborted(shapeAll(documents, reshape, signal), signal);
  for (const [n, { key }] of documents.entries())
    tally.shapedAgain(key, shapes[n] as Shaped, again[n] as Shaped);
}

interface SampleDocument {
  readonly key: DocumentKey;
  readonly source: Buffer;
}

/** How many documents an asynchronous transform processes at the same time at most. */
const AT_ONCE = 100;

async function shapeAll(
  documents: readonly SampleDocument[],
  reshape: Reshape,
  signal: AbortSignal,
): Promise<Shaped[]> {
  const shapes: Shaped[] = [];
  for (let start = 0; start < documents.length; start += AT_ONCE) {
    signal.throwIfAborted();
    const part = documents.slice(start, start + AT_ONCE);
    shapes.push(...(await Promise.all(part.map(async ({ source, key }) => reshape(source, key)))));
  }
  return shapes;
}

/** Stops waiting for the work when the user stops the run, because a transform may be slow. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined); // the result is no longer used
    throw signal.reason as Error;
  }
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}
