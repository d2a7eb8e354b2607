// Engines that are started and ended here are the test's own; the shared one of the project is left alone.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type RunningEngine, startEngine } from '../../src/localEngine/startEngine.js';
import { eventually } from '../eventually.js';
import { writeStubDistributions } from './stubDistribution.js';

const SMALL = { heapMb: 512 };
const ROOT = new URL('../..', import.meta.url).pathname;

let folder: string;
let engine: RunningEngine | undefined;
let starter: ChildProcess | undefined;

// Engines put their folders into the temporary folder: with one of our own we see what is left in it.
beforeEach(async () => {
  folder = await mkdtemp('/tmp/twindex-lifetime-');
  spawnSync('chmod', ['755', folder]);
  vi.stubEnv('TMPDIR', folder);
  vi.stubEnv('JITI_FS_CACHE', 'false'); // of the reaper, which runs from its source here
  expect(tmpdir()).toBe(folder);
});

afterEach(async () => {
  await engine?.stop();
  starter?.kill('SIGKILL');
  engine = starter = undefined;
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** Processes whose command line names our temporary folder: every engine's does, with its data path. */
function processesLeft(): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8', maxBuffer: 64 << 20 });
  return stdout.split('\n').filter((line) => line.includes(folder));
}

/** Another process that starts an engine; resolves when it has printed a line that matches. */
async function startElsewhere(until: RegExp): Promise<string> {
  starter = spawn(process.execPath, ['dist/localEngine/engineMain.js', 'opensearch', '--heap', '512'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [starter.stdout, starter.stderr]) stream?.on('data', (chunk) => (said += chunk));
  await eventually(
    () => `the starting process says ${until}; it has said ${said}`,
    () => until.test(said) || starter?.exitCode !== null,
    60_000,
  );
  if (!until.test(said)) throw new Error(`the starting process has ended: ${said}`);
  return said;
}

async function expectNothingLeft(): Promise<void> {
  await vi.waitFor(
    () =>
      expect({ processes: processesLeft(), files: readdirSync(folder) }).toEqual({
        processes: [],
        files: [],
      }),
    {
      timeout: 30_000,
      interval: 100,
    },
  );
}

// The processes are what matters here, so a small program takes the place of an engine that needs many seconds to start.
describe('an engine', () => {
  let cache: string;

  beforeAll(async () => {
    cache = await mkdtemp('/tmp/twindex-stub-');
    await chmod(cache, 0o755);
    await writeStubDistributions(cache);
  });

  beforeEach(() => {
    vi.stubEnv('TWINDEX_CACHE', cache);
  });

  afterAll(() => rm(cache, { recursive: true }));

  test('leaves nothing when its starter is killed', async () => {
    await startElsewhere(/is ready/);
    expect(processesLeft().length).toBeGreaterThan(1); // the script, and what it has started
    starter?.kill('SIGKILL');
    await expectNothingLeft();
  });

  test('leaves nothing when its starter is killed while it starts', async () => {
    await startElsewhere(/starting/);
    await vi.waitUntil(() => processesLeft().some((line) => line.includes('-Ehttp.port')), {
      timeout: 30_000,
    });
    starter?.kill('SIGKILL');
    await expectNothingLeft();
  });

  test('leaves nothing when its starter is interrupted, which ends with 0', async () => {
    await startElsewhere(/is ready/);
    const exit = once(starter as ChildProcess, 'exit');
    starter?.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    expect(processesLeft()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('leaves nothing when the start is aborted', async () => {
    const abort = new AbortController();
    const start = startEngine('opensearch', { ...SMALL, signal: abort.signal });
    await vi.waitUntil(() => processesLeft().length > 0, { timeout: 60_000 });
    abort.abort(new Error('enough'));
    await expect(start).rejects.toThrow('enough');
    expect(processesLeft()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a real engine', () => {
  test('that does not start gives the end of its log, and leaves nothing', async () => {
    const start = startEngine('opensearch', { ...SMALL, settings: { 'no.such.setting': '1' } });
    await expect(start).rejects.toThrow(
      /node-1\) ended at once \(exit code 1\)[^]*unknown setting \[no\.such\.setting\]/,
    );
    expect(processesLeft()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a cluster of three nodes', () => {
  test('forms, goes on without one of them, takes it back, and leaves nothing when it is stopped', async () => {
    engine = await startEngine('opensearch', { ...SMALL, nodes: 3 });
    expect(new Set(engine.urls).size).toBe(3);
    for (const url of engine.urls) expect(await nodesSeenBy(url)).toBe(3);

    const [first, second] = engine.nodes;
    expect(first?.kill('SIGKILL')).toBe(true);
    await vi.waitFor(async () => expect(await nodesSeenBy(second?.url)).toBe(2), {
      timeout: 90_000,
      interval: 500,
    });
    expect(first?.kill('SIGKILL')).toBe(false);
    expect(first?.pid).toBeUndefined();

    await first?.restart();
    for (const url of engine.urls) expect(await nodesSeenBy(url)).toBe(3);

    expect(processesLeft().length).toBeGreaterThan(2);
    await engine.stop();
    expect(processesLeft()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

async function nodesSeenBy(url: string | undefined): Promise<number> {
  const answer = await fetch(`${url}/_cluster/health`);
  return ((await answer.json()) as { number_of_nodes: number }).number_of_nodes;
}
