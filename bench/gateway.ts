// `npm run bench:gateway`: requests through the gateway, through nginx as a plain proxy, and directly, in interleaved
// rounds; rates with 8 connections, latencies at half of what the slower proxy can do.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type Cluster, connect } from '../src/cluster/cluster.js';
import { createIndex } from '../src/cluster/operations/createIndex.js';
import { refresh } from '../src/cluster/operations/refresh.js';
import { startEngine } from '../src/engine/index.js';
import { DOCUMENTS_PER_BULK, type Load, type Operation, OPERATIONS } from './gatewayJob.js';
import { direct, sendLoad, throughGateway, throughNginx, type Way } from './gatewayWays.js';
import { loadCorpus } from './load.js';
import { cpuSecondsOfTree } from './proc.js';
import { products } from './products.js';
import { circumstances, median, table, writePart } from './results.js';

interface Flags {
  readonly rounds: number;
  readonly seconds: number;
  readonly engine: string;
  readonly url?: string;
  readonly dry?: true;
}

interface Figures {
  readonly rates: number[];
  /** CPU of the proxy for a request, in microseconds. */
  readonly cpuUs: number[];
  readonly paced: Load[];
}

const NAME = 'bench-gateway';
const DOCUMENTS = 20_000;
const CONNECTIONS = 8;
/** Each answer of a bulk is more than a MB: a few at once keep the engine busy. */
const BULK_CONNECTIONS = 2;

const program = new Command('bench:gateway')
  .option('--rounds <n>', 'rounds', wholeNumber, 5)
  .option('--seconds <n>', 'of each measurement', wholeNumber, 5)
  .option('--engine <engine>', 'what to run on', 'opensearch@3.8.0')
  .option('--url <url>', 'an engine that runs already')
  .option('--dry', 'leave RESULTS.md as it is')
  .parse();
await run(program.opts<Flags>());

async function run(flags: Flags): Promise<void> {
  const engine = flags.url
    ? undefined
    : await startEngine(flags.engine, { onNote: (note) => console.error(note) });
  const [url = ''] = flags.url ? [flags.url] : (engine?.urls ?? []);
  const cluster = await connect({ nodes: [url] });
  const folder = mkdtempSync(join(tmpdir(), 'twindex-bench-'));
  const ways: Way[] = [direct(url)];
  try {
    await fill(cluster);
    const nginx = await throughNginx(url, folder);
    if (nginx) ways.push(nginx);
    ways.push(await throughGateway(writeProject(folder, url)));
    const figures = await measureAll(ways, flags);
    const { name, version } = cluster.engine;
    const text = [
      circumstances(commandLine(), `${name} ${version}, 1 node, one shard, no replica`),
      `- ${flags.rounds} rounds of ${flags.seconds} s each; medians, in brackets lowest to highest; no migration`,
      ...(nginx ? [] : ['- nginx is not installed here']),
      '',
      summary(ways, figures),
    ].join('\n');
    console.log(text);
    if (!flags.dry) writePart('gateway', text);
  } finally {
    for (const way of ways) await way.stop();
    await cluster.connection.send({ method: 'DELETE', path: `/${NAME}-v1` });
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
    await engine?.stop();
  }
}

async function fill(cluster: Cluster): Promise<void> {
  const index = `${NAME}-v1`;
  await createIndex(cluster, index, {
    settings: { number_of_shards: 1, number_of_replicas: 0 },
    mappings: products.mappings,
    aliases: { [`${NAME}-read`]: {}, [`${NAME}-write`]: {} },
  });
  await loadCorpus(cluster, index, products, DOCUMENTS);
  await refresh(cluster, index);
}

/** @returns the configuration's file */
function writeProject(folder: string, url: string): string {
  const index = { name: NAME, version: 1, settings: { number_of_shards: 1 }, mappings: products.mappings };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  const file = join(folder, 'twindex.config.json');
  writeFileSync(file, JSON.stringify({ cluster: { nodes: [url] }, indexes: ['./index.json'] }));
  return file;
}

type All = Map<Operation, Map<Way, Figures>>;

