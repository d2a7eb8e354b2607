// `npm run bench:workers`: compares the same copy with no, one and two workers, on the engine's machine. It
// uses a small transform, and a transform that waits for an external response (for all documents of a page at
// once).
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import { startEngine } from '../src/localEngine/startEngine.js';
import { cpuSecondsOfTree } from './proc.js';
import { circumstances, table } from './results.js';
import { createSmallProject, reached } from './smallProject.js';

interface Flags {
  readonly documents: number;
  readonly shards: number;
  readonly engine: string;
}

interface Measured {
  readonly seconds: number;
  readonly cpu: { readonly engine: number; readonly coordinator: number; readonly workers: number };
}

const WORKERS = [0, 1, 2];
const PRICE = "{ ...doc, price: Number.parseFloat(doc.price.replace(',', '.')) }";
const TRANSFORMS = {
  small: `(doc) => (${PRICE})`,
  'waits 1.5 s': `async (doc) => { await new Promise((resolve) => setTimeout(resolve, 1_500)); return ${PRICE}; }`,
} as const;

const flags = new Command('bench:workers')
  .option('--documents <n>', 'documents to copy', Number, 200_000)
  .option('--shards <n>', 'shards of both indexes', Number, 3)
  .option('--engine <engine>', 'the engine to start', 'opensearch@3.8.0')
  .parse()
  .opts<Flags>();
const engine = await startEngine(flags.engine, { onNote: (text) => console.error(text) });
const rows: string[][] = [];
try {
  // a warm-up: otherwise the engine would compile its hot code during a measured copy
  await measure(TRANSFORMS.small, 0);
  for (const [kind, up] of Object.entries(TRANSFORMS))
    for (const workers of WORKERS) rows.push(rowOf(kind, workers, await measure(up, workers)));
} finally {
  await engine.stop();
}
const what = `${flags.documents.toLocaleString('en')} documents of about 100 bytes, ${flags.shards} shards`;
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
    `- ${what}; all of it on this machine`,
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

/** Measures from the beginning of the back-fill to its end. */
async function measure(up: string, count: number): Promise<Measured> {
  const { documents, shards } = flags;
  const project = await createSmallProject({
    nodes: engine.urls,
    name: `bench-workers-${Math.random().toString(36).slice(2, 8)}`,
    documents,
    shards,
    price: 'double',
    migration: `{ up: ${up} }`,
  });
  const workers: ChildProcess[] = [];
  try {
    for (let n = 0; n < count; n++) workers.push(project.start(['worker', project.name]));
    await Promise.all(workers.map(async ({ stdout }) => stdout && (await once(stdout, 'data'))));
    const options = ['--yes', '--until', 'ready', '--no-stay', '--no-throttle', '--grace', '2s'];
    const coordinator = project.start(['migrate', project.name, ...options]);
    const cpu = () => ({
      engine: engine.nodes.reduce((sum, { pid }) => sum + (pid ? cpuSecondsOfTree(pid) : 0), 0),
      coordinator: cpuSecondsOfTree(coordinator.pid as number),
      workers: workers.reduce((sum, { pid }) => sum + cpuSecondsOfTree(pid as number), 0),
    });
    const began = { at: await reached(coordinator, 'copy'), value: cpu() };
    const ended = { at: await reached(coordinator, 'restoring'), value: cpu() };
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
    project.remove();
  }
}
