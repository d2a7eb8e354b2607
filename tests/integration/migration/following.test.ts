// What of the documents arrives, and how: untouched where nothing transforms them, and right whatever they look like.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { Workload } from '../../chaos/workload.js';
import { engineName, testCluster } from '../engine.js';
import { PRICES, Subject } from './harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

interface Written {
  readonly id: string;
  readonly source: string;
  readonly routing?: string;
}

/** Mapped as nothing: the engine keeps them as they are. */
const AS_IS = { dynamic: false, properties: { n: { type: 'long' } } } as const;

const AWKWARD: readonly Written[] = [
  { id: 'plain', source: '{"n":1}' },
  { id: 'spaces and / slashes?&#%+', source: '{ "n" : 1.0 , "m":1e3 }' },
  { id: 'ключ-鍵-🗝️', source: '{"text":"наше 文字 🗝️ \\u00e9 \\ud83d\\udd11"}' },
  { id: '"quoted\\"', source: '{"q":"\\"\\\\ \\n \\t"}' },
  { id: 'x'.repeat(500), source: '{"long":"id"}' },
  {
    id: 'numbers',
    source: '{"big":9007199254740993,"more":12345678901234567890,"exact":0.1000000000000000055}',
  },
  { id: 'same', source: '{"copy":"a"}', routing: 'rüben' },
  { id: 'routed', source: '{"nested":{"a":[{"b":null},{"c":[[]]}]}}', routing: 'two words, a comma' },
  { id: 'empty', source: '{}' },
  { id: 'null', source: '{"a":null,"b":[null]}' },
  { id: 'large', source: `{"text":"${'Ab9 ü"'.replace('"', '\\"').repeat(160_000)}"}` },
];

describe('documents that nothing transforms', () => {
  it('arrive byte for byte, with their routing, in an index with other shards', async () => {
    const subject = await Subject.create(cluster, {
      before: { settings: { number_of_shards: 2 }, mappings: AS_IS },
      settings: { number_of_shards: 3 },
      mappings: AS_IS,
    });
    await subject.fill(300, (n) => ({ n, nested: { list: [{ n }, null, 'é'] } }));
    for (const { id, source, routing } of AWKWARD) await subject.put(id, source, routing);
    const { record } = await subject.run('cutover');
    expect(record.evidence).toMatchObject({ differences: 0, repaired: 0 });
    for (const { id, source, routing } of AWKWARD)
      expect(await subject.sourceOf(subject.target, id, routing), id.slice(0, 20)).toBe(source);
    expect(await subject.documents(subject.target)).toEqual(await subject.documents(subject.source));
    expect((await subject.documents(subject.target)).get('same rüben')).toEqual({ copy: 'a' });
    expect((await subject.run('finalized')).phase).toBe('finalized');
  });

  it('lose no more of their layout than the line breaks', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: AS_IS }, mappings: AS_IS });
    const pretty = '{\n  "n": 7,\r\n  "text": "a\\nb",\n\t"big": 9007199254740993\n}';
    await subject.put('pretty', pretty);
    expect(await subject.sourceOf(subject.source, 'pretty')).toBe(pretty);
    await subject.run('cutover');
    expect(await subject.sourceOf(subject.target, 'pretty')).toBe(pretty.replace(/[\r\n]/g, ' '));
    expect((await subject.run('finalized')).phase).toBe('finalized');
  });
});

describe('transforms', () => {
  it('are chained over the versions between, and may be asynchronous', async () => {
    const subject = await Subject.create(cluster, {
      before: { mappings: { properties: { name: { type: 'keyword' } } } },
      version: 3,
      mappings: {
        properties: { first: { type: 'keyword' }, last: { type: 'keyword' }, length: { type: 'long' } },
      },
      migrations: {
        2: {
          up: async ({ name, ...rest }) => {
            await sleep(1);
            const [first, last] = String(name).split(' ');
            return { ...rest, first, last };
          },
        },
        3: { up: (doc, { id, version }) => ({ ...doc, length: String(doc['last']).length, id, version }) },
      },
    });
    await subject.fill(300, (n) => ({ name: `Ada L${n}`, big: n }));
    await subject.put('exact', '{"name":"Max Born","big":9007199254740993,"dec":1.0000000000000000001}');
    const { phase } = await subject.run('finalized');
    expect(phase).toBe('finalized');
    expect(await subject.sourceOf(subject.target, 'd12')).toBe(
      '{"big":12,"first":"Ada","last":"L12","length":3,"id":"d12","version":3}',
    );
    expect(await subject.sourceOf(subject.target, 'exact')).toBe(
      '{"big":9007199254740993,"dec":1.0000000000000000001,"first":"Max","last":"Born","length":4,"id":"exact","version":3}',
    );
  });
});

