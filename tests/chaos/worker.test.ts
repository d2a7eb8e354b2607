// Workers as processes of their own copy for a coordinator: together, killed in the middle, stopped, and with another index
// file than it has.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { refresh } from '../../src/cluster/indices/refresh.js';
import { loadRecord } from '../../src/journal/journal.js';
import { JOURNAL } from '../../src/protocol/names.js';
import { findWorkers } from '../../src/journal/workerDocuments.js';
import { getStatus } from '../../src/coordinator/migration/steering/getStatus.js';
import { engineUrls, testCluster, uniqueName } from '../integration/engine.js';
import { Project, type Running } from './project.js';
import { eventually } from '../eventually.js';

const DOCUMENTS = 30_000;
/** Each page takes its time, so that there is a middle; every hundredth document is left out. */
const slow = (ms: number): string => `{
  2: {
    up: async (doc) => {
      await new Promise((resolve) => setTimeout(resolve, ${ms}));
      return doc.n % 100 === 7 ? null : map(doc, 'string', (price) => Number.parseFloat(price.replace(',', '.')));
    },
  },
}`;
const SLOW = { price: 'double', migrations: slow(100) };
const WAIT_MS = 60_000;

let cluster: Cluster;
const projects: Project[] = [];

beforeAll(async () => {
  cluster = await testCluster();
});

afterAll(() => {
  for (const project of projects) project.close();
});

function projectOf(name: string, shape = SLOW): Project {
  const project = new Project(name, engineUrls, shape);
  projects.push(project);
  return project;
}

const startWorker = (project: Project): Running =>
  project.start(['worker', project.name, '--json', '--lease', '2s']);

interface Event {
  readonly event: string;
  readonly state?: string;
  readonly reason?: string;
  readonly documents?: number;
}

function eventsOf({ output }: Running): Event[] {
  const lines = output().split('\n').slice(0, -1);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Event);
}

const copiedBy = (worker: Running): number =>
  eventsOf(worker)
    .filter(({ state }) => state === 'done')
    .reduce((sum, { documents = 0 }) => sum + documents, 0);

async function until(what: string, holds: () => boolean, running: readonly Running[]): Promise<void> {
  await eventually(() => [what, ...running.map(({ output }) => output())].join('\n---\n'), holds, WAIT_MS);
}

const isReady = (worker: Running): boolean => eventsOf(worker).some(({ event }) => event === 'ready');

/** Something is done by it, and something is not yet. */
function isInTheMiddle(worker: Running): boolean {
  const events = eventsOf(worker);
  const taken = events.filter(({ event }) => event === 'taken').length;
  const ended = events.filter(({ event }) => event === 'ended').length;
  return copiedBy(worker) > 0 && taken > ended;
}

/** All that have come to its shards, also those that were too late. */
async function operationsOn(index: string): Promise<object> {
  const path = `/${index}/_stats/indexing`;
  type Stats = { _all: { primaries: { indexing: Record<string, number> } } };
  const { _all } = await cluster.connection.json<Stats>({ method: 'GET', path });
  const { index_total, index_failed, delete_total } = _all.primaries.indexing;
  return { index_total, index_failed, delete_total };
}

async function expectWholeCopy(project: Project): Promise<void> {
  const target = `${project.name}-v2`;
  await refresh(cluster, target);
  const found = new Map<number, unknown>();
  for (let after = -1; ; ) {
    const { hits } = await cluster.connection.json<{
      hits: { hits: { _id: string; _source: { n: number; price: unknown } }[] };
    }>({
      method: 'POST',
      path: `/${target}/_search`,
      body: { size: 10_000, sort: [{ n: 'asc' }], query: { range: { n: { gt: after } } } },
    });
    for (const { _id, _source } of hits.hits) {
      expect(_id).toBe(`d${_source.n}`);
      found.set(_source.n, _source.price);
    }
    const last = hits.hits.at(-1);
    if (!last) break;
    after = last._source.n;
  }
  const wanted = Array.from({ length: DOCUMENTS }, (_, n) => n).filter((n) => n % 100 !== 7);
  expect([...found.keys()]).toEqual(wanted);
  expect(wanted.filter((n) => found.get(n) !== n + 0.5)).toEqual([]);
  const record = (await loadRecord(cluster, project.name))?.source;
  expect(record?.evidence).toMatchObject({ differences: 0, repaired: 0, firstDifferences: [] });
  expect(record?.drops).toBe(true);
}

