// `npm run bench:journal`: measures the load of workers and their coordinator on the journal. The coordinator
// is the real code. The workers make real requests but copy nothing: a window is done after some seconds.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { SharedCopier } from '../src/coordinator/backfill/sharedCopier.js';
import { packageVersion } from '../src/packageVersion.js';
import { type Cluster, connect } from '../src/cluster/cluster.js';
import { startEngine } from '../src/localEngine/startEngine.js';
import { newTally } from '../src/protocol/replication.js';
import { createJournal } from '../src/journal/journal.js';
import {
  createWorker,
  type Comparison,
  type HandedOutWindow,
  loadWorker,
  removeWorker,
  replaceWorker,
  type WorkerDocument,
} from '../src/journal/workerDocuments.js';
import { WorkersWatch } from '../src/journal/workersWatch.js';
import { circumstances, table } from './results.js';

interface Flags {
  readonly workers: number;
  readonly windows: number;
  readonly seconds: number;
  readonly windowSeconds: number;
  readonly engine: string;
  readonly url?: string;
}

const NAME = 'bench-journal';
const TURN_MS = 250;
const PROGRESS_MS = 1_000;
const LOOK_MS = 100;
const CEILING_MS = 5_000;
const HEADS = ['request', 'a second', 'p50 ms', 'p95 ms', 'p99 ms'];

const program = new Command('bench:journal')
  .option('--workers <n>', 'workers', Number, 20)
  .option('--windows <n>', 'windows of each worker at the same time', Number, 3)
  .option('--seconds <n>', 'seconds of the measurement', Number, 20)
  .option('--window-seconds <n>', 'how long a window takes', Number, 8)
  .option('--engine <engine>', 'the engine to start', 'opensearch@3.8.0')
  .option('--url <url>', 'an engine that runs already')
  .parse();
const flags = program.opts<Flags>();
const engine = flags.url
  ? undefined
  : await startEngine(flags.engine, { onNote: (text) => console.error(text) });
const cluster = await connect({ nodes: engine?.urls ?? [flags.url as string] });
try {
  await createJournal(cluster);
  console.log(
    [
      circumstances('npm run bench:journal', `${cluster.engine.name} ${cluster.engine.version}, 1 node`),
      `- ${flags.workers} workers of ${flags.windows} windows, each of ${flags.windowSeconds} s; ${flags.seconds} s`,
      '',
      await steadyLoad(),
      '',
      await ceiling(),
    ].join('\n'),
  );
} finally {
  await cluster.close();
  await engine?.stop();
}

type Times = Map<string, number[]>;

/** Measures every request, by kind. */
function timed({ connection }: Cluster): { readonly times: Times; stop(): void } {
  const times: Times = new Map();
  const send = connection.send.bind(connection);
  connection.send = async (request) => {
    const began = performance.now();
    const answer = await send(request);
    const kind = `${request.method} ${request.path.split('/')[2]}${answer.status === 409 ? ', refused (409)' : ''}`;
    const known = times.get(kind) ?? [];
    known.push(performance.now() - began);
    times.set(kind, known);
    return answer;
  };
  return { times, stop: () => (connection.send = send) };
}

