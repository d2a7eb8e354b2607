// The process that measures twindex's own ways of copying, and `_bulk` from memory.
import { connect } from '../src/cluster/cluster.js';
import { shardStats } from '../src/cluster/indices/shardStats.js';
import type { Copier } from '../src/coordinator/backfill/copier.js';
import { PageCopier } from '../src/coordinator/backfill/pageCopier.js';
import { ReindexCopier } from '../src/coordinator/backfill/reindexCopier.js';
import { PAGE_WINDOWS, reindexBatch, reindexSlots } from '../src/coordinator/backfill/sizes.js';
import { WindowedCopy } from '../src/coordinator/backfill/windowedCopy.js';
import {
  type Replication,
  newTally,
  createReplication,
  type Refused,
  type Reshape,
} from '../src/protocol/replication.js';
import { PageReader } from '../src/documents/pageReader.js';
import { asTheyAre, reshapeWith } from '../src/protocol/reshape.js';
import { Throttle } from '../src/coordinator/throttle/copyThrottle.js';
import { transformChain } from '../src/schema/chain.js';
import { bulkBodies } from './dataSet.js';
import { jobOfThisProcess, reportOn } from './job.js';
import { sendBodies } from './load.js';
import { splitDepends } from './packageIndex.js';

/** The interval at which a migration saves the cursors. */
const SLICE_MS = 1_000;

const job = jobOfThisProcess();
const cluster = await connect({ nodes: [job.url] });
try {
  await reportOn(await prepare());
} finally {
  await cluster.close();
}

/** Prepares everything before the clock starts. A new route needs a case here, and a line in ways.ts. */
async function prepare(): Promise<() => Promise<number | void>> {
  switch (job.kind) {
    case 'client':
      return () => copyPages(asTheyAre);
    case 'client-transform': {
      const reshape = transformed();
      return () => copyPages(reshape);
    }
    case 'server':
      return copyInEngine;
    case 'bulk': {
      const bodies: Buffer[] = [];
      for await (const body of bulkBodies(job.dataSet, job.documents)) bodies.push(body);
      return () => sendBodies(cluster, job.target, bodies.values());
    }
    default:
      throw new Error(`${job.kind} is not measured here`);
  }
}

/** Runs the transform as `migrate` does. */
function transformed(): Reshape {
  const chain = transformChain({ name: 'packages', migrations: { 2: { up: splitDepends } } }, 1, 2);
  if (!chain) throw new Error('there is no transform');
  return reshapeWith(chain);
}

/** The route `client`. */
async function copyPages(reshape: Reshape): Promise<number> {
  const replication = await open(reshape);
  const reader = new PageReader(cluster, 'source');
  return await copy(
    replication,
    new PageCopier(replication, { reader, feed: {}, keepRefused }),
    PAGE_WINDOWS,
  );
}

/** The route `server`. */
async function copyInEngine(): Promise<number> {
  const replication = await open(asTheyAre);
  const batch = await reindexBatch(cluster, job.source, job.documents);
  const copier = new ReindexCopier(replication, { batch, pipeline: undefined, around: (start) => start() });
  return await copy(replication, copier, await reindexSlots(cluster));
}

function open(reshape: Reshape): Promise<Replication> {
  return createReplication({
    leader: { cluster, index: job.source },
    follower: { cluster, index: job.target },
    feed: job.feed,
    epoch: 1,
    reshape,
    reshapeBack: asTheyAre,
    roleStart: [],
    backfilled: [],
    tally: newTally(),
  });
}

/** Copies in slices until all windows are confirmed, as in a migration. @returns the number of documents */
async function copy(replication: Replication, copier: Copier, slots: number): Promise<number> {
  const stats = await shardStats(cluster, job.source, job.shards);
  const upTo = stats.map(({ globalCheckpoint }) => globalCheckpoint);
  const wanted = { auto: job.throttled ?? false, maxDocsPerSecond: null, maxSlowdown: 1.3, paused: false };
  const throttle = new Throttle({ cluster, index: job.source }, [], () => wanted);
  await throttle.start(job.documents, job.shards);
  const deadline = performance.now() + (job.atMostSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  let copied = 0;
  const windows = new WindowedCopy(replication, copier, {
    cursors: upTo.map(() => -1),
    upTo,
    slots: () => slots,
    docsPerSecond: () => throttle.docsPerSecond,
    onProgress: (documents) => {
      copied += documents;
      throttle.noteCopied(documents);
    },
    signal: new AbortController().signal,
  });
  for (;;) {
    const result = await windows.slice(SLICE_MS);
    if (result.type === 'unable') throw new Error(result.reason);
    if (result.done || performance.now() >= deadline) break;
  }
  await throttle.stop();
  await windows.close();
  return copied;
}

function keepRefused([first]: readonly Refused[]): Promise<void> {
  throw new Error(`${first?.key.id} was refused: ${first?.reason}`);
}
