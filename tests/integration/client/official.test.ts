// The official clients with twindex, on a real engine: the same answers and errors as without, and writes on both indexes.
import { describe, expect, it } from 'vitest';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { listWriters } from '../../../src/journal/writerDocuments.js';
import { testCluster, uniqueName } from '../engine.js';
import { Stage } from '../mirror/stage.js';
import { call, KINDS, openClient, openTwindex, type Result } from './clients.js';

const MAPPINGS = { properties: { n: { type: 'long' } } };

/** What an application does, and gets wrong. `$` stands for its index. */
const SCRIPT: readonly (readonly [api: string, params: Record<string, unknown>, options?: object])[] = [
  ['index', { index: '$', id: 'a', document: { n: 1, text: 'ä "x"' } }],
  ['index', { index: '$', id: 'a', document: { n: 2 }, refresh: true }],
  ['index', { index: '$', id: 'b', document: { n: 'no number' } }],
  ['create', { index: '$', id: 'a', document: { n: 3 } }],
  ['create', { index: '$', id: 'c/ä', document: { n: 3 }, routing: 'r' }],
  ['update', { index: '$', id: 'a', doc: { m: 1 } }],
  ['update', { index: '$', id: 'a', doc: { m: 1 } }],
  ['update', { index: '$', id: 'missing', doc: { m: 1 } }],
  ['update', { index: '$', id: 'missing', doc: { m: 1 } }, { ignore: [404] }],
  ['index', { index: '$', id: 'a', document: { n: 4 }, if_seq_no: 999, if_primary_term: 1 }],
  ['delete', { index: '$', id: 'missing' }],
  ['delete', { index: '$', id: 'c/ä', routing: 'r' }],
  [
    'bulk',
    {
      index: '$',
      operations: [
        { index: { _id: 'd' } },
        { n: 5 },
        { create: { _id: 'a' } },
        { n: 6 },
        { update: { _id: 'd' } },
        { doc: { n: 7 } },
        { delete: { _id: 'e' } },
        { index: { _id: 'f' } },
        { n: 'no number' },
      ],
    },
  ],
  ['bulk', { operations: [{ index: { _index: '$', _id: 'g' } }, { n: 8 }] }],
  ['bulk', { operations: [] }],
  ['get', { index: '$', id: 'a' }],
  ['exists', { index: '$', id: 'missing' }],
  ['mget', { index: '$', ids: ['a', 'd'], body: { ids: ['a', 'd'] } }],
  ['indices.refresh', { index: '$' }],
  ['search', { index: '$', query: { match_all: {} } }],
];

