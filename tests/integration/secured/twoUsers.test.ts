// A client never gains rights through a gateway: whoever may not do something at the engine may not do it through a gateway
// either, finds out nothing about documents, and changes nothing, in no phase of a migration.
import { expect, it, onTestFinished } from 'vitest';
import { createTwindex, type IndexInput, type Twindex } from '../../../src/index.js';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import {
  deleteIndexesOf,
  engineName,
  liveDocuments,
  randomName,
  testCluster,
  uniqueName,
} from '../engine.js';
import { eventually } from '../../eventually.js';
import { get } from '../gateway/harness.js';
import { PRICES } from '../migration/harness.js';
import { isNight } from '../../nightly.js';
import { SecuredFront } from './front.js';
import { Role } from './roles.js';

const PASSWORD = 'let-me-in';
/** In every document, so an answer that has it shows a document. */
const CONTENT = 'whole-of-the-document';
const FAST = { graceMs: 300, leaseMs: 5_000, maxLagMs: 5_000, maxWritePauseMs: 5_000 } as const;

interface Attack {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object | string;
}

/** @param id of a document that is there */
function attacksOn(name: string, id: string): readonly Attack[] {
  const write = `/${name}-write`;
  const all = { query: { match_all: {} } };
  const reads: Attack[] = [
    `${name}-read`,
    `${name}-write`,
    `${name}-v1`,
    `${name}-v2`,
    'twindex-journal',
  ].flatMap((index): Attack[] => [
    { method: 'POST', path: `/${index}/_search`, body: all },
    { method: 'GET', path: `/${index}/_count` },
    { method: 'GET', path: `/${index}/_doc/${id}` },
    { method: 'POST', path: `/${index}/_msearch`, body: `{}\n${JSON.stringify(all)}\n` },
    { method: 'POST', path: `/${index}/_mget`, body: { docs: [{ _id: id }] } },
  ]);
  const lines = [
    '{"index":{"_id":"new"}}',
    '{"n":1}',
    `{"update":{"_id":"${id}"}}`,
    '{"doc":{"n":2}}',
    `{"delete":{"_id":"${id}"}}`,
  ];
  const writes: Attack[] = [
    { method: 'PUT', path: `${write}/_doc/${id}`, body: { n: 1 } },
    { method: 'POST', path: `${write}/_doc`, body: { n: 1 } },
    { method: 'PUT', path: `${write}/_create/new`, body: { n: 1 } },
    { method: 'DELETE', path: `${write}/_doc/${id}` },
    { method: 'DELETE', path: `${write}/_doc/nothing-of-this-name` },
    ...updatesOf(name, id),
    { method: 'POST', path: `${write}/_bulk`, body: `${lines.join('\n')}\n` },
    { method: 'POST', path: '/_bulk', body: `{"delete":{"_index":"${name}-write","_id":"${id}"}}\n` },
    { method: 'POST', path: `${write}/_update_by_query`, body: all },
    { method: 'POST', path: `${write}/_delete_by_query`, body: all },
  ];
  return [...reads, ...writes];
}

const updatesOf = (name: string, id: string): readonly Attack[] => [
  { method: 'POST', path: `/${name}-write/_update/${id}?_source=true`, body: { doc: { n: 7 } } },
  { method: 'POST', path: `/${name}-write/_update/${id}?_source=true`, body: { doc: {} } },
  {
    method: 'POST',
    path: `/${name}-write/_update/${id}?_source=true`,
    body: { script: { source: 'ctx._source.n = 8' } },
  },
  {
    method: 'POST',
    path: `/${name}-write/_bulk`,
    body: `{"update":{"_id":"${id}","_source":true}}\n{"doc":{"n":7}}\n`,
  },
];

class Scene {
  readonly name: string;
  readonly front: SecuredFront;
  readonly twindex: Twindex;
  readonly url: string;