async function steadyLoad(): Promise<string> {
  const stopping = new AbortController();
  const workers = Array.from({ length: flags.workers }, () => work(stopping.signal));
  const watch = new WorkersWatch(cluster, NAME);
  await watch.awaitFirst(stopping.signal);
  const copier = new SharedCopier({
    cluster,
    mark: { migration: randomUUID(), name: NAME, token: 1 },
    local: { slots: 0, copier: { start: () => Promise.reject(new Error('no worker has room')) } },
    workers: watch,
    tally: newTally(),
    keepRefused: () => Promise.resolve(),
    around: (change) => change(),
    lost: (what) => new Error(what),
    tell: (text) => console.error(text),
  });
  const until = performance.now() + (flags.windowSeconds + flags.seconds) * 1_000;
  // measure only after the first windows, because these all begin at the same time
  let measured: ReturnType<typeof timed> | undefined;
  const handOuts: number[] = [];
  let running = 0;
  while (performance.now() < until) {
    if (performance.now() > until - flags.seconds * 1_000) measured ??= timed(cluster);
    await copier.poll();
    for (; running < copier.slots; running++) {
      const began = performance.now();
      const { ended } = await copier.start({ shard: 0, after: 0, upTo: 160_000 }, Number.POSITIVE_INFINITY);
      handOuts.push(performance.now() - began);
      void ended.then(() => running--);
    }
    await sleep(LOOK_MS);
  }
  measured?.stop();
  stopping.abort();
  await Promise.all(workers);
  const rows = [...(measured?.times ?? [])].map(([kind, times]) => rowOf(kind, times, flags.seconds));
  return table(HEADS, [...rows, rowOf('a window handed out', handOuts, flags.windowSeconds + flags.seconds)]);
}

/** Makes the same requests as `src/coordinator/worker/copyWorker.ts`. */
async function work(signal: AbortSignal): Promise<void> {
  const ends = new Map<string, number>();
  let worker = newWorker();
  await createWorker(cluster, worker);
  let writtenAt = 0;
  while (!signal.aborted) {
    await sleep(TURN_MS);
    const stored = await loadWorker(cluster, worker.id);
    if (!stored) throw new Error('a worker is gone');
    const now = performance.now();
    const windows = stored.source.windows.map((entry): HandedOutWindow => {
      const end = ends.get(entry.id) ?? now + flags.windowSeconds * 1_000 * (0.75 + Math.random() / 2);
      ends.set(entry.id, end);
      return { ...entry, handled: 1_000, state: now < end ? 'open' : 'done' };
    });
    const comparisons = stored.source.comparisons.map((one): Comparison => ({ ...one, result: 'same' }));
    const ended =
      windows.some(({ state }, n) => state !== stored.source.windows[n]?.state) ||
      stored.source.comparisons.some(({ result }) => result === 'asked');
    if (!ended && now - writtenAt < PROGRESS_MS - TURN_MS / 2) continue;
    worker = { ...worker, comparisons, windows, beat: worker.beat + 1 };
    if (await replaceWorker(cluster, stored, worker)) writtenAt = now;
  }
  const last = await loadWorker(cluster, worker.id);
  if (last) await removeWorker(cluster, last);
}

function newWorker(): WorkerDocument {
  const at = new Date().toISOString();
  return {
    kind: 'worker',
    id: randomUUID(),
    host: 'bench',
    pid: process.pid,
    twindex: packageVersion(),
    serves: [NAME],
    slots: flags.windows,
    leaseMs: 10_000,
    beat: 0,
    startedAt: at,
    updatedAt: at,
    docsPerSecond: 0,
    comparisons: [],
    windows: [],
  };
}

/** Measures how many writes of workers' documents per second the journal can take. */
async function ceiling(): Promise<string> {
  const measured = timed(cluster);
  const until = performance.now() + CEILING_MS;
  await Promise.all(
    Array.from({ length: flags.workers }, async () => {
      const worker = newWorker();
      await createWorker(cluster, worker);
      let stored = await loadWorker(cluster, worker.id);
      while (stored && performance.now() < until)
        stored = await replaceWorker(cluster, stored, { ...worker, beat: stored.source.beat + 1 });
      if (stored) await removeWorker(cluster, stored);
    }),
  );
  measured.stop();
  return table(HEADS, [
    rowOf('PUT _doc, as fast as it goes', measured.times.get('PUT _doc') ?? [], CEILING_MS / 1_000),
  ]);
}

function rowOf(kind: string, times: readonly number[], seconds: number): string[] {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
  return [kind, (times.length / seconds).toFixed(1), at(0.5), at(0.95), at(0.99)];
}