describe('writes during a migration', () => {
  it('arrive whatever they do: overwrites, deletes and new documents under old ids', async () => {
    const subject = await Subject.create(cluster, {
      before: { settings: { number_of_shards: 2 }, mappings: PRICES.before },
      settings: { number_of_shards: 3 },
      mappings: PRICES.after,
      migrations: PRICES.migrations,
    });
    await subject.fill(400, (n) => ({ n, price: `${n},50 EUR` }));
    const workload = new Workload(cluster, subject.definition.aliases.write).start();
    await sleep(500);
    const { record } = await subject.run('finalized');
    await workload.stop();
    const documents = await subject.documents(subject.target);
    expect(await workload.compare(subject.target)).toMatchObject({ lost: [], resurrected: [] });
    expect(workload.failures).toEqual([]);
    expect(documents.size).toBe(400 + (workload.live ?? Number.NaN));
    expect(workload.acknowledged).toBeGreaterThan(100);
    // what was written meanwhile is late, not different
    expect(record.evidence.differences).toBe(0);
  });

  it('leave nothing behind when a document changes its routing', async () => {
    const subject = await Subject.create(cluster, {
      before: { settings: { number_of_shards: 1 }, mappings: AS_IS },
      settings: { number_of_shards: 5 },
      mappings: AS_IS,
    });
    for (let n = 0; n < 40; n++) await subject.put(`m${n}`, { n }, `before${n}`);
    const running = subject.start('switched', { stay: true, maxLagMs: 1 });
    await subject.until('verified', ({ record }) => record.verified);
    // on the one shard of the leader each takes the place of the one before it
    for (let n = 0; n < 40; n++) await subject.put(`m${n}`, { n: n + 100 }, `after${n}`);
    await running.stop();
    await subject.run('finalized');
    const expected = Array.from({ length: 40 }, (_, n) => [`m${n} after${n}`, { n: n + 100 }] as const);
    expect(await subject.documents(subject.target)).toEqual(new Map(expected));
  });
});

describe.runIf(engineName === 'opensearch')('an ingest pipeline', () => {
  it('does not run a second time for what is copied', async () => {
    const subject = await Subject.create(cluster, { before: { mappings: AS_IS }, mappings: AS_IS });
    const pipeline = `/_ingest/pipeline/${subject.name}`;
    const processors = [{ append: { field: 'runs', value: 'once' } }];
    await subject.json('PUT', pipeline, { processors });
    const settings = { default_pipeline: subject.name };
    await subject.json('PUT', `/${subject.source}/_settings`, { index: settings });
    subject.definition = { ...subject.definition, settings: { number_of_replicas: 0, ...settings } };
    await subject.fill(50, (n) => ({ n }));
    await subject.run('switched');
    await subject.put('later', { n: 1 });
    await subject.run('finalized');
    const documents = await subject.documents(subject.target);
    expect(documents.get('d3')).toEqual({ n: 3, runs: ['once'] });
    expect(documents.get('later')).toEqual({ n: 1, runs: ['once'] });
    await subject.json('PUT', `/${subject.target}/_settings`, { index: { default_pipeline: null } });
    await subject.json('DELETE', pipeline);
  });

  it('goes on in pages where scrolls are lost', async () => {
    const subject = await Subject.create(cluster);
    const documents = 12_000;
    await subject.fill(documents, (n) => ({ n }));
    let lost = 0;
    const forgetful = withSend((request) => {
      const isPage = request.path === '/_search/scroll' && request.method === 'POST';
      if (!isPage) return cluster.connection.send(request);
      lost++;
      return cluster.connection.send({ ...request, body: { scroll: '1m', scroll_id: 'bm9uZQ==' } });
    });
    await subject.start('ready', {}, forgetful).ended;
    expect(lost).toBeGreaterThan(0);
    expect((await subject.status()).record.evidence).toMatchObject({ copied: documents, differences: 0 });
  });
});

/** The cluster, with another way to send. */
function withSend(send: Cluster['connection']['send']): Cluster {
  const connection = new Proxy(cluster.connection, {
    get(target, key) {
      const value: unknown = key === 'send' ? send : Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { ...cluster, connection };
}
