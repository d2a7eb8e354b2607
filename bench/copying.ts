// Copies an index in all compared ways. Each round repeats all ways, in another order.
import type { Cluster } from '../src/cluster/cluster.js';
import { countDocuments } from '../src/cluster/documents/countDocuments.js';
import { createIndex } from '../src/cluster/indices/createIndex.js';
import { refresh } from '../src/cluster/indices/refresh.js';
import { messageOf } from '../src/errors.js';
import { bulkBodies, type DataSet } from './dataSet.js';
import { sendBodies } from './load.js';
import { untilMerged } from './quiet.js';
import { packageMappings, transformedMappings } from './packageIndex.js';
import type { Way } from './way.js';

export interface Figures {
  readonly perSecond: number;
  readonly copierCpu: number | undefined;
  readonly engineCpu: number;
  readonly copierPeakMb: number | undefined;
}

export interface Copying {
  readonly cluster: Cluster;
  readonly url: string;
  readonly engineCpu: () => number;
  readonly dataSet: DataSet;
  readonly ways: readonly Way[];
  readonly documents: number;
  readonly shards: number;
  readonly rounds: number;
}

export interface Measurements {
  /** The figures of each way, by its name. */
  readonly figures: ReadonlyMap<string, readonly Figures[]>;
  /** Names of the ways that failed. */
  readonly failures: readonly string[];
}

const TARGET = 'bench-target';
const FEED = 'bench-feed';
const sourceOf = (documents: number): string => `bench-source-${documents}`;

export const copiedBy = (way: Way, documents: number): number => Math.min(documents, way.atMost ?? documents);

/** Creates the source indexes, copies them in all ways, and removes them. */
export async function measureAll(job: Copying): Promise<Measurements> {
  const { ways, rounds, documents, shards } = job;
  const sources = [...new Set([documents, ...ways.map((way) => copiedBy(way, documents))])];
  console.error(`${documents} documents, ${shards} shard(s): loading`);
  for (const count of sources) await makeSource(job, count);
  const figures = new Map<string, Figures[]>(ways.map(({ name }) => [name, []]));
  const failures: string[] = [];
  const failed = new Set<Way>();
  // this first copy does not count, because the engine has not read any documents yet
  const [first] = ways;
  if (first) await measure(job, first);
  for (let round = 0; round < rounds; round++) {
    for (const way of [...ways.slice(round % ways.length), ...ways.slice(0, round % ways.length)]) {
      if (failed.has(way)) continue;
      try {
        const one = await measure(job, way);
        figures.get(way.name)?.push(one);
        console.error(`${round + 1}/${rounds} ${way.name}: ${JSON.stringify(one, rounded)}`);
      } catch (error) {
        failed.add(way);
        failures.push(`${way.name} failed: ${messageOf(error)}`);
        console.error(failures.at(-1));
      }
    }
  }
  for (const count of sources) await remove(job.cluster, sourceOf(count));
  return { figures, failures };
}

async function makeSource({ cluster, dataSet, shards }: Copying, documents: number): Promise<void> {
  await create(cluster, sourceOf(documents), { shards, mappings: packageMappings });
  await sendBodies(cluster, sourceOf(documents), bulkBodies(dataSet.file, documents));
  await refresh(cluster, sourceOf(documents));
}

async function measure({ cluster, url, engineCpu, dataSet, ...job }: Copying, way: Way): Promise<Figures> {
  const documents = copiedBy(way, job.documents);
  await remove(cluster, TARGET);
  await create(cluster, TARGET, {
    shards: job.shards,
    mappings: way.transforms ? transformedMappings : packageMappings,
    alias: FEED,
    ...(way.refreshes ? { refreshInterval: '1s' } : {}),
  });
  await untilMerged(cluster);
  const cpuBefore = engineCpu();
  const { seconds, cpuSeconds, peakRssMb } = await way.run({
    cluster,
    url,
    source: sourceOf(documents),
    target: TARGET,
    feed: FEED,
    documents,
    shards: job.shards,
    dataSet: dataSet.file,
  });
  const cpu = engineCpu() - cpuBefore;
  await refresh(cluster, TARGET);
  const arrived = await countDocuments(cluster, TARGET);
  if (arrived !== documents) throw new Error(`${arrived} of ${documents} documents have arrived`);
  await remove(cluster, TARGET);
  return { perSecond: documents / seconds, copierCpu: cpuSeconds, engineCpu: cpu, copierPeakMb: peakRssMb };
}

interface NewIndex {
  readonly shards: number;
  readonly mappings: object;
  readonly alias?: string;
  readonly refreshInterval?: string;
  readonly analysis?: object;
}

export async function create(
  cluster: Cluster,
  index: string,
  { shards, mappings, alias, refreshInterval = '-1', analysis }: NewIndex,
): Promise<void> {
  const settings = {
    number_of_shards: shards,
    number_of_replicas: 0,
    refresh_interval: refreshInterval,
    ...(analysis ? { analysis } : {}),
  };
  await createIndex(cluster, index, { settings, mappings, ...(alias ? { aliases: { [alias]: {} } } : {}) });
}

export async function remove(cluster: Cluster, index: string): Promise<void> {
  await cluster.connection.send({
    method: 'DELETE',
    path: `/${index}`,
    query: { ignore_unavailable: true },
  });
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}
