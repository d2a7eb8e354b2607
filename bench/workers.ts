// `npm run bench:workers`: the same copy without workers, and with one or two, on one machine with the engine: once with a small
// transform, and once with one that waits for an answer from elsewhere (for all documents of a page at the same time).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { connect } from '../src/cluster/cluster.js';
import { createIndex } from '../src/cluster/operations/createIndex.js';
import { refresh } from '../src/cluster/operations/refresh.js';
import { startEngine } from '../src/engine/index.js';
import { loadCorpus } from './load.js';
import { cpuSecondsOfTree } from './proc.js';
import { smallDocuments } from './products.js';
import { circumstances, table } from './results.js';

interface Flags {
  readonly documents: number;
  readonly shards: number;
  readonly engine: string;
}

interface Measured {
  readonly seconds: number;
  readonly cpu: { readonly engine: number; readonly coordinator: number; readonly workers: number };
}

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const WORKERS = [0, 1, 2];
const PRICE = "{ ...doc, price: Number.parseFloat(doc.price.replace(',', '.')) }";
const TRANSFORMS = {
  small: `(doc) => (${PRICE})`,
  'waits 1.5 s': `async (doc) => { await new Promise((resolve) => setTimeout(resolve, 1_500)); return ${PRICE}; }`,
} as const;

const flags = new Command('bench:workers')
  .option('--documents <n>', 'documents to copy', Number, 200_000)
  .option('--shards <n>', 'shards of both indexes', Number, 3)
  .option('--engine <engine>', 'what to run on', 'opensearch@3.8.0')
  .parse()
  .opts<Flags>();
const engine = await startEngine(flags.engine, { onNote: (text) => console.error(text) });
const rows: string[][] = [];
try {
  // what the engine's compiler learns in the first copy it would else learn in one that is measured
  await measure(TRANSFORMS.small, 0);
  for (const [kind, up] of Object.entries(TRANSFORMS))
    for (const workers of WORKERS) rows.push(rowOf(kind, workers, await measure(up, workers)));
} finally {
  await engine.stop();
}
const documents = `${flags.documents.toLocaleString('en')} documents of about 100 bytes, ${flags.shards} shards`;
const heads = [
  'transform',
  'workers',
  's',
  'documents/s',
  'engine, CPU s',
  'coordinator, CPU s',
  'workers, CPU s',
];
console.log(
  [
    circumstances('npm run bench:workers', `${engine.name} ${engine.version}, 1 node, 1 GiB heap`),
    `- ${documents}; all of it on this machine`,
    '',
    table([...heads, 'cores busy'], rows),
  ].join('\n'),
);

function rowOf(kind: string, workers: number, { seconds, cpu }: Measured): string[] {
  const all = cpu.engine + cpu.coordinator + cpu.workers;
  return [
    kind,
    String(workers),
    seconds.toFixed(1),
    Math.round(flags.documents / seconds).toLocaleString('en'),
    ...[cpu.engine, cpu.coordinator, cpu.workers].map((value) => value.toFixed(1)),
    (all / seconds).toFixed(2),
  ];
}

/** From the beginning of back-fill to its end. */
async function measure(up: string, count: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'twindex-bench-'));
  const name = `bench-workers-${Math.random().toString(36).slice(2, 8)}`;
  const workers: ChildProcess[] = [];
  try {
    await fill(name);
    writeProject(folder, name, up);
    for (let n = 0; n < count; n++) workers.push(start(folder, ['worker', name]));
    await Promise.all(workers.map(async ({ stdout }) => stdout && (await once(stdout, 'data'))));
    const options = ['--yes', '--until', 'ready', '--no-stay', '--no-throttle', '--grace', '2s'];
    const coordinator = start(folder, ['migrate', name, ...options]);
    const cpu = () => ({
      engine: engine.nodes.reduce((sum, { pid }) => sum + (pid ? cpuSecondsOfTree(pid) : 0), 0),
      coordinator: cpuSecondsOfTree(coordinator.pid as number),
      workers: workers.reduce((sum, { pid }) => sum + cpuSecondsOfTree(pid as number), 0),
    });
    const began = await reached(coordinator, 'copy', cpu);
    const ended = await reached(coordinator, 'restoring', cpu);
    coordinator.kill('SIGTERM');
    await once(coordinator, 'close');
    const { engine: e, coordinator: c, workers: w } = began.value;
    return {
      seconds: (ended.at - began.at) / 1_000,
      cpu: {
        engine: ended.value.engine - e,
        coordinator: ended.value.coordinator - c,
        workers: ended.value.workers - w,
      },
    };
  } finally {
    for (const child of workers) child.kill('SIGTERM');
    await Promise.all(workers.map(async (child) => child.exitCode ?? (await once(child, 'close'))));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Until the coordinator does this. */
async function reached<T>(
  child: ChildProcess,
  what: string,
  then: () => T,
): Promise<{ at: number; value: T }> {
  let tail = '';
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    const lines = (tail + String(chunk)).split('\n');
    tail = lines.pop() ?? '';
    const found = lines.some((line) => {
      const { task, to } = JSON.parse(line) as { task?: string; to?: string };
      return task === what || to === what;
    });
    if (found) return { at: performance.now(), value: then() };
  }
  throw new Error(`the migration ended before ${what}`);
}

function start(folder: string, command: readonly string[]): ChildProcess {
  const config = ['--json', '--config', join(folder, 'twindex.config.json')];
  return spawn(process.execPath, [CLI, ...command, ...config], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function fill(name: string): Promise<void> {
  const cluster = await connect({ nodes: engine.urls });
  try {
    const source = `${name}-v1`;
    await createIndex(cluster, source, {
      settings: { number_of_shards: flags.shards, number_of_replicas: 0 },
      mappings: smallDocuments.mappings,
      aliases: { [`${name}-read`]: {}, [`${name}-write`]: {} },
    });
    await loadCorpus(cluster, source, smallDocuments, flags.documents);
    await refresh(cluster, source);
  } finally {
    await cluster.close();
  }
}

function writeProject(folder: string, name: string, up: string): void {
  const { properties } = smallDocuments.mappings as { properties: Record<string, object> };
  const definition = {
    name,
    version: 2,
    settings: { number_of_shards: flags.shards, number_of_replicas: 0 },
    mappings: { properties: { ...properties, price: { type: 'double' } } },
  };
  const text = `export default { ...${JSON.stringify(definition)}, migrations: { 2: { up: ${up} } } };\n`;
  writeFileSync(join(folder, 'index.mjs'), text);
  const config = { cluster: { nodes: engine.urls }, indexes: ['./index.mjs'] };
  writeFileSync(join(folder, 'twindex.config.json'), JSON.stringify(config));
}