  private constructor(name: string, front: SecuredFront, twindex: Twindex, url: string) {
    this.name = name;
    this.front = front;
    this.twindex = twindex;
    this.url = url;
  }

  /** Version 1 is live. Only shop has rights on it; mallory has all rights on another index, and adder may only add. */
  static async set(): Promise<Scene> {
    const cluster = await testCluster();
    const name = uniqueName('users');
    const other = randomName('other');
    onTestFinished(() => deleteIndexesOf([other]));
    const front = await SecuredFront.open();
    front.add('twindex', PASSWORD, Role.read(engineName, 'twindex', name));
    front.add('shop', PASSWORD, Role.read(engineName, 'gateway-client', name));
    front.add('mallory', PASSWORD, roleFor({ [other]: ['read', 'write'] }));
    front.add('adder', PASSWORD, roleFor({ [`${name}*`]: ADD, [`twindex.${name}.*`]: ADD }));
    await createIndex(cluster, other, { settings: {}, mappings: {}, aliases: {} });
    await createIndex(cluster, `${name}-v1`, {
      settings: { number_of_replicas: 0 },
      mappings: PRICES.before,
      aliases: { [`${name}-read`]: {}, [`${name}-write`]: {} },
    });
    const lines = Array.from(
      { length: 50 },
      (_, n) => `{"index":{"_id":"d${n}"}}\n${JSON.stringify({ n, price: '1,50 EUR', text: CONTENT })}\n`,
    );
    await cluster.connection.json({
      method: 'POST',
      path: `/${name}-v1/_bulk`,
      query: { refresh: true },
      body: lines.join(''),
    });
    const index: IndexInput = {
      name,
      version: 2,
      settings: { number_of_replicas: 0 },
      mappings: PRICES.after,
      migrations: PRICES.migrations,
    };
    const twindex = createTwindex({
      cluster: { nodes: [front.url], auth: { username: 'twindex', password: PASSWORD } },
      indexes: [index],
    });
    onTestFinished(() => twindex.close());
    const { url } = await twindex.gateway({ port: 0 });
    return new Scene(name, front, twindex, url);
  }

  async ask(user: string | undefined, { method, path, body }: Attack, headers: Record<string, string> = {}) {
    const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? null);
    const authorization =
      user === undefined
        ? {}
        : { authorization: `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}` };
    return get(this.url + path, {
      method,
      body: text,
      headers: { 'content-type': 'application/json', ...authorization, ...headers },
    });
  }

  /** Everything that a refused client could have changed: the documents of both versions, and what twindex notes of deletes. */
  async state(): Promise<object> {
    const { connection } = await testCluster();
    const found = await connection.json<Record<string, unknown>>({
      method: 'GET',
      path: `/${this.name}*,twindex-ledger-${this.name}*`,
      query: { expand_wildcards: 'all', allow_no_indices: true, filter_path: '*.settings.index.uuid' },
    });
    const cluster = await testCluster();
    const indexes = Object.keys(found).sort();
    return Object.fromEntries(
      await Promise.all(indexes.map(async (index) => [index, await liveDocuments(cluster, index)] as const)),
    );
  }
}

/** May add documents and replace whole documents, but neither update nor read. */
const ADD =
  engineName === 'elasticsearch'
    ? ['indices:data/write/index*', 'indices:data/write/bulk*']
    : ['indices:data/write/index', 'indices:data/write/bulk*'];

function roleFor(rights: Readonly<Record<string, readonly string[]>>): Role {
  const all = Object.entries(rights);
  return new Role(engineName, {
    cluster_permissions:
      engineName === 'opensearch'
        ? ['indices:data/write/bulk', 'indices:data/read/mget', 'indices:data/read/msearch']
        : [],
    indices:
      engineName === 'elasticsearch' ? all.map(([name, privileges]) => ({ names: [name], privileges })) : [],
    index_permissions:
      engineName === 'opensearch'
        ? all.map(([name, allowed]) => ({ index_patterns: [name], allowed_actions: allowed }))
        : [],
  });
}

