// `npm run bench`: copies one index in several ways, in rounds with a rotated order, and writes medians and ratios into
// RESULTS.md. An engine of its own is started, so that CPU seconds can be told.
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { type Cluster, connect } from '../src/cluster/cluster.js';
import { countDocuments } from '../src/cluster/operations/countDocuments.js';
import { createIndex } from '../src/cluster/operations/createIndex.js';
import { refresh } from '../src/cluster/operations/refresh.js';
import { startEngine } from '../src/engine/index.js';
import { loadCorpus } from './load.js';
import { cpuSecondsOfTree } from './proc.js';
import { products, transformedMappings } from './products.js';
import { circumstances, median, table, writePart } from './results.js';
import { type Copy, obtainElasticdump, type Way, WAYS } from './ways.js';

interface Flags {
  readonly documents: number;
  readonly rounds: number;
  readonly only?: readonly string[];
  readonly engine: string;
  readonly dry?: true;
}

interface Figures {
  readonly perSecond: number;
  readonly nodeCpu: number | undefined;
  readonly engineCpu: number;
  readonly peakRssMb: number | undefined;
}

const SOURCE = 'bench-source';
const TARGET = 'bench-target';
const FEED = 'bench-feed';

const program = new Command('bench')
  .option('--documents <n>', 'documents to copy', wholeNumber, 250_000)
  .option('--rounds <n>', 'rounds', wholeNumber, 3)
  .option('--only <text...>', 'only the ways whose name begins so')
  .option('--engine <engine>', 'what to run on', 'opensearch@3.8.0')
  .option('--dry', 'leave RESULTS.md as it is')
  .parse();
await run(program.opts<Flags>());

async function run(flags: Flags): Promise<void> {
  const { ways, notes } = choose(flags);
  const engine = await startEngine(flags.engine, { onNote: (text) => console.error(text) });
  const cluster = await connect({ nodes: engine.urls });
  try {
    const figures = await measureAll({
      cluster,
      ways,
      flags,
      copy: {
        cluster,
        url: engine.urls[0] as string,
        source: SOURCE,
        target: TARGET,
        feed: FEED,
        documents: flags.documents,
      },
      engineCpu: () => engine.nodes.reduce((sum, { pid }) => sum + (pid ? cpuSecondsOfTree(pid) : 0), 0),
    });
    const text = [
      circumstances(
        commandLine(),
        `${engine.name} ${engine.version}, 1 node, 1 GiB heap, one shard, no replica`,
      ),
      `- ${flags.documents.toLocaleString('en')} documents, ${flags.rounds} rounds; medians, in brackets lowest to highest`,
      ...notes.map((note) => `- ${note}`),
      '',
      summary(ways, figures),
    ].join('\n');
    console.log(text);
    if (!flags.dry) writePart('copying', text);
  } finally {
    await cluster.close();
    await engine.stop();
  }
}

function choose({ only }: Flags): { readonly ways: readonly Way[]; readonly notes: readonly string[] } {
  const wanted = WAYS.filter(({ name }) => !only || only.some((begin) => name.startsWith(begin)));
  const obstacle = wanted.some(({ name }) => name === 'elasticdump') ? obtainElasticdump() : undefined;
  if (obstacle === undefined) return { ways: wanted, notes: [] };
  return { ways: wanted.filter(({ name }) => name !== 'elasticdump'), notes: [obstacle] };
}

interface Run {
  readonly cluster: Cluster;
  readonly ways: readonly Way[];
  readonly flags: Flags;
  readonly copy: Copy;
  readonly engineCpu: () => number;
}

