// `npm run bench:shadow`: compares searches through a gateway without shadow reads and with shadow reads of
// all searches, in interleaved rounds, at a given share of the gateway's highest rate.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type Cluster, connect } from '../src/cluster/cluster.js';
import { startEngine } from '../src/localEngine/startEngine.js';
import { listWriters } from '../src/journal/writerDocuments.js';
import { DOCUMENTS, type Load } from './gatewayJob.js';
import { BenchMigration } from './gatewayMigration.js';
import { fillProducts, writeProject } from './gatewayProject.js';
import { sendLoad, throughGateway } from './gatewayWays.js';
import { circumstances, hasPart, median, table, writePart } from './results.js';

interface Flags {
  readonly rounds: number;
  readonly seconds: number;
  readonly part: number;
  readonly engine: string;
  readonly dry?: true;
}

const NAME = 'bench-shadow';
const CONNECTIONS = 8;
const SHARES = ['0%', '100%'] as const;

const program = new Command('bench:shadow')
  .option('--rounds <n>', 'rounds', positive, 5)
  .option('--seconds <n>', 'seconds of each measurement', positive, 5)
  .option('--part <share>', 'send searches at this share of the highest rate', positive, 0.25)
  .option('--engine <engine>', 'the engine to start', 'opensearch@3.8.0')
  .option('--dry', 'leave RESULTS.md as it is')
  .parse();
await run(program.opts<Flags>());

async function run({ rounds, seconds, part, engine: wanted, dry }: Flags): Promise<void> {
  const engine = await startEngine(wanted, { onNote: (note) => console.error(note) });
  const [url = ''] = engine.urls;
  const cluster = await connect({ nodes: [url] });
  const folder = mkdtempSync(join(tmpdir(), 'twindex-bench-'));
  const config = writeProject(NAME, folder, url);
  const migration = new BenchMigration(cluster, NAME, config);
  await fillProducts(cluster, NAME);
  const gateway = await throughGateway(config, NAME);
  try {
    await migration.mirror();
    const search = (perSecond?: number): Promise<Load> =>
      sendLoad({
        url: gateway.url,
        index: `${NAME}-read`,
        operation: 'search',
        connections: CONNECTIONS,
        seconds,
        documents: DOCUMENTS,
        ...(perSecond === undefined ? {} : { perSecond }),
      });
    await search();
    const most = await search();
    const perSecond = most.perSecond * part;
    // a warm-up of the code that compares, and of searches in the new index
    await migration.reads('--shadow', '100%');
    for (let n = 0; n < 3; n++) await search(perSecond);
    const loads = new Map<string, Load[]>(SHARES.map((share) => [share, []]));
    for (let round = 0; round < rounds; round++) {
      for (const share of round % 2 === 0 ? SHARES : SHARES.toReversed()) {
        await migration.reads('--shadow', share);
        const load = await search(perSecond);
        loads.get(share)?.push(load);
        console.error(`shadow ${share} at ${perSecond.toFixed(0)}/s: p95 ${load.p95Ms.toFixed(2)} ms`);
      }
    }
    const text = [
      circumstances(
        'npm run bench:shadow',
        `${engine.name} ${engine.version}, 1 node, one shard, no replica`,
      ),
      `- ${rounds} rounds of ${seconds} s at ${perSecond.toFixed(0)} searches/s (${part} of ${most.perSecond.toFixed(0)}/s); medians`,
      `- ${await seen(cluster)}`,
      ...summary(loads),
    ].join('\n');
    console.log(text);
    if (!dry && hasPart('shadow')) writePart('shadow', text);
  } finally {
    await migration.stop();
    await gateway.stop();
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
    await engine.stop();
  }
}

function summary(loads: ReadonlyMap<string, readonly Load[]>): string[] {
  const of = (share: string, what: 'p50Ms' | 'p95Ms' | 'p99Ms'): number =>
    median((loads.get(share) ?? []).map((load) => load[what]));
  const more = (of('100%', 'p95Ms') / of('0%', 'p95Ms') - 1) * 100;
  const rows = SHARES.map((share) => [
    share,
    ...(['p50Ms', 'p95Ms', 'p99Ms'] as const).map((what) => of(share, what).toFixed(2)),
  ]);
  return [
    `- p95 of a search with all of them shadowed, to none: ${more >= 0 ? '+' : ''}${more.toFixed(1)} %`,
    '',
    table(['shadow', 'p50 ms', 'p95 ms', 'p99 ms'], rows),
  ];
}

/** The shadow-read counters of all gateways together. */
async function seen(cluster: Cluster): Promise<string> {
  const shadows = (await listWriters(cluster)).flatMap(({ migrations }) => migrations[NAME]?.shadow ?? []);
  const sum = (what: 'compared' | 'skipped' | 'errors'): number =>
    shadows.reduce((all, shadow) => all + shadow[what], 0);
  return `${sum('compared')} searches compared, ${sum('skipped')} skipped, ${sum('errors')} failed`;
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('Give a number above 0.');
  return number;
}
