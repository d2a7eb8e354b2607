// An index is brought from one cluster to another, of another engine and version: its readers and writers, who come through a
// gateway, are moved there and back, the coordinator is killed between what it does in the one and in the other, and the
// old cluster is away for a while.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/cluster.js';
import { countDocuments } from '../../src/cluster/documents/countDocuments.js';
import { hasWriteBlock } from '../../src/cluster/indices/hasWriteBlock.js';
import { indexAliases } from '../../src/cluster/indices/indexAliases.js';
import { refresh } from '../../src/cluster/indices/refresh.js';
import { type RunningEngine, startEngine } from '../../src/localEngine/startEngine.js';
import { loadRecord } from '../../src/journal/journal.js';
import { startFront } from '../front.js';
import { isNight } from '../nightly.js';
import { engineUrls, testCluster, uniqueName } from '../integration/engine.js';
import { openWritersGateway } from '../integration/mirror/application.js';
import { PRICES } from '../integration/migration/harness.js';
import { Project, type Running } from './project.js';
import { Workload } from './workload.js';

const DOCUMENTS = 300;
const WAIT_MS = 120_000;

interface Pair {
  readonly from: string;
  /** Left out: the engine of this test run. */
  readonly to?: string;
}

const PAIRS: readonly Pair[] = isNight
  ? [
      { from: 'elasticsearch@7.17.28' },
      { from: 'opensearch@2.19.5' },
      { from: 'opensearch@3.8.0', to: 'elasticsearch@9.2.0' },
    ]
  : [{ from: 'elasticsearch@7.17.28' }];