async function measureAll(job: Run): Promise<Map<string, Figures[]>> {
  const { cluster, ways, flags } = job;
  console.error(`loading ${flags.documents} documents`);
  await createOne(cluster, SOURCE, products.mappings);
  await loadCorpus(cluster, SOURCE, products, flags.documents);
  await refresh(cluster, SOURCE);
  // the engine has loaded, but not yet read: one copy that does not count
  const [first] = ways;
  if (first) await measure(job, first);
  const figures = new Map<string, Figures[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round < flags.rounds; round++) {
    for (const way of [...ways.slice(round % ways.length), ...ways.slice(0, round % ways.length)]) {
      const one = await measure(job, way);
      figures.get(way.name)?.push(one);
      console.error(`${round + 1}/${flags.rounds} ${way.name}: ${JSON.stringify(one, rounded)}`);
    }
  }
  return figures;
}

async function measure({ cluster, copy, engineCpu }: Run, way: Way): Promise<Figures> {
  await createOne(cluster, TARGET, way.transforms ? transformedMappings : products.mappings, FEED);
  await untilQuiet(cluster);
  const cpuBefore = engineCpu();
  const { seconds, cpuSeconds, peakRssMb } = await way.run(copy);
  const cpu = engineCpu() - cpuBefore;
  await refresh(cluster, TARGET);
  const arrived = await countDocuments(cluster, TARGET);
  if (arrived !== copy.documents)
    throw new Error(`${way.name}: ${arrived} of ${copy.documents} documents have arrived`);
  await cluster.connection.json({ method: 'DELETE', path: `/${TARGET}` });
  return { perSecond: copy.documents / seconds, nodeCpu: cpuSeconds, engineCpu: cpu, peakRssMb };
}

async function createOne(cluster: Cluster, index: string, mappings: object, alias?: string): Promise<void> {
  const settings = { number_of_shards: 1, number_of_replicas: 0, refresh_interval: '-1' };
  await createIndex(cluster, index, { settings, mappings, ...(alias ? { aliases: { [alias]: {} } } : {}) });
}

/** Until no merge is left of what went before. */
async function untilQuiet(cluster: Cluster): Promise<void> {
  for (;;) {
    await sleep(1_000);
    const stats = await cluster.connection.json<{ _all: { total: { merges: { current: number } } } }>({
      method: 'GET',
      path: '/_stats/merge',
    });
    if (stats._all.total.merges.current === 0) return;
  }
}

function summary(ways: readonly Way[], figures: ReadonlyMap<string, readonly Figures[]>): string {
  const speed = (name: string): number => median((figures.get(name) ?? []).map(({ perSecond }) => perSecond));
  const reindexes = ways.map(({ name }) => name).filter((name) => name.startsWith('_reindex'));
  const one = speed('_reindex slices=1');
  const best = Math.max(...reindexes.map(speed));
  const rows = ways.map(({ name }) => {
    const all = figures.get(name) ?? [];
    const of = (pick: (one: Figures) => number | undefined, digits: number): string => {
      const values = all.map(pick).filter((value) => value !== undefined);
      return values.length === 0 ? '-' : median(values).toFixed(digits);
    };
    const speeds = all.map(({ perSecond }) => perSecond);
    const range = `${whole(Math.min(...speeds))} to ${whole(Math.max(...speeds))}`;
    return [
      name,
      `${whole(speed(name))} (${range})`,
      ratio(speed(name), one),
      ratio(speed(name), best),
      of(({ nodeCpu }) => nodeCpu, 1),
      of(({ engineCpu }) => engineCpu, 1),
      of(({ peakRssMb }) => peakRssMb, 0),
    ];
  });
  const head = [
    'way',
    'documents/s',
    'to slices=1',
    'to the best _reindex',
    'Node CPU s',
    'engine CPU s',
    'Node peak MiB',
  ];
  return table(head, rows);
}

function ratio(speed: number, base: number): string {
  return Number.isFinite(base) ? (speed / base).toFixed(2) : '-';
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}

function commandLine(): string {
  const more = process.argv.slice(2);
  return more.length === 0 ? 'npm run bench' : `npm run bench -- ${more.join(' ')}`;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Give a whole number.');
  return number;
}