describe.each(KINDS)('$name', (kind) => {
  it.each([
    ['is mirrored', 'mirror'],
    ['is idle', 'idle'],
  ])('gives the same answers and errors as without while the index %s', async (_, phase) => {
    const cluster = await testCluster();
    const stage = await Stage.set(cluster, { mappings: MAPPINGS });
    if (phase === 'idle')
      await stage.save({ state: 'finalized', writers: { ...stage.record.writers, mode: 'none' } });
    const bare = uniqueName('imc');
    await createIndex(cluster, bare, {
      settings: { number_of_replicas: 0 },
      mappings: MAPPINGS,
      aliases: {},
    });
    const plain = openClient(kind);
    const mirrored = await openTwindex(kind, stage.definition);
    const { write, read } = stage.definition.aliases;

    for (const [api, params, options] of SCRIPT) {
      const expected = await outcome(call(plain, api, naming(params, bare), options), [bare]);
      const index = ['get', 'exists', 'mget', 'search', 'indices.refresh'].includes(api) ? read : write;
      const names = [write, read, stage.source, stage.target];
      const found = await outcome(call(mirrored, api, naming(params, index), options), names);
      expect(found, `${api} ${JSON.stringify(params)}`).toEqual(expected);
    }
    const documents = await stage.documents(stage.source);
    expect(Object.keys(documents)).toEqual(['a', 'd', 'g']);
    // Nobody reads the follower, so a slow copy may arrive after its write was acknowledged.
    await expect
      .poll(() => stage.documents(stage.target), { timeout: 30_000 })
      .toEqual(phase === 'idle' ? {} : documents);
  });

  it('brings what its bulk helper writes to both indexes', async () => {
    // its readers are on the follower, so that a write is acknowledged when it is there
    const stage = await Stage.set(await testCluster(), { record: { readers: 'target' } });
    const client = await openTwindex(kind, stage.definition);
    const documents = Array.from({ length: 250 }, (_, n) => ({ n }));
    const stats = await (client.helpers as unknown as BulkHelper).bulk({
      datasource: documents,
      flushBytes: 1_000,
      concurrency: 3,
      onDocument: ({ n }: { n: number }) => ({
        index: { _index: stage.definition.aliases.write, _id: `d${n}` },
      }),
    });
    expect(stats).toMatchObject({ total: 250, successful: 250, failed: 0 });
    const there = await stage.documents(stage.target);
    expect(there).toEqual(await stage.documents(stage.source));
    expect(Object.keys(there)).toHaveLength(250);
  });

  it('writes its own shape, also in a child, and is registered until it is closed', async () => {
    const cluster = await testCluster();
    const stage = await Stage.set(cluster, {
      migrations: {
        2: {
          up: (doc) => ({ price: Number(doc['price']) }),
          down: (doc) => ({ price: String(doc['price']) }),
        },
      },
    });
    const { write } = stage.definition.aliases;
    const old = await openTwindex(kind, stage.definition);
    const client = await openTwindex(kind, stage.definition, { version: 2 });
    const child = client.child({ headers: { 'x-from': 'child' } });
    const writers = async (): Promise<number> =>
      (await listWriters(cluster)).filter(({ names }) => names.includes(stage.name)).length;
    expect(await writers()).toBe(2);

    await call(old, 'index', { index: write, id: 'old', document: { price: '1' } });
    await call(client, 'index', { index: write, id: 'new', document: { price: 2 } });
    await call(child, 'index', { index: write, id: 'child', document: { price: 3 } });
    const options = { headers: { 'x-twindex-version': '1' } };
    await call(client, 'index', { index: write, id: 'named', document: { price: '4' } }, options);
    expect(await stage.documents(stage.source)).toEqual({
      child: { price: '3' },
      named: { price: '4' },
      new: { price: '2' },
      old: { price: '1' },
    });
    expect(await stage.documents(stage.target)).toEqual({
      child: { price: 3 },
      named: { price: 4 },
      new: { price: 2 },
      old: { price: 1 },
    });

    await client.close();
    expect(await writers()).toBe(1);
  });

  it('goes to the next node when one can not be connected to', async () => {
    const stage = await Stage.set(await testCluster());
    const dead = 'http://127.0.0.1:9';
    const [live] = kind.open().connectionPool.connections;
    const client = await openTwindex(kind, stage.definition, {
      client: {
        node: undefined,
        nodes: [dead, live?.url.href ?? ''],
        compression: compressionOf(kind.name),
      },
    });
    for (let n = 0; n < 4; n++)
      await call(client, 'index', { index: stage.definition.aliases.write, id: `d${n}`, document: { n } });
    await expect
      .poll(async () => Object.keys(await stage.documents(stage.target)))
      .toEqual(['d0', 'd1', 'd2', 'd3']);
  });
});

/** The same in all of them. */
interface BulkHelper {
  bulk(options: object): Promise<{ readonly total: number; readonly successful: number }>;
}

const compressionOf = (name: string): unknown => (name.includes('elastic') ? true : 'gzip');

function naming(params: Record<string, unknown>, index: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(params).replaceAll('"$"', JSON.stringify(index))) as Record<
    string,
    unknown
  >;
}

/** What may differ between two indexes is taken out: names, uuids, sequence numbers, times. */
async function outcome(called: Promise<Result>, names: readonly string[]): Promise<unknown> {
  const settled = await called.then(
    ({ body, statusCode, headers, warnings, meta }) => ({
      body,
      statusCode,
      warnings,
      headers: Object.keys(headers as object)
        .filter((name) => !ABOUT_BYTES.has(name))
        .sort(),
      attempts: meta.attempts,
      meta: Object.keys(meta).sort(),
    }),
    (error: Error & { statusCode?: number; body?: unknown; meta?: object }) => ({
      error: error.constructor,
      name: error.name,
      message: error.message,
      statusCode: error.statusCode,
      body: error.body ?? null,
      meta: Object.keys(error.meta ?? {}).sort(),
    }),
  );
  return without(settled, names);
}

const ABOUT_BYTES = new Set([
  'content-length',
  'transfer-encoding',
  'content-encoding',
  'connection',
  'keep-alive',
]);
const DIFFERS = new Set(['took', '_seq_no', '_version', 'index_uuid', 'ingest_took', '_shards']);

function without(value: unknown, names: readonly string[]): unknown {
  if (typeof value === 'string')
    return names
      .reduce((text, name) => text.replaceAll(name, 'INDEX'), value)
      .replaceAll(/seqNo \[\d+\]|version \[\d+\]|index_uuid[^,\s]*/g, 'NUMBER')
      .replaceAll(/\[[\w-]{22}\]/g, '[UUID]');
  if (Array.isArray(value)) return value.map((one) => without(one, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !DIFFERS.has(key))
      .map(([key, one]) => [key, without(one, names)]),
  );
}
