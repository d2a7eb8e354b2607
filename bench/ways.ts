// The compared ways of copying an index. Each copies a full source into an empty target.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../src/cluster/cluster.js';
import { whyNoReindex } from '../src/cluster/reindex/hasReindex.js';
import { elasticdump, obtainElasticdump } from './elasticdump.js';
import type { Job, Measured } from './job.js';
import { copyWithReindexer, obtainReindexer } from './opensearchReindexer.js';
import type { Copy, Result, Way } from './way.js';

const ROUTES: readonly Way[] = [
  { name: 'server', obstacle: whyNoReindex, run: (copy) => measureApart('server', copy) },
  { name: 'client', run: (copy) => measureApart('client', copy) },
  { name: 'client + transform', transforms: true, run: (copy) => measureApart('client-transform', copy) },
];

const REINDEXES: readonly Way[] = ([1, 2, 4, 'auto'] as const).map((slices) => ({
  name: `_reindex slices=${slices}`,
  obstacle: whyNoReindex,
  run: (copy) => reindex(copy, slices),
}));

const PEERS: readonly Way[] = [
  {
    name: '@opensearch-project/opensearch helpers',
    obstacle: onlyOn('opensearch'),
    run: (copy) => measureApart('opensearch-helpers', copy),
  },
  {
    name: '@elastic/elasticsearch helpers',
    obstacle: onlyOn('elasticsearch'),
    run: (copy) => measureApart('elasticsearch-helpers', copy),
  },
  {
    name: 'elasticdump',
    obstacle: obtainElasticdump,
    run: (copy) => elasticdump(copy, ['--limit=5000', '--concurrency=2', '--noRefresh']),
  },
  {
    name: 'elasticdump (defaults)',
    atMost: 20_000,
    obstacle: obtainElasticdump,
    run: (copy) => elasticdump(copy, []),
  },
  {
    name: 'opensearch-reindexer (python)',
    atMost: 10_000,
    refreshes: true,
    obstacle: (cluster) => onlyOn('opensearch')(cluster) ?? obtainReindexer(),
    run: (copy) => copyWithReindexer(copy, 'python'),
  },
  {
    name: 'opensearch-reindexer (painless)',
    obstacle: (cluster) => onlyOn('opensearch')(cluster) ?? obtainReindexer(),
    run: (copy) => copyWithReindexer(copy, 'painless'),
  },
];

const CEILING: Way = {
  name: '_bulk from memory',
  run: async (copy) => {
    const { seconds, cpuSeconds } = await measureApart('bulk', copy);
    return { seconds, cpuSeconds };
  },
};

export const WAYS: readonly Way[] = [...ROUTES, ...REINDEXES, CEILING, ...PEERS];

function onlyOn(engine: Cluster['engine']['name']): (cluster: Cluster) => string | undefined {
  return ({ engine: { name } }) => (name === engine ? undefined : `it is for ${engine}`);
}

export async function measureApart(
  kind: Job['kind'],
  copy: Copy,
  more: Pick<Job, 'throttled' | 'atMostSeconds'> = {},
): Promise<Measured> {
  const { cluster: _, ...rest } = copy;
  const job: Job = { kind, ...rest, ...more };
  const profile = process.env['BENCH_CPU_PROF'];
  const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  const script = kind.endsWith('-helpers') ? './clientHelpers.js' : './measure.js';
  const child = spawn(
    process.execPath,
    [...flags, fileURLToPath(new URL(script, import.meta.url)), JSON.stringify(job)],
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

/** Runs `_reindex` as a task. The engine itself measures the time, so polling does not affect it. */
export async function reindex({ cluster, source, target }: Copy, slices: number | 'auto'): Promise<Result> {
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
