// `npm run bench:gateway`: measures requests through the gateway, requests through nginx (a plain proxy), and
// direct requests, in interleaved rounds, before, during and after a migration. Requests through nginx and
// direct requests use an index that is never migrated, so they show the engine's work on one index.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { connect } from '../src/cluster/cluster.js';
import { startEngine } from '../src/localEngine/startEngine.js';
import { wholeNumber } from './flags.js';
import { isOperation, type Operation, OPERATIONS } from './gatewayJob.js';
import { GatewayMeasuring } from './gatewayMeasuring.js';
import { BenchMigration } from './gatewayMigration.js';
import { fillProducts, writeProject } from './gatewayProject.js';
import { costs, PHASES, summary } from './gatewaySummary.js';
import { direct, throughGateway, throughNginx, type Way } from './gatewayWays.js';
import { cpuSecondsOfTree } from './proc.js';
import { untilMerged } from './quiet.js';
import { handOver } from './ratios.js';
import { circumstances, writePart } from './results.js';

interface Flags {
  readonly rounds: number;
  readonly seconds: number;
  readonly engine: string;
  readonly operations: readonly Operation[];
  readonly quick?: true;
  readonly dry?: true;
}

const NAME = 'bench-gateway';
const PLAIN = 'bench-plain';

const program = new Command('bench:gateway')
  .option('--rounds <n>', 'rounds', wholeNumber, 3)
  .option(
    '--seconds <n>',
    'seconds of each measurement; bulks, and writes at a given rate, take three times as long',
    wholeNumber,
    1,
  )
  .option('--engine <engine>', 'the engine to start', 'opensearch@3.8.0')
  .option('--operations <list>', 'only these operations, separated by commas', operations, [...OPERATIONS])
  .option('--quick', 'one round, latencies only without a migration')
  .option('--dry', 'leave RESULTS.md as it is')
  .parse();
await run(program.opts<Flags>());

async function run(flags: Flags): Promise<void> {
  const engine = await startEngine(flags.engine, { onNote: (note) => console.error(note) });
  const [url = ''] = engine.urls;
  const cluster = await connect({ nodes: [url] });
  const folder = mkdtempSync(join(tmpdir(), 'twindex-bench-'));
  const config = writeProject(NAME, folder, url);
  const migration = new BenchMigration(cluster, NAME, config);
  const ways: Way[] = [direct(url, PLAIN)];
  const rounds = flags.quick ? 1 : flags.rounds;
  try {
    await fillProducts(cluster, NAME);
    await fillProducts(cluster, PLAIN);
    const nginx = await throughNginx(url, PLAIN, folder);
    if (nginx) ways.push(nginx);
    ways.push(await throughGateway(config, NAME));
    const measuring = new GatewayMeasuring({
      rounds,
      seconds: flags.seconds,
      quick: flags.quick === true,
      operations: flags.operations,
      engineCpu: () => engine.nodes.reduce((sum, { pid }) => sum + (pid ? cpuSecondsOfTree(pid) : 0), 0),
      settled: () => untilMerged(cluster),
    });
    for (const phase of PHASES) {
      if (phase === 'mirror') await migration.mirror();
      if (phase === 'switched') await migration.switch();
      // nginx does not change between phases
      await measuring.measure(phase, phase === 'idle' ? ways : ways.filter(({ name }) => name !== 'nginx'));
    }
    const text = [
      circumstances(commandLine(), `${engine.name} ${engine.version}, 1 node, one shard, no replica`),
      `- ${rounds} round(s) of ${flags.seconds} s each, bulks ${3 * flags.seconds} s; medians, in brackets lowest to highest`,
      ...(nginx ? [] : ['- nginx is not installed here']),
      summary(measuring.figures),
    ].join('\n');
    console.log(text);
    handOver(costs(measuring.figures));
    if (!flags.dry) writePart('gateway', text);
  } finally {
    await migration.stop();
    for (const way of ways) await way.stop();
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
    await engine.stop();
  }
}

function commandLine(): string {
  const more = process.argv.slice(2);
  return more.length === 0 ? 'npm run bench:gateway' : `npm run bench:gateway -- ${more.join(' ')}`;
}

function operations(text: string): Operation[] {
  const names = text.split(',');
  const known = names.filter(isOperation);
  if (known.length < names.length) throw new InvalidArgumentError(`Give some of ${OPERATIONS.join(',')}.`);
  return known;
}
