// The ways of copying an index that are compared, each from the full source into an empty target.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../src/cluster/cluster.js';
import type { Job, Measured } from './measure.js';
import { watchUsage } from './proc.js';

export interface Copy {
  readonly cluster: Cluster;
  readonly url: string;
  readonly source: string;
  readonly target: string;
  readonly feed: string;
  readonly documents: number;
}

/** CPU and memory of the Node process; undefined where there is none, or it holds the whole corpus. */
type Result = { readonly seconds: number } & Partial<Omit<Measured, 'seconds'>>;

export interface Way {
  readonly name: string;
  /** Writes the shape that `parsePrice` gives. */
  readonly transforms?: true;
  readonly run: (copy: Copy) => Promise<Result>;
}

export const WAYS: readonly Way[] = [
  { name: 'follow', run: (copy) => measureApart('follow', copy) },
  { name: 'follow + transform', transforms: true, run: (copy) => measureApart('follow-transform', copy) },
  { name: '_reindex slices=1', run: (copy) => reindex(copy, 1) },
  { name: '_reindex slices=2', run: (copy) => reindex(copy, 2) },
  { name: '_reindex slices=4', run: (copy) => reindex(copy, 4) },
  {
    name: '_bulk from memory',
    run: async (copy) => {
      const { seconds, cpuSeconds } = await measureApart('bulk', copy);
      return { seconds, cpuSeconds };
    },
  },
  { name: 'elasticdump', run: (copy) => elasticdump(copy) },
];

async function measureApart(kind: Job['kind'], copy: Copy): Promise<Measured> {
  const { url, source, target, feed, documents } = copy;
  const job: Job = { kind, url, source, target, feed, documents };
  const profile = process.env['BENCH_CPU_PROF'];
  const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  const child = spawn(
    process.execPath,
    [...flags, fileURLToPath(new URL('./measure.js', import.meta.url)), JSON.stringify(job)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the measurement of ${kind} ended with ${code}`);
  return JSON.parse(output) as Measured;
}

interface Task {
  readonly completed: boolean;
  readonly task: { readonly running_time_in_nanos: number };
  readonly response?: { readonly failures: readonly object[] };
  readonly error?: object;
}

/** As a task; the time is the engine's own, so that polling does not blur it. */
async function reindex({ cluster, source, target }: Copy, slices: number): Promise<Result> {
  const { task } = await cluster.connection.json<{ task: string }>({
    method: 'POST',
    path: '/_reindex',
    query: { wait_for_completion: false, slices },
    body: { source: { index: source, size: 5_000 }, dest: { index: target } },
  });
  for (;;) {
    const state = await cluster.connection.json<Task>({ method: 'GET', path: `/_tasks/${task}` });
    if (state.completed) {
      if (state.error || state.response?.failures.length)
        throw new Error(`_reindex failed: ${JSON.stringify(state.error ?? state.response?.failures[0])}`);
      return { seconds: state.task.running_time_in_nanos / 1e9 };
    }
    await sleep(100);
  }
}

const ELASTICDUMP = '6.125.1';
const CACHE = process.env['TWINDEX_CACHE'] ?? join(homedir(), '.cache/twindex');
const ELASTICDUMP_HOME = join(CACHE, `elasticdump-${ELASTICDUMP}`);
const ELASTICDUMP_PROGRAM = join(ELASTICDUMP_HOME, 'node_modules/elasticdump/bin/elasticdump');

/** Installs elasticdump once, into the cache folder: its dependencies are no business of ours. @returns why not */
export function obtainElasticdump(): string | undefined {
  if (existsSync(ELASTICDUMP_PROGRAM)) return undefined;
  mkdirSync(ELASTICDUMP_HOME, { recursive: true });
  const flags = ['--prefix', ELASTICDUMP_HOME, '--no-audit', '--no-fund', '--ignore-scripts'];
  const npm = spawnSync('npm', ['install', ...flags, `elasticdump@${ELASTICDUMP}`], { encoding: 'utf8' });
  if (npm.status === 0 && existsSync(ELASTICDUMP_PROGRAM)) return undefined;
  rmSync(ELASTICDUMP_HOME, { recursive: true, force: true });
  const lines = (npm.stderr || npm.error?.message || '').trim().split('\n');
  return `elasticdump could not be installed: ${lines.findLast((line) => line.includes('error')) ?? lines.at(-1)}`;
}

/** The time of the whole process: it has no clock of its own. Its start is well under a second. */
async function elasticdump({ url, source, target }: Copy): Promise<Result> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      ELASTICDUMP_PROGRAM,
      `--input=${url}/${source}`,
      `--output=${url}/${target}`,
      '--type=data',
      '--limit=5000',
      '--concurrency=2',
      '--noRefresh',
      '--quiet',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = once(child, 'close') as Promise<[number | null]>;
  const usage = await watchUsage(child.pid as number, ended);
  const [code] = await ended;
  if (code !== 0) throw new Error(`elasticdump ended with ${code}`);
  return { seconds: (performance.now() - began) / 1_000, ...usage };
}