async function measureAll(ways: readonly Way[], flags: Flags): Promise<All> {
  const all: All = new Map(
    OPERATIONS.map((operation) => [
      operation,
      new Map(ways.map((way) => [way, { rates: [], cpuUs: [], paced: [] }])),
    ]),
  );
  for (const [operation, figures] of all) {
    // a first time that does not count: code is compiled, connections are opened
    for (const way of ways) await measure(way, operation, Math.min(2, flags.seconds));
    for (const way of interleaved(ways, flags.rounds)) {
      const cpuBefore = way.pid ? cpuSecondsOfTree(way.pid) : 0;
      const { perSecond, requests } = await measure(way, operation, flags.seconds);
      const cpuSeconds = way.pid ? cpuSecondsOfTree(way.pid) - cpuBefore : Number.NaN;
      figures.get(way)?.rates.push(perSecond);
      figures.get(way)?.cpuUs.push((cpuSeconds / requests) * 1e6);
      console.error(`${operation} ${way.name}: ${perSecond.toFixed(0)}/s`);
    }
    if (operation === 'bulk') continue;
    const proxies = [...figures].filter(([way]) => way.name !== 'direct');
    const half = Math.min(...proxies.map(([, { rates }]) => median(rates))) / 2;
    for (const way of interleaved(ways, flags.rounds)) {
      const load = await measure(way, operation, flags.seconds, half);
      figures.get(way)?.paced.push(load);
      console.error(`${operation} ${way.name} at ${half.toFixed(0)}/s: p50 ${load.p50Ms.toFixed(2)} ms`);
    }
  }
  return all;
}

/** Round after round, each begun by another way. */
function interleaved(ways: readonly Way[], rounds: number): Way[] {
  return Array.from({ length: rounds }, (_, round) => round % ways.length).flatMap((turn) => [
    ...ways.slice(turn),
    ...ways.slice(0, turn),
  ]);
}

function measure(way: Way, operation: Operation, seconds: number, perSecond?: number): Promise<Load> {
  return sendLoad({
    url: way.url,
    // readers and writers of the application use the aliases
    index: operation === 'get' || operation === 'search' ? `${NAME}-read` : `${NAME}-write`,
    operation,
    connections: operation === 'bulk' ? BULK_CONNECTIONS : CONNECTIONS,
    seconds,
    documents: DOCUMENTS,
    ...(perSecond === undefined ? {} : { perSecond }),
  });
}

function summary(ways: readonly Way[], all: All): string {
  const rows = [...all].flatMap(([operation, figures]) => ways.map((way) => row(way, operation, figures)));
  const head = ['operation', 'way', 'per second', 'to nginx', 'proxy CPU µs', 'p50 ms', 'added', 'p99 ms'];
  return table(head, rows);
}

function row(way: Way, operation: Operation, figures: ReadonlyMap<Way, Figures>): string[] {
  const of = (name: Way['name']): Figures | undefined =>
    [...figures].find(([other]) => other.name === name)?.[1];
  const { rates, cpuUs, paced } = figures.get(way) as Figures;
  const unit = operation === 'bulk' ? DOCUMENTS_PER_BULK : 1;
  const nginx = median(of('nginx')?.rates ?? []);
  const p50 = median(paced.map(({ p50Ms }) => p50Ms));
  const directP50 = median((of('direct')?.paced ?? []).map(({ p50Ms }) => p50Ms));
  return [
    operation === 'bulk' ? 'bulk of 5 MB (documents)' : operation,
    way.name,
    `${whole(median(rates) * unit)} (${whole(Math.min(...rates) * unit)} to ${whole(Math.max(...rates) * unit)})`,
    shown(median(rates) / nginx, 2),
    shown(median(cpuUs), 0),
    shown(p50, 2),
    way.name === 'direct' ? '-' : shown(p50 - directP50, 2),
    shown(median(paced.map(({ p99Ms }) => p99Ms)), 2),
  ];
}

function shown(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-';
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function commandLine(): string {
  const more = process.argv.slice(2);
  return more.length === 0 ? 'npm run bench:gateway' : `npm run bench:gateway -- ${more.join(' ')}`;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Give a whole number.');
  return number;
}