/** Statuses of an answer, with those of the items of a bulk. */
function statusesOf(status: number, text: string): readonly number[] {
  const { items } = JSON.parse(text) as { items?: readonly Record<string, { status: number }>[] };
  return items ? items.flatMap((item) => Object.values(item).map((one) => one.status)) : [status];
}

/** All at once: each of them is refused, so none depends on another. */
async function attack(scene: Scene, phase: string): Promise<void> {
  const before = await scene.state();
  const attackers = [
    ...['mallory', undefined].map((user) => ({ user, attacks: attacksOn(scene.name, 'd1') })),
    { user: 'adder', attacks: updatesOf(scene.name, 'd1') },
  ];
  await Promise.all(
    attackers.flatMap(({ user, attacks }) =>
      attacks.flatMap((one) => ['1', '2'].map((version) => beRefused(scene, user, one, { phase, version }))),
    ),
  );
  // Meanwhile the coordinator may delete the ledger of an earlier generation.
  expect(before).toMatchObject(await scene.state());
}

async function beRefused(
  scene: Scene,
  user: string | undefined,
  one: Attack,
  { phase, version }: { readonly phase: string; readonly version: string },
): Promise<void> {
  const { status, text } = await scene.ask(user, one, { 'x-twindex-version': version });
  const what = `${phase}: ${user} ${one.method} ${one.path} ${version}: ${text}`;
  // The gateway itself refuses, whoever asks, a version that no writer can serve in this phase (400), and a write that it
  // can't do on both indexes yet (503).
  const isUnprepared = text.includes('twindex_not_prepared');
  const isRefused = (code: number): boolean =>
    code === (user ? 403 : 401) || code === 400 || (code === 503 && isUnprepared);
  expect(statusesOf(status, text).every(isRefused), what).toBe(true);
  expect(text, what).not.toContain(CONTENT);
}

/** Whoever has the rights gets what they allow. */
async function use(scene: Scene, phase: string): Promise<void> {
  const requests: readonly Attack[] = [
    { method: 'PUT', path: `/${scene.name}-write/_doc/${phase}`, body: { n: 1, price: 2.5 } },
    { method: 'POST', path: `/${scene.name}-write/_update/${phase}`, body: { doc: { n: 2 } } },
    { method: 'DELETE', path: `/${scene.name}-write/_doc/${phase}` },
    { method: 'POST', path: `/${scene.name}-read/_search` },
  ];
  for (const one of requests) {
    const what = `${phase}: shop ${one.method} ${one.path}`;
    // A write that a writer can't do on both indexes yet is sent again, as its answer says.
    const { status, text } = await eventually(
      what,
      async () => {
        const answer = await scene.ask('shop', one, { 'x-twindex-version': '2' });
        return answer.text.includes('twindex_not_prepared') ? undefined : answer;
      },
      120_000,
    );
    expect(status, `${what}: ${text}`).toBeLessThan(300);
  }
}

it('a client without rights on an index gets none through a gateway, in no phase of a migration', async () => {
  const scene = await Scene.set();
  const { name, twindex } = scene;
  await attack(scene, 'before');
  // Writers are prepared only while somebody coordinates.
  const run = twindex.migrate(name, { until: 'ready', stay: true, ...FAST });
  for await (const event of run) if (event.event === 'reached' && event.phase === 'ready') break;
  const moves = isNight
    ? (['cutover', 'switch', 'rollback', 'switch', 'finalize'] as const)
    : (['switch', 'finalize'] as const);
  for (const phase of ['ready', ...moves] as const) {
    if (phase !== 'ready') await twindex[phase](name);
    await attack(scene, phase);
    await use(scene, phase);
  }
  await run;
  expect(scene.front.refused.filter(({ user }) => user === 'twindex' || user === 'shop')).toEqual([]);
});
