// `npm run bench:latency`: compares the latency of searches in the old index, or of writes to it, before and during the copy, by
// each route, with and without the throttle, in interleaved rounds. Writes the medians into RESULTS.md.
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { type Cluster, connect } from '../src/cluster/cluster.js';
import { refresh } from '../src/cluster/indices/refresh.js';
import type { Request } from '../src/cluster/request.js';
import { startEngine } from '../src/localEngine/startEngine.js';
import { percentile } from '../src/percentile.js';
import { create, remove } from './copying.js';
import { bulkBodies, type DataSet } from './dataSet.js';
import { obtainDebianPackages } from './debianPackages.js';
import { sendBodies } from './load.js';
import { packageMappings } from './packageIndex.js';
import { untilMerged } from './quiet.js';
import { circumstances, median, table, writePart } from './results.js';
import { measureApart } from './ways.js';

interface Flags {
  readonly documents: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly rate: number;
  readonly traffic: Traffic;
  readonly only: string;
  readonly dry?: true;
}

type Traffic = 'searches' | 'writes';

interface Phase {
  readonly name: string;
  readonly route: 'server' | 'client';
  readonly throttled: boolean;
  /** The copy runs for this time without traffic, and then the first seconds of traffic are measured. */
  readonly aloneSeconds?: number;
}

const SOURCE = 'latency-source';
const TARGET = 'latency-target';
const FEED = 'latency-feed';
const PHASES: readonly Phase[] = [
  { name: 'server, not throttled', route: 'server', throttled: false },
  { name: 'server, throttled', route: 'server', throttled: true },
  { name: 'client, not throttled', route: 'client', throttled: false },
  { name: 'client, throttled', route: 'client', throttled: true },
  { name: 'server, throttled, first 5 s of traffic', route: 'server', throttled: true, aloneSeconds: 5 },
  { name: 'client, throttled, first 5 s of traffic', route: 'client', throttled: true, aloneSeconds: 5 },
];
/**
 * The time that the throttle needs to find its rate. A phase with `aloneSeconds` is measured during this time, every
 * other phase after it.
 */
const SETTLE_SECONDS = 5;
const WORDS = [
  'library',
  'development',
  'documentation',
  'python',
  'server',
  'tools',
  'fonts',
  'data',
  'plugin',
];

const program = new Command('bench:latency')
  .option('--documents <n>', 'documents of the index', Number, 250_000)
  .option('--rounds <n>', 'rounds', Number, 3)
  .option('--seconds <n>', 'seconds of each phase', Number, 20)
  .option('--rate <n>', 'requests a second', Number, 60)
  .addOption(
    new Option('--traffic <kind>', 'requests to measure').choices(['searches', 'writes']).default('searches'),
  )
  .option('--only <text>', 'only phases whose names contain this text', '')
  .option('--dry', 'leave RESULTS.md as it is')
  .parse();
await run(program.opts<Flags>());

async function run(flags: Flags): Promise<void> {
  const onNote = (text: string): void => console.error(text);
  const dataSet = await obtainDebianPackages(onNote);
  const engine = await startEngine('opensearch@3.8.0', { onNote });
  const cluster = await connect({ nodes: engine.urls });
  try {
    const rows = await measure(cluster, engine.urls[0] as string, dataSet, flags);
    const text = [
      circumstances(
        ['npm run bench:latency', ...process.argv.slice(2)].join(' '),
        `${engine.name} ${engine.version}, 1 node, 1 GiB heap, one shard, no replica`,
      ),
      `- ${flags.documents.toLocaleString('en')} documents of ${dataSet.name}; ${flags.rate} ${flags.traffic} a second, counted from when each was due`,
      `- ${flags.rounds} round(s), phases of ${flags.seconds} s of which the first ${SETTLE_SECONDS} are left out; medians of the rounds`,
      '',
      rows,
    ].join('\n');
    console.log(text);
    if (!flags.dry) writePart(flags.traffic === 'searches' ? 'latency' : 'latency of writes', text);
  } finally {
    await cluster.close();
    await engine.stop();
  }
}

interface Seen {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** The figures of the preceding phase, which has no copy. */
  readonly before: Omit<Seen, 'before' | 'perSecond'>;
  readonly perSecond: number;
}