describe('workers', () => {
  it('copy together with the coordinator, and one that is killed in the middle costs only time', async () => {
    const project = projectOf(uniqueName('work'));
    await project.createFirst(cluster, DOCUMENTS);
    const workers = [startWorker(project), startWorker(project)] as const;
    const [first, second] = workers;
    await until('a start of both', () => workers.every(isReady), workers);
    const coordinator = project.migrate('ready', {}, ['--no-stay', '--no-throttle']);
    const all = [coordinator, ...workers];
    await until('copying by both', () => isInTheMiddle(first) && copiedBy(second) > 0, all);
    first.child.kill('SIGKILL');
    const { code, output } = await coordinator.ended;
    expect(code, output).toBe(0);
    expect(output).toMatch(/worker \d+ on .* has shown no sign of life for 2 s/);
    await expectWholeCopy(project);

    second.child.kill('SIGTERM');
    const left = await second.ended;
    expect(left.code, left.output).toBe(0);
    await refresh(cluster, JOURNAL);
    const pids = (await findWorkers(cluster)).map(({ pid }) => pid);
    expect(pids).not.toContain(second.child.pid);
  });

  it('that are stopped hand back what they have begun, and nothing is copied twice', async () => {
    const project = projectOf(uniqueName('work'), { ...SLOW, migrations: slow(1) });
    await project.createFirst(cluster, DOCUMENTS);
    const worker = startWorker(project);
    await until('a start', () => isReady(worker), [worker]);
    // one window at a time, in small pages
    const coordinator = project.migrate('ready', {}, ['--no-stay', '--no-throttle', '--max-docs', '4000/s']);
    // the first windows are small
    await until('a large window', () => copiedBy(worker) > 4_000 && isInTheMiddle(worker), [
      coordinator,
      worker,
    ]);
    await sleep(1_000);
    worker.child.kill('SIGTERM');
    const left = await worker.ended;
    expect(left.code, left.output).toBe(0);
    const ended = eventsOf(worker).filter(({ event }) => event === 'ended');
    expect(ended.at(-1)?.state).toBe('stopped');
    expect(ended.at(-1)?.documents).toBeGreaterThan(0);
    const { code, output } = await coordinator.ended;
    expect(code, output).toBe(0);
    expect(output).not.toMatch(/has shown no sign of life|trying again/);
    await expectWholeCopy(project);
    expect((await loadRecord(cluster, project.name))?.source.evidence.copied).toBe(DOCUMENTS);
  });

  it('that stand still are replaced, and write nothing when they wake up', async () => {
    const project = projectOf(uniqueName('work'));
    await project.createFirst(cluster, DOCUMENTS);
    const worker = startWorker(project);
    await until('a start', () => isReady(worker), [worker]);
    const coordinator = project.migrate('ready', {}, ['--no-stay', '--no-throttle']);
    await until('copying', () => isInTheMiddle(worker), [coordinator, worker]);
    worker.child.kill('SIGSTOP');
    const { code, output } = await coordinator.ended;
    expect(code, output).toBe(0);
    expect(output).toMatch(/has shown no sign of life for 2 s/);
    const written = await operationsOn(`${project.name}-v2`);
    worker.child.kill('SIGCONT');
    const idle = (): boolean => {
      const events = eventsOf(worker);
      return (
        events.filter(({ event }) => event === 'taken').length ===
        events.filter(({ event }) => event === 'ended').length
      );
    };
    await until('an end of its windows', idle, [worker]);
    expect(await operationsOn(`${project.name}-v2`)).toEqual(written);
    await expectWholeCopy(project);
  });

  it('hand the documents that are refused to the coordinator, which keeps them', async () => {
    const throwing = `{ 2: { up: (doc) => { if (doc.n % 3000 === 3) throw new Error('no'); return { ...doc, price: 1 } } } }`;
    const project = projectOf(uniqueName('work'), { price: 'double', migrations: throwing });
    await project.createFirst(cluster, DOCUMENTS);
    const worker = startWorker(project);
    await until('a start', () => isReady(worker), [worker]);
    const options = ['--no-stay', '--no-throttle', '--max-docs', '4900/s'];
    const { code, output } = await project.migrate('ready', {}, options).ended;
    // incomplete
    expect(code, output).toBe(3);
    // one window at a time: the worker's
    expect(copiedBy(worker)).toBe(DOCUMENTS);
    const [status] = await getStatus(cluster, project.name);
    expect(status?.rejected.count).toBe(DOCUMENTS / 3_000);
    expect(status?.rejected.first[0]?.reason).toMatch(/the transform failed: .*no/);
    const few = project.start(['abort', project.name]);
    expect((await few.ended).code).toBe(0);
    const again = await project.migrate('ready', {}, [...options, '--max-rejected', '5']).ended;
    expect(again.code).toBe(1);
    expect(again.output).toMatch(/more than 5 documents are rejected/);
  });

  it('with another index file are refused before they get a window, and those with the same one copy all', async () => {
    const shape = { ...SLOW, migrations: slow(1) };
    const project = projectOf(uniqueName('work'), shape);
    await project.createFirst(cluster, DOCUMENTS);
    const others = [
      projectOf(project.name, { ...SLOW, migrations: slow(2) }),
      projectOf(project.name, { ...shape, price: 'float' }),
    ];
    const workers = [...others, project].map(startWorker) as [Running, Running, Running];
    await until('a start of all', () => workers.every(isReady), workers);
    const options = ['--no-stay', '--no-throttle', '--max-docs', '4900/s'];
    const { code, output } = await project.migrate('ready', {}, options).ended;
    expect(code, output).toBe(0);
    const [transform, mapping, same] = workers.map(eventsOf) as [Event[], Event[], Event[]];
    const found = (events: readonly Event[]) => events.map(({ event, reason }) => [event, reason]);
    const differs = (how: string) => ['differs', expect.stringContaining(`${how} than the coordinator's`)];
    expect(found(transform)).toEqual([['ready', undefined], differs('has other transforms')]);
    expect(found(mapping)).toEqual([['ready', undefined], differs('has other mappings or settings')]);
    expect(same.map(({ event }) => event)).not.toContain('differs');
    expect(output).toMatch(/worker \d+ on \S+ does not copy: .*has other transforms/);
    // one window at a time: the worker's
    expect(copiedBy(workers[2])).toBe(DOCUMENTS);
    await expectWholeCopy(project);
  });
});
