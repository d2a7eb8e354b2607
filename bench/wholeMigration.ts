// `npm run bench:whole`: compares `twindex migrate --until ready`, with verification, to a bare `_reindex`.
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { Command } from 'commander';
import { type Cluster, connect } from '../src/cluster/cluster.js';
import { createIndex } from '../src/cluster/indices/createIndex.js';
import { refresh } from '../src/cluster/indices/refresh.js';
import { startEngine } from '../src/localEngine/startEngine.js';
import { wholeNumber } from './flags.js';
import { create, remove } from './copying.js';
import { bulkBodies, type DataSet } from './dataSet.js';
import { obtainDebianPackages } from './debianPackages.js';
import { sendBodies } from './load.js';
import { packageMappings, reanalysedMappings, reanalysis, splitDepends } from './packageIndex.js';
import { onEvent, Project } from './project.js';
import { untilMerged } from './quiet.js';
import { handOver } from './ratios.js';
import { circumstances, median, table, writePart } from './results.js';
import { reindex } from './ways.js';

interface Flags {
  readonly documents: number;
  readonly rounds: number;
  readonly engine: string;
  readonly only?: readonly string[];
  readonly dry?: true;
}

const NAME = 'packages';
const SOURCE = `${NAME}-v1`;
const TARGET = `${NAME}-v2`;

const flags = new Command('bench:whole')
  .option('--documents <n>', 'documents of the index', wholeNumber, 200_000)
  .option('--rounds <n>', 'rounds', wholeNumber, 3)
  .option('--engine <engine>', 'the engine to start', 'opensearch@3.8.0')
  .option('--only <text...>', 'only the ways whose name begins with one of these texts')
  .option('--dry', 'leave RESULTS.md as it is')
  .parse()
  .opts<Flags>();

interface Took {
  readonly seconds: number;
  /** Seconds until each state began, from the events. */
  readonly spans?: Readonly<Record<string, number>>;
}

interface Way {
  readonly name: string;
  readonly run: (cluster: Cluster, url: string) => Promise<Took>;
}

const WAYS: readonly Way[] = [
  { name: '_reindex slices=1', run: (cluster, url) => bare(cluster, url, 1) },
  { name: '_reindex slices=4', run: (cluster, url) => bare(cluster, url, 4) },
  { name: 'server', run: (cluster, url) => migrate(cluster, url, { route: 'server' }) },
  {
    name: 'client + transform',
    run: (cluster, url) => migrate(cluster, url, { route: 'client', transform: splitDepends }),
  },
  {
    name: 'server, --no-throttle',
    run: (cluster, url) => migrate(cluster, url, { route: 'server', more: ['--no-throttle'] }),
  },
  {
    name: 'client + transform, --no-throttle',
    run: (cluster, url) =>
      migrate(cluster, url, { route: 'client', transform: splitDepends, more: ['--no-throttle'] }),
  },
];

await run();

async function run(): Promise<void> {
  const onNote = (text: string): void => console.error(text);
  const dataSet = await obtainDebianPackages(onNote);
  const engine = await startEngine(flags.engine, { onNote });
  const url = engine.urls[0] as string;
  const cluster = await connect({ nodes: [url] });
  const took = new Map<string, Took[]>();
  const ways = WAYS.filter(({ name }) => flags.only?.some((begin) => name.startsWith(begin)) ?? true);
  try {
    await fill(cluster, dataSet);
    // this first copy does not count: the engine has loaded documents, but not read any yet
    await bare(cluster, url, 1);
    for (let round = 0; round < flags.rounds; round++)
      for (const way of [...ways.slice(round % ways.length), ...ways.slice(0, round % ways.length)]) {
        await untilMerged(cluster);
        const one = await way.run(cluster, url);
        took.set(way.name, [...(took.get(way.name) ?? []), one]);
        console.error(`${round + 1}/${flags.rounds} ${way.name}: ${JSON.stringify(one)}`);
      }
  } finally {
    await cluster.close();
    await engine.stop();
  }
  const text = [
    circumstances('npm run bench:whole', `${engine.name} ${engine.version}, 1 node, 1 GiB heap`),
    `- the first ${flags.documents.toLocaleString('en')} documents of ${dataSet.name}: ${dataSet.version}; one shard, no search traffic`,
    `- ${flags.rounds} round(s), interleaved; medians, in brackets lowest to highest`,
    '',
    summary(ways, took),
  ].join('\n');
  console.log(text);
  handOver(
    Object.fromEntries(
      toBestReindex(ways, took).map(([name, ratio]) => [`migration / _reindex, ${name}`, ratio]),
    ),
  );
  if (!flags.dry) writePart('whole', text);
}