async function measure(cluster: Cluster, url: string, dataSet: DataSet, flags: Flags): Promise<string> {
  await create(cluster, SOURCE, { shards: 1, mappings: packageMappings });
  await sendBodies(cluster, SOURCE, bulkBodies(dataSet.file, flags.documents));
  await refresh(cluster, SOURCE);
  await untilMerged(cluster);
  await send(cluster, flags, 2 * flags.seconds); // warm-up: the engine compiles its hot code
  const phases = PHASES.filter(({ name }) => name.includes(flags.only));
  const seen = new Map<string, Seen[]>(phases.map(({ name }) => [name, []]));
  for (let round = 0; round < flags.rounds; round++) {
    for (const phase of [...phases.slice(round % phases.length), ...phases.slice(0, round % phases.length)]) {
      await remove(cluster, TARGET);
      await create(cluster, TARGET, { shards: 1, mappings: packageMappings, alias: FEED });
      await untilMerged(cluster);
      const before = quantiles(after(await send(cluster, flags, flags.seconds), SETTLE_SECONDS));
      const copying = measureApart(
        phase.route,
        {
          cluster,
          url,
          source: SOURCE,
          target: TARGET,
          feed: FEED,
          documents: flags.documents,
          shards: 1,
          dataSet: dataSet.file,
        },
        { throttled: phase.throttled, atMostSeconds: flags.seconds },
      );
      const during = await trafficOf(phase, cluster, flags, copying);
      const { documents = 0, seconds } = await copying;
      const one: Seen = { ...quantiles(during), before, perSecond: documents / seconds };
      seen.get(phase.name)?.push(one);
      console.error(`${round + 1}/${flags.rounds} ${phase.name}: ${JSON.stringify(one)}`);
    }
  }
  return summary(seen);
}

/** `due`: when a request was due, in seconds after the first request. `ms`: how long after this it was answered. */
interface Answered {
  readonly due: number;
  readonly ms: number;
}

function after(all: readonly Answered[], seconds: number): number[] {
  return all.filter(({ due }) => due > seconds).map(({ ms }) => ms);
}

/** @returns the latencies in ms that count for the phase */
async function trafficOf(
  phase: Phase,
  cluster: Cluster,
  flags: Flags,
  copying: Promise<unknown>,
): Promise<number[]> {
  if (phase.aloneSeconds === undefined)
    return after(await send(cluster, flags, flags.seconds, copying), SETTLE_SECONDS);
  await sleep(1_000 * phase.aloneSeconds);
  return after(await send(cluster, flags, SETTLE_SECONDS, copying), -1);
}

/** Sends requests when they are due, without waiting for responses. */
async function send(
  cluster: Cluster,
  { rate, traffic }: Flags,
  seconds: number,
  until?: Promise<unknown>,
): Promise<Answered[]> {
  const answered: Answered[] = [];
  const pending: Promise<void>[] = [];
  const began = performance.now();
  const over = { yet: false };
  void until?.finally(() => {
    over.yet = true;
  });
  for (let n = 0; n < rate * seconds && !over.yet; n++) {
    const due = began + (n * 1_000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    const sent = cluster.connection.json(traffic === 'searches' ? search(n) : write(n));
    pending.push(
      sent.then(() => {
        answered.push({ due: (due - began) / 1_000, ms: performance.now() - due });
        return undefined;
      }),
    );
  }
  await Promise.all(pending);
  return answered;
}

function search(n: number): Request {
  return {
    method: 'POST',
    path: `/${SOURCE}/_search`,
    query: { request_cache: false },
    body: {
      size: 10,
      query: {
        bool: {
          must: { multi_match: { query: WORDS[n % WORDS.length], fields: ['summary', 'description'] } },
          filter: { range: { installedSizeKb: { gte: n % 500 } } },
        },
      },
      aggs: { sections: { terms: { field: 'section' } } },
    },
  };
}

/** Writes one of 500 further documents, so that the documents of the data set are the same in each round. */
function write(n: number): Request {
  return {
    method: 'PUT',
    path: `/${SOURCE}/_doc/traffic-${n % 500}`,
    body: { package: `traffic-${n % 500}`, summary: `${WORDS[n % WORDS.length]} ${n}`, section: 'misc' },
  };
}

function quantiles(values: readonly number[]): Pick<Seen, 'p50' | 'p95' | 'p99'> {
  return { p50: percentile(values, 50), p95: percentile(values, 95), p99: percentile(values, 99) };
}

function summary(seen: ReadonlyMap<string, readonly Seen[]>): string {
  const rows = [...seen].map(([name, all]) => {
    const of = (pick: (one: Seen) => number): number => median(all.map(pick));
    const pair = (pick: (one: Pick<Seen, 'p50' | 'p95' | 'p99'>) => number): string =>
      `${of(({ before }) => pick(before)).toFixed(1)} -> ${of(pick).toFixed(1)}`;
    return [
      name,
      pair(({ p50 }) => p50),
      pair(({ p95 }) => p95),
      pair(({ p99 }) => p99),
      of(({ p95, before }) => p95 / before.p95).toFixed(2),
      Math.round(of(({ perSecond }) => perSecond)).toLocaleString('en'),
    ];
  });
  return table(
    ['while copying', 'p50 ms, before -> during', 'p95 ms', 'p99 ms', 'p95 to before', 'documents/s'],
    rows,
  );
}