describe.each(PAIRS)('from $from', ({ from, to }) => {
  const engines: RunningEngine[] = [];
  let sourceUrls: readonly string[];
  let targetUrls: readonly string[] = engineUrls;
  let cluster: Cluster;
  let source: Cluster;
  const projects: Project[] = [];

  beforeAll(async () => {
    const start = async (spec: string): Promise<readonly string[]> => {
      const engine = await startEngine(spec, { heapMb: 512 });
      engines.push(engine);
      return engine.urls;
    };
    [sourceUrls, targetUrls] = await Promise.all([start(from), to ? start(to) : engineUrls]);
    cluster = to ? await connect({ nodes: targetUrls }) : await testCluster();
    source = await connect({ nodes: sourceUrls });
  }, 300_000);

  afterAll(async () => {
    for (const project of projects) project.close();
    await source?.close();
    if (to) await cluster?.close();
    await Promise.all(engines.map((engine) => engine.stop()));
  });

  async function createProject(sourceNodes: readonly string[] = sourceUrls): Promise<Project> {
    const project = new Project(uniqueName('between'), targetUrls, undefined, sourceNodes);
    projects.push(project);
    await project.createFirst(source, DOCUMENTS);
    return project;
  }

  /** A gateway in front of both clusters. @param nodes of the target's */
  async function open(
    { name, writeAlias }: Project,
    nodes: readonly string[] = targetUrls,
    {
      sourceNodes = sourceUrls,
      ...options
    }: { readonly leaseMs?: number; readonly sourceNodes?: readonly string[] } = {},
  ): Promise<{ readonly through: Cluster }> {
    const both = await connect({ nodes, maxRetries: 1 }, { options: { nodes: sourceNodes } });
    onTestFinished(() => both.close());
    const definition = {
      name,
      version: 2,
      aliases: { read: `${name}-read`, write: writeAlias },
      settings: {},
      mappings: PRICES.after,
      migrations: PRICES.migrations,
      file: 'index.mjs',
    };
    const gateway = await openWritersGateway(both, definition, options);
    const through = await connect({ nodes: [gateway.url] });
    onTestFinished(() => through.close());
    return { through };
  }

  /** An application that writes through a gateway, and one that reads. */
  async function use(project: Project): Promise<Application> {
    const { through } = await open(project);
    const workload = new Workload(through, project.writeAlias, { documents: 30, pauseMs: 15 }).start();
    const readers = new Readers(through, `${project.name}-read`);
    onTestFinished(async () => {
      await workload.stop();
      await readers.stop();
    });
    return { through, workload, readers };
  }

  /** The application has its new release, and all that it was told is there. */
  async function finalize(project: Project, { workload, readers }: Application): Promise<void> {
    const index = `${project.name}-v2`;
    await workload.stop();
    await ended(project.migrate('finalized'));
    await readers.stop();
    await refresh(cluster, index);
    expect(await workload.compare(project.writeAlias)).toMatchObject({ lost: [], resurrected: [] });
    expect(workload.failures).toEqual([]);
    expect(workload.refused).toBe(0);
    expect(workload.acknowledged).toBeGreaterThan(100);
    expect(await countDocuments(cluster, index)).toBe(DOCUMENTS + (workload.live ?? Number.NaN));
    expect(await hasWriteBlock(cluster, index)).toBe(false);
    expect(readers.failures).toEqual([]);
    expect(readers.least).toBeGreaterThanOrEqual(DOCUMENTS);
    expect(readers.searches).toBeGreaterThan(50);
  }

  const stop = async (running: Running): Promise<void> => {
    running.child.kill('SIGTERM');
    await running.ended;
  };

  const ended = async (running: Running): Promise<void> => {
    const { code, output } = await running.ended;
    expect(code, output).toBe(0);
  };

  it('readers and writers are moved, and back, and for good', async () => {
    const project = await createProject();
    const { name } = project;
    const application = await use(project);
    await ended(project.migrate('cutover', {}, ['--no-stay']));
    await expect.poll(() => application.readers.index(), { timeout: 5_000 }).toBe(`${name}-v2`);
    expect(await indexAliases(source, `${name}-v1`)).toHaveProperty(`${name}-read`);
    await ended(project.migrate('switched', {}, ['--no-stay']));
    // who does not come through a gateway is not let write where nobody would see it
    const foreign = await source.connection.send({
      method: 'PUT',
      path: `/${project.writeAlias}/_doc/foreign`,
      body: { n: 1, price: '1,00 EUR' },
    });
    expect(foreign.status).toBe(400);
    expect(foreign.body.toString()).toContain('no write index is defined');
    await ended(project.start(['rollback', name, '--json']));
    await expect.poll(() => application.readers.index(), { timeout: 5_000 }).toBe(`${name}-v1`);
    await ended(project.migrate('switched', {}, ['--no-stay']));
    await finalize(project, application);
    expect(await indexAliases(source, `${name}-v1`)).toBeUndefined();
    const aliases = Object.keys((await indexAliases(cluster, `${name}-v2`)) ?? {}).sort();
    expect(aliases).toEqual([`${name}-read`, `${name}-write`]);
    const { evidence } = (await loadRecord(cluster, name))?.source ?? {};
    expect(evidence).toMatchObject({ differences: 0, repaired: 0 });
  }, 240_000);

  it('the coordinator is killed between what it does in the one and in the other cluster, and nothing is lost', async () => {
    const project = await createProject();
    const application = await use(project);
    for (const crashAt of [
      'after:openGeneration',
      'before:closeWriters',
      'before:closeWritersToo',
      'before:swapTokenToo',
      'before:moveWriters',
      'after:moveWriters',
    ]) {
      const { signal, output } = await project.migrate('switched', { TWINDEX_CRASH: crashAt }, ['--no-stay'])
        .ended;
      expect(signal, `${crashAt}\n${output}`).toBe('SIGKILL');
    }
    await ended(project.migrate('switched', {}, ['--no-stay']));
    await finalize(project, application);
  }, 300_000);

  it('the old cluster is away for a while: it is said which one, and what was begun goes on later', async () => {
    let away = false;
    const front = await startFront({
      upstream: sourceUrls[0],
      intercept: () => (away ? { type: 'reset', after: 'request' } : undefined),
    });
    onTestFinished(() => front.close());
    const project = await createProject([front.url]);
    const { name } = project;
    const begun = project.migrate('ready', {}, ['--max-docs', '50/s', '--no-stay']);
    await expect.poll(begun.output, { timeout: WAIT_MS }).toMatch(/"event":"progress".*"task":"copy"/);
    away = true;
    await expect.poll(begun.output, { timeout: WAIT_MS }).toContain(`${front.url} was not answered`);
    await stop(begun);
    const refused = await project.migrate('ready').ended;
    expect(refused.code, refused.output).toBe(1);
    expect(refused.output).toContain(`the cluster in \`source\`: GET /_nodes/_local on ${front.url}`);
    const status = await project.start(['status', name]).ended;
    expect(status.code, status.output).toBe(0);
    expect(status.output).toContain('copying');
    away = false;
    const again = project.migrate('ready', {}, ['--no-stay']);
    await expect.poll(again.output, { timeout: WAIT_MS }).toContain('"event":"progress"');
    away = true;
    await expect.poll(again.output, { timeout: WAIT_MS }).toContain(`${front.url} was not answered`);
    away = false;
    // it has gone on by itself
    await ended(again);
    await refresh(cluster, `${name}-v2`);
    expect(await countDocuments(cluster, `${name}-v2`)).toBe(DOCUMENTS);
    await ended(project.start(['abort', name, '--json']));
    expect(await indexAliases(cluster, `${name}-v2`)).toBeUndefined();
    const left = Object.keys((await indexAliases(source, `${name}-v1`)) ?? {}).sort();
    expect(left).toEqual([`${name}-read`, `${name}-write`]);
  }, 240_000);

  it('the old cluster is gone for good after the switch: clients of both shapes go on, and it is given up', async () => {
    let away = false;
    const front = await startFront({
      upstream: sourceUrls[0],
      intercept: () => (away ? { type: 'reset', after: 'request' } : undefined),
    });
    onTestFinished(() => front.close());
    const project = await createProject([front.url]);
    const { name, writeAlias } = project;
    const { through } = await open(project, targetUrls, { sourceNodes: [front.url] });
    const put = async (id: string, version: number, price: unknown) => {
      const { status, headers } = await fetch(`${through.connection.urls[0]}/${writeAlias}/_doc/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'x-twindex-version': String(version) },
        body: JSON.stringify({ n: 1, price }),
      });
      return { status, isWarned: (headers.get('warning') ?? '').includes(`${name}-v1`) };
    };
    const migrating = project.migrate('switched');
    const isMirrored = async (): Promise<boolean> => {
      const record = (await loadRecord(cluster, name))?.source;
      return record?.leader === 'target' && record.state === 'mirroring' && record.writers.mode === 'mirror';
    };
    await expect.poll(isMirrored, { timeout: WAIT_MS }).toBe(true);
    expect(await put('before', 1, '1,00 EUR')).toEqual({ status: 201, isWarned: false });
    away = true;
    // the gateway may not have seen yet that it writes both
    const isToldOf = async (): Promise<boolean> => {
      const { status, isWarned } = await put('gone', 1, '2,00 EUR');
      expect(status).toBeLessThan(300);
      return isWarned;
    };
    await expect.poll(isToldOf, { timeout: WAIT_MS }).toBe(true);
    expect((await put('gone', 2, 3)).status).toBe(200);
    // a client that compares and sets does not lose against itself
    const read = await through.connection.json<{ _seq_no: number; _primary_term: number }>({
      method: 'GET',
      path: `/${name}-v2/_doc/gone`,
    });
    const condition = { if_seq_no: read._seq_no, if_primary_term: read._primary_term };
    const set = (): Promise<number> =>
      through.connection
        .send({
          method: 'PUT',
          path: `/${writeAlias}/_doc/gone`,
          query: condition,
          body: { n: 2, price: 3 },
        })
        .then(({ status }) => status);
    expect([await set(), await set()]).toEqual([200, 409]);
    const bulk = await fetch(`${through.connection.urls[0]}/${writeAlias}/_bulk`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', 'x-twindex-version': '1' },
      body: '{"index":{"_id":"b1"}}\n{"n":1,"price":"4,00 EUR"}\n{"delete":{"_id":"before"}}\n',
    });
    const { items } = (await bulk.json()) as { items: Record<string, { status: number }>[] };
    expect(items.flatMap((item) => Object.values(item).map(({ status }) => status))).toEqual([201, 200]);

    const unsure = await project.start(['detach', name]).ended;
    expect(unsure.code, unsure.output).toBe(3);
    expect(unsure.output).toContain(`--give-up ${name}-v1`);
    await ended(project.start(['detach', name, '--give-up', `${name}-v1`]));
    await migrating.ended;
    const left = Object.keys((await indexAliases(cluster, `${name}-v2`)) ?? {}).sort();
    expect(left).toEqual([`${name}-read`, `${name}-write`]);
    await expect.poll(async () => (await put('after', 2, 4)).status, { timeout: WAIT_MS }).toBeLessThan(300);
    expect((await put('old', 1, '5,00 EUR')).status).toBe(400);
    const { body } = await through.connection.send({ method: 'GET', path: `/${name}-v2/_source/gone` });
    expect(JSON.parse(body.toString())).toEqual({ n: 2, price: 3 });
  }, 400_000);

  it('a gateway that does not reach the journal reads the old cluster for as long as that is right', async () => {
    const project = await createProject();
    const { name } = project;
    let away = false;
    const front = await startFront({
      upstream: targetUrls[0],
      intercept: () => (away ? { type: 'reset', after: 'request' } : undefined),
    });
    onTestFinished(() => front.close());
    const { through } = await open(project, [front.url], { leaseMs: 1_000 });
    const early = await createProject();
    const { through: throughEarly } = await open(early, [front.url], { leaseMs: 1_000 });
    const search = async (at = through, of = name): Promise<string> => {
      const { status, body } = await at.connection.send({
        method: 'POST',
        path: `/${of}-read/_search`,
        body: { size: 1 },
      });
      const { hits, error } = JSON.parse(body.toString()) as {
        hits?: { hits: { _index: string }[] };
        error?: { type: string };
      };
      return `${status} ${hits?.hits[0]?._index ?? error?.type}`;
    };
    await ended(project.migrate('ready', {}, ['--no-stay']));
    away = true;
    await sleep(2_000);
    expect(await search()).toBe(`200 ${name}-v1`);
    await ended(project.migrate('switched', {}, ['--no-stay']));
    expect(await search()).toBe('503 twindex_lease_expired');
    // one that has never heard of the migration
    expect(await search(throughEarly, early.name)).toBe(`200 ${early.name}-v1`);
    await ended(early.migrate('switched', {}, ['--no-stay']));
    expect(await search(throughEarly, early.name)).toBe('503 twindex_lease_expired');
    away = false;
    await expect.poll(() => search(), { timeout: 10_000 }).toBe(`200 ${name}-v2`);
  }, 120_000);

  it('goes on only from the cluster that it began with', async () => {
    const project = await createProject();
    const { name } = project;
    await ended(project.migrate('ready', {}, ['--no-stay']));
    const other = new Project(name, targetUrls, undefined, targetUrls);
    projects.push(other);
    const { code, output } = await other.migrate('ready').ended;
    expect(code, output).toBe(1);
    expect(output).toContain(`is not the cluster that ${name} is being migrated from`);
    const none = new Project(name, targetUrls);
    projects.push(none);
    const without = await none.migrate('ready').ended;
    expect(without.code, without.output).toBe(1);
    expect(without.output).toContain('has no `source` with the nodes of that cluster');
    await ended(project.start(['abort', name, '--json']));
  }, 120_000);

  it('what is about several clusters is taken apart, looked for, or refused', async () => {
    const project = await createProject();
    const { name, writeAlias } = project;
    const read = `${name}-read`;
    const other = uniqueName('other');
    const { workload, readers, through } = await use(project);
    await workload.stop();
    await readers.stop();
    const ask = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object | string): Promise<T> =>
      through.connection.json<T>({ method, path, body });
    await ask('POST', `/${other}/_doc/1?refresh=true`, { n: 1 });
    const scroll = async (size: number, id?: string): Promise<{ id: string; found: number }> => {
      const { _scroll_id, hits } = await ask<{ _scroll_id: string; hits: { hits: unknown[] } }>(
        'POST',
        id === undefined ? `/${read}/_search?scroll=1m` : '/_search/scroll',
        id === undefined ? { size } : { scroll: '1m', scroll_id: id },
      );
      return { id: _scroll_id, found: hits.hits.length };
    };
    const before = await scroll(10);
    await ended(project.migrate('switched', {}, ['--no-stay']));
    expect((await scroll(10, before.id)).found).toBe(10);
    const after = await scroll(7);
    expect((await scroll(7, after.id)).found).toBe(7);
    await ask('DELETE', '/_search/scroll', { scroll_id: [after.id] });

    const bulk = [
      { index: { _index: writeAlias, _id: 'mixed' } },
      { n: 1, price: '1,50 EUR' },
      { index: { _index: other, _id: '2' } },
      { n: 2 },
      { delete: { _index: writeAlias, _id: 'd1' } },
      { index: { _index: other, _id: '3' } },
      { n: 3 },
    ];
    const { items, errors } = await ask<{ items: Record<string, { _index: string }>[]; errors: boolean }>(
      'POST',
      '/_bulk?refresh=true',
      bulk.map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
    expect(errors).toBe(false);
    expect(items.flatMap((item) => Object.values(item).map(({ _index }) => _index))).toEqual([
      `${name}-v2`,
      other,
      `${name}-v2`,
      other,
    ]);
    expect(await countDocuments(source, other)).toBe(3);
    expect(await countDocuments(cluster, `${name}-v2`)).toBeGreaterThanOrEqual(DOCUMENTS);

    const lines = (...indexes: string[]): string =>
      indexes.map((index) => `${JSON.stringify({ index })}\n{"size":1}\n`).join('');
    const one = await ask<{ responses: { hits: { hits: { _index: string }[] } }[] }>(
      'POST',
      '/_msearch',
      lines(read, read),
    );
    expect(one.responses.map(({ hits }) => hits.hits[0]?._index)).toEqual([`${name}-v2`, `${name}-v2`]);
    await expect(ask('POST', '/_msearch', lines(read, other))).rejects.toThrow('different clusters');
    await expect(ask('POST', `/${read},${other}/_search`)).rejects.toThrow('different clusters');
    // clients of Elasticsearch refuse to talk to anything else
    const { headers } = await through.connection.send({ method: 'GET', path: `/${read}/_count` });
    expect(headers['x-elastic-product']).toBe(from.startsWith('elasticsearch') ? 'Elasticsearch' : undefined);
    const { docs } = await ask<{ docs: { found: boolean }[] }>('POST', `/${read}/_mget`, {
      ids: ['mixed', 'd1'],
    });
    expect(docs.map(({ found }) => found)).toEqual([true, false]);
    await source.connection.send({ method: 'DELETE', path: `/${other}` });
  }, 240_000);
});

interface Application {
  readonly through: Cluster;
  readonly workload: Workload;
  readonly readers: Readers;
}

/** Searches all the time, and notes the least that was found. */
class Readers {
  readonly #cluster: Cluster;
  readonly #alias: string;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly failures: string[] = [];
  least = Number.POSITIVE_INFINITY;
  searches = 0;

  constructor(cluster: Cluster, alias: string) {
    this.#cluster = cluster;
    this.#alias = alias;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** That is searched now. */
  async index(): Promise<string> {
    const { hits } = await this.#search();
    return hits.hits[0]?._index ?? '';
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const { hits } = await this.#search();
        this.least = Math.min(this.least, hits.total.value);
        this.searches++;
      } catch (error) {
        this.failures.push(String(error));
      }
      await sleep(20);
    }
  }

  /** Of the documents that nobody writes again. */
  #search(): Promise<{ hits: { total: { value: number }; hits: { _index: string }[] } }> {
    return this.#cluster.connection.json({
      method: 'POST',
      path: `/${this.#alias}/_search`,
      body: { size: 1, track_total_hits: true, query: { range: { n: { lt: DOCUMENTS } } } },
      repeat: 'always',
    });
  }
}