function summary(ways: readonly Way[], took: ReadonlyMap<string, readonly Took[]>): string {
  const ratios = new Map(toBestReindex(ways, took));
  const rows = ways.map(({ name }) => {
    const all = secondsOf(name, took);
    return [
      name,
      `${median(all).toFixed(1)} (${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)})`,
      ratios.get(name)?.toFixed(2) ?? '-',
      spansOf(took.get(name) ?? []),
    ];
  });
  return table(['way', 'seconds', 'to the best _reindex', 'until copied, until in sync'], rows);
}

function secondsOf(name: string, took: ReadonlyMap<string, readonly Took[]>): number[] {
  return (took.get(name) ?? []).map(({ seconds }) => seconds);
}

function toBestReindex(
  ways: readonly Way[],
  took: ReadonlyMap<string, readonly Took[]>,
): (readonly [name: string, ratio: number])[] {
  const medians = ways.map(({ name }) => [name, median(secondsOf(name, took))] as const);
  const reindexes = medians.flatMap(([name, seconds]) => (name.startsWith('_reindex') ? [seconds] : []));
  return medians.map(([name, seconds]) => [name, seconds / Math.min(...reindexes)] as const);
}

function spansOf(all: readonly Took[]): string {
  const of = (state: string): string => {
    const values = all.flatMap(({ spans }) => spans?.[state] ?? []);
    return values.length === 0 ? '-' : median(values).toFixed(1);
  };
  return all.some(({ spans }) => spans) ? `${of('restoring')}, ${of('mirroring')}` : '-';
}

async function fill(cluster: Cluster, dataSet: DataSet): Promise<void> {
  await createIndex(cluster, SOURCE, {
    settings: { number_of_shards: 1, number_of_replicas: 0 },
    mappings: packageMappings,
    aliases: { [`${NAME}-read`]: {}, [`${NAME}-write`]: {} },
  });
  await sendBodies(cluster, SOURCE, bulkBodies(dataSet.file, flags.documents));
  await refresh(cluster, SOURCE);
}

async function bare(cluster: Cluster, url: string, slices: number): Promise<Took> {
  await create(cluster, TARGET, { shards: 1, mappings: reanalysedMappings, analysis: reanalysis });
  try {
    return await reindex(
      { cluster, url, source: SOURCE, target: TARGET, feed: '', documents: 0, shards: 1, dataSet: '' },
      slices,
    );
  } finally {
    await remove(cluster, TARGET);
  }
}

interface Migration {
  readonly route: 'server' | 'client';
  readonly transform?: typeof splitDepends;
  readonly more?: readonly string[];
}

/** Measures a migration from start to end. Then it is aborted and the new index removed. */
async function migrate(
  cluster: Cluster,
  url: string,
  { route, transform, more = [] }: Migration,
): Promise<Took> {
  const project = new Project({
    nodes: [url],
    name: NAME,
    settings: { number_of_shards: 1, number_of_replicas: 0, analysis: reanalysis },
    mappings: transform
      ? {
          ...reanalysedMappings,
          properties: { ...reanalysedMappings.properties, depends: { type: 'keyword' } },
        }
      : reanalysedMappings,
    migration: transform && `{ up: ${transform.toString()} }`,
  });
  try {
    const began = performance.now();
    const options = ['--route', route, '--until', 'ready', '--no-stay', '--yes', ...more];
    const spans = await statesOf(project.start(['migrate', NAME, ...options]), began);
    const seconds = (performance.now() - began) / 1_000;
    await ended(project.start(['abort', NAME, '--yes']));
    return { seconds, spans };
  } finally {
    await remove(cluster, TARGET);
    project.remove();
  }
}

/** Seconds until each state began. With `BENCH_EVENTS` the events are printed with their times. */
async function statesOf(child: ChildProcess, began: number): Promise<Record<string, number>> {
  const spans: Record<string, number> = {};
  onEvent(child, (event) => {
    const at = (performance.now() - began) / 1_000;
    if (process.env['BENCH_EVENTS']) console.error(at.toFixed(2), JSON.stringify(event));
    if (event.event === 'state' && event.to) spans[event.to] ??= at;
  });
  await ended(child);
  return spans;
}

async function ended(child: ChildProcess): Promise<void> {
  child.stdout?.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${child.spawnargs.slice(2).join(' ')} ended with ${code}`);
}
