// What a gateway does with searches while an index is migrated: some are kept, some go to the new index as well, some are
// answered by it. Titles are text in the old index and keywords in the new one, so the two find different documents.
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { refresh } from '../../../src/cluster/indices/refresh.js';
import { startGateway } from '../../../src/writers/gateway/gatewayServer.js';
import { shareOf } from '../../../src/writers/gateway/reads/sticky.js';
import type { MigrationRecord, ReadsCommand } from '../../../src/protocol/record.js';
import { listWriters, type ReadsView, type ShadowView } from '../../../src/journal/writerDocuments.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import { readRuleOf } from '../../../src/writers/mirror/request/readRules.js';
import { steer } from '../../../src/coordinator/migration/steering/sendCommand.js';
import { countRecordedQueries, listRecordedQueries } from '../../../src/queries/recorded.js';
import { Project } from '../cli/project.js';
import { testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';
import { Stage } from '../mirror/stage.js';
import { get } from './harness.js';
import { eventually } from '../../eventually.js';

const BEFORE = { dynamic: false, properties: { title: { type: 'text' } } };
const AFTER = { dynamic: false, properties: { title: { type: 'keyword' } } };
const LAMPS = { query: { match: { title: 'lamp' } } };
const NOTHING: ReadsCommand = { record: 0, shadow: 0, canary: 0, sticky: null };

interface Answer {
  readonly count: number;
  readonly hits: { readonly total: { readonly value: number }; readonly hits: { readonly _index: string }[] };
  readonly responses: Answer[];
}

/** Before a staged migration, with the same three documents in both of its indexes. */
class ReadScene {
  readonly stage: Stage;
  readonly mirror: Mirror;
  readonly url: string;

  private constructor(stage: Stage, mirror: Mirror, url: string) {
    this.stage = stage;
    this.mirror = mirror;
    this.url = url;
  }

  static async set(record: Partial<MigrationRecord>): Promise<ReadScene> {
    const cluster = await testCluster();
    const stage = await Stage.set(cluster, { mappings: BEFORE, targetMappings: AFTER, record });
    for (const index of [stage.source, stage.target]) {
      for (const [n, title] of ['wooden lamp', 'lamp of brass', 'chair'].entries())
        await cluster.connection.json({ method: 'PUT', path: `/${index}/_doc/${n}`, body: { title } });
      await refresh(cluster, index);
    }
    const definitions = [stage.definition];
    const mirror = await Mirror.start({ cluster, definitions, type: 'gateway', leaseMs: 1_000 });
    const gateway = await startGateway({ cluster, mirror, reads: mirror, port: 0 });
    onTestFinished(() => gateway.stop());
    return new ReadScene(stage, mirror, gateway.url);
  }

  /** As a client does: fetch asks for a packed answer. */
  async search(path: string, body?: object | string, headers: Record<string, string> = {}): Promise<Answer> {
    const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? null);
    const answer = await get(`${this.url}/${this.stage.name}-read/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    });
    expect(answer.status, answer.text).toBe(200);
    return JSON.parse(answer.text) as Answer;
  }

  async ask(reads: Partial<ReadsCommand>, change: Partial<MigrationRecord> = {}): Promise<void> {
    await this.stage.save({ reads: { ...this.stage.record.reads, ...reads }, ...change });
    const wanted = JSON.stringify(readRuleOf(this.stage.record));
    const path = `/${this.stage.name}-read/_search`;
    await until(() => JSON.stringify(this.mirror.readRules.find('GET', path)?.rule) === wanted);
  }

  get seen(): ReadsView {
    return this.mirror.readTally(this.stage.name).view();
  }

  async untilShadow(holds: (shadow: ShadowView) => boolean): Promise<ShadowView> {
    await until(() => this.seen.shadow !== null && holds(this.seen.shadow));
    return this.seen.shadow as ShadowView;
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(() => holds.toString(), holds, 30_000);
}

it('keeps searches, each once, when that is asked for', async () => {
  const scene = await ReadScene.set({});
  const { name, cluster } = scene.stage;
  await scene.search('_search', { query: { match_all: {} } });
  await scene.ask({ record: 1 });
  for (let n = 0; n < 3; n++) await scene.search('_search?size=2', LAMPS);
  await scene.search('_count');
  // too long to be kept
  const words = Array.from({ length: 10_000 }, (_, n) => `word${n}`);
  await scene.search('_search', { query: { terms: { title: words } } });
  const several = `{}\n${JSON.stringify(LAMPS)}\n{"index":"${scene.stage.source}"}\n{}\n`;
  await scene.search('_msearch', several, { 'content-type': 'application/x-ndjson' });
  await until(async () => (await listRecordedQueries(cluster, name, 10)).length === 3);
  const kept = await listRecordedQueries(cluster, name, 10);
  expect(kept).toContainEqual({
    method: 'POST',
    path: `/${name}-read/_search?size=2`,
    body: JSON.stringify(LAMPS),
  });
  expect(kept).toContainEqual({ method: 'POST', path: `/${name}-read/_count`, body: undefined });
  expect(kept).toContainEqual({
    method: 'POST',
    path: `/${name}-read/_search`,
    body: JSON.stringify(LAMPS),
  });
  expect(await countRecordedQueries(cluster, name)).toBe(3);
  expect(scene.seen).toEqual({ recorded: 3, canary: 0, shadow: null });
});

it('sends searches to the new index as well, and says what differs', async () => {
  const scene = await ReadScene.set({ reads: { ...NOTHING, shadow: 1 }, verified: false });
  expect((await scene.search('_search', LAMPS)).hits.total.value).toBe(2);
  expect((await scene.search('_search', { query: { match_all: {} } })).hits.total.value).toBe(3);
  const first = await scene.untilShadow(({ compared }) => compared === 2);
  expect(first).toMatchObject({ errors: 0, totalsDiffer: 1, overlapSum: 1 });
  expect(first.worst).toMatchObject([{ body: JSON.stringify(LAMPS), overlapAt10: 0, error: null }]);
  expect(first.latency.target.p50Ms).toBeGreaterThan(0);

  const packed = gzipSync(JSON.stringify(LAMPS));
  const answer = await get(`${scene.url}/${scene.stage.name}-read/_count`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: packed,
  });
  expect(JSON.parse(answer.text)).toMatchObject({ count: 2 });
  expect(await scene.untilShadow(({ compared }) => compared === 3)).toMatchObject({ totalsDiffer: 2 });

  const several = `{}\n${JSON.stringify(LAMPS)}\n{}\n{"query":{"match_all":{}}}\n{}\n{"sort":"none"}\n`;
  await scene.search('_msearch', several, { 'content-type': 'application/x-ndjson' });
  expect(await scene.untilShadow(({ compared }) => compared === 5)).toMatchObject({
    errors: 0,
    totalsDiffer: 3,
    overlapSum: first.overlapSum + 2,
  });

  const { cluster, name } = scene.stage;
  await until(async () => {
    const [writer] = (await listWriters(cluster)).filter(({ id }) => id === scene.mirror.id);
    return writer?.migrations[name]?.shadow?.compared === 5;
  });
  expect((await get(`${scene.url}/metrics`)).text).toContain(
    `twindex_gateway_shadow_searches_total{name="${name}",outcome="compared"} 5`,
  );
  // each makes room for the next
  for (let n = 6; n < 10; n++) {
    await scene.search('_count');
    await scene.untilShadow(({ compared }) => compared === n);
  }
  expect(scene.seen.shadow?.skipped).toBe(0);
});

it('leaves a client its answer whatever the new index does, and however long the answer is', async () => {
  const scene = await ReadScene.set({ reads: { ...NOTHING, shadow: 1 } });
  const { cluster, source, target } = scene.stage;
  await cluster.connection.json({ method: 'POST', path: `/${target}/_close` });
  expect((await scene.search('_search', LAMPS)).hits.total.value).toBe(2);
  const closed = await scene.untilShadow(({ errors }) => errors === 1);
  expect(closed.worst[0]?.error).toMatch(/closed/);
  await cluster.connection.json({ method: 'DELETE', path: `/${target}` });
  expect((await scene.search('_search', { ...LAMPS, size: 1 })).hits.total.value).toBe(2);
  await scene.untilShadow(({ errors }) => errors === 2);

  const long = 'x'.repeat(1 << 21);
  await cluster.connection.json({
    method: 'POST',
    path: `/${source}/_doc`,
    query: { refresh: true },
    body: { title: 'long', long },
  });
  const answer = await scene.search(
    '_search',
    { query: { match: { title: 'long' } } },
    { 'accept-encoding': 'identity' },
  );
  expect(JSON.stringify(answer)).toContain(long);
  await scene.untilShadow(({ skipped }) => skipped === 1);
});

it('lets the new index answer, once that is verified', async () => {
  const scene = await ReadScene.set({ reads: { ...NOTHING, canary: 1 }, verified: false });
  const { source, target } = scene.stage;
  const all = { query: { match_all: {} } };
  const indexOf = ({ hits }: Answer): string | undefined => hits.hits[0]?._index;
  expect(indexOf(await scene.search('_search', all))).toBe(source);
  await scene.ask({}, { verified: true });
  expect(indexOf(await scene.search('_search?size=1', all))).toBe(target);
  expect((await scene.search('_count', { query: { match: { title: 'lamp' } } })).count).toBe(0);
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const { responses } = await scene.search('_msearch', `{}\n${JSON.stringify(all)}\n`, ndjson);
  expect(indexOf(responses[0] as Answer)).toBe(target);
  expect(scene.seen.canary).toBe(3);
  // a search by the write alias is nobody's canary
  const other = await get(`${scene.url}/${scene.stage.name}-write/_search`);
  expect(indexOf(JSON.parse(other.text) as Answer)).toBe(source);
  await scene.ask({}, { readers: 'target' });
  expect(indexOf(await scene.search('_search', all))).toBe(source);
});

it('lets the new index answer the same users always', async () => {
  const scene = await ReadScene.set({ reads: { ...NOTHING, canary: 0.5, sticky: 'header:x-user' } });
  const { name, source, target } = scene.stage;
  const users = Array.from({ length: 20 }, (_, n) => `user${n}`);
  for (const user of [...users, ...users]) {
    const { hits } = await scene.search('_search', { query: { match_all: {} } }, { 'x-user': user });
    expect(hits.hits[0]?._index, user).toBe(shareOf(user, name) < 0.5 ? target : source);
  }
});

it('is asked for at the coordinator, and taken back by a rollback', async () => {
  const subject = await Subject.create(await testCluster());
  const running = subject.start('ready', { stay: true });
  await subject.until('ready', ({ phase }) => phase === 'ready');
  const signal = AbortSignal.timeout(30_000);
  const reads = { shadow: 0.5, canary: 0.1 };
  expect(await steer(subject.cluster, subject.name, 'reads', { signal, reads })).toMatchObject({
    type: 'done',
    record: { reads: { record: 0, shadow: 0.5, canary: 0.1, sticky: null } },
  });
  await expect(subject.steer('abort')).rejects.toThrow(/twindex rollback/);
  expect(await subject.steer('rollback')).toMatchObject({ record: { reads: { shadow: 0.5, canary: 0 } } });
  await running.stop();
});

it('is shown, and refused before it is safe', async () => {
  const stage = await Stage.set(await testCluster(), {
    record: { verified: false, reads: { ...NOTHING, record: 0.05 } },
  });
  const project = await Project.create();
  const shown = await project.run('reads', stage.name);
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('5% recorded') });
  const json = await project.run('reads', stage.name, '--json');
  expect(JSON.parse(json.stdout)).toEqual({
    name: stage.name,
    ...NOTHING,
    record: 0.05,
    seen: { recorded: 0, canary: 0, shadow: null },
  });
  const refused = await project.run('reads', stage.name, '--canary', '10%');
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('not verified yet') });
  for (const args of [
    ['--shadow', '5'],
    ['--sticky', 'user'],
    ['--off', '--shadow', '5%'],
  ])
    expect((await project.run('reads', stage.name, ...args)).code).toBe(1);
  expect((await project.run('status', stage.name)).stdout).toContain('reads         5% recorded');
});
