// The index that follows fails: writes go on without it, and it gets copies again when it is back.
import { describe, expect, it } from 'vitest';
import { closeIndex } from '../../../src/cluster/indices/closeIndex.js';
import { indexRouting } from '../../../src/cluster/indices/indexRouting.js';
import { openIndex } from '../../../src/cluster/indices/openIndex.js';
import { removeWriteBlock } from '../../../src/cluster/indices/removeWriteBlock.js';
import type { DocumentKey } from '../../../src/cluster/documents/multiGet.js';
import { reshapeWith } from '../../../src/protocol/reshape.js';
import { shardOf } from '../../../src/protocol/shardOf.js';
import { listWriters } from '../../../src/journal/writerDocuments.js';
import { transformChain } from '../../../src/schema/chain.js';
import { testCluster } from '../engine.js';
import { intercepted, Stage, type StageOptions, type Writer } from './stage.js';

const READ = { record: { readers: 'target' } } as const;
const NEW = { 'x-twindex-version': '2' };
const OLD = { 'x-twindex-version': '1' };
const LIMITS = {
  copyLimits: { unawaited: 0, unawaitedMs: 200, followerNotReadMs: 200, readMs: 5_000 },
  breakerLimits: { patienceMs: 500, probeMs: 50 },
};

/** `price` was a text; version 2 has a number, and a currency that version 1 has no place for. */
const PRICES = {
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number(doc['price']), currency: 'EUR' }),
      down: ({ currency: _currency, ...doc }) => ({ ...doc, price: String(doc['price']) }),
    },
  },
} satisfies StageOptions;

/** A writer whose copies get no answer until they are let through, or get this status. */
async function withFailingFollower(stage: Stage, status?: number) {
  let isFailing = true;
  let copies = 0;
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const cluster = intercepted(stage.cluster, async (request, send) => {
    if (!request.path.includes('.Mirror.')) return await send();
    const isProbe = Buffer.from(request.body as Uint8Array).includes('twindex-probe');
    if (!isProbe) copies++;
    if (!isFailing) return await send();
    if (status !== undefined) return { status, headers: {}, body: Buffer.from('{}') };
    await Promise.race([gate, aborted(request.signal, request.timeoutMs)]);
    return await send();
  });
  const writer = await stage.writer({ cluster, ...LIMITS });
  return {
    writer,
    copies: () => copies,
    recover: (): void => {
      isFailing = false;
      letGo();
    },
  };
}

/** As the connection does: nothing is waited for after the signal or the time-out. */
function aborted(signal: AbortSignal | undefined, timeoutMs = 30_000): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error('no answer')), timeoutMs).unref();
    signal?.addEventListener('abort', () => reject(new Error('aborted')));
  });
}

const seen = (stage: Stage, { mirror }: Writer) => mirror.metrics().indexes[stage.name];

async function inJournal(stage: Stage, { mirror }: Writer) {
  const writers = await listWriters(stage.cluster);
  return writers.find(({ id }) => id === mirror.id)?.migrations[stage.name];
}

const isBack = (stage: Stage, writer: Writer): Promise<void> =>
  expect
    .poll(() => seen(stage, writer)?.away, { timeout: 30_000, message: 'the follower is not taken for back' })
    .toBeNull();

describe('a follower that hangs while it is read', () => {
  it('is not waited for again before it answers; then it gets copies, and following brings the others', async () => {
    const stage = await Stage.set(await testCluster(), {
      record: { ...READ.record, writers: { mode: 'mirror', generation: 1, pruned: 0, version: 1, moves: 3 } },
    });
    const { writer, copies, recover } = await withFailingFollower(stage);
    const { write } = stage.definition.aliases;
    await expect
      .poll(async () => (await inJournal(stage, writer))?.awaitsCopies, { timeout: 30_000 })
      .toBe(3);
    const first = await Promise.all(
      ['a', 'b', 'c'].map((id) => writer.send('PUT', `/${write}/_doc/${id}`, { n: 1 })),
    );
    expect(first.map(({ status }) => status)).toEqual([201, 201, 201]);
    const sent = copies();
    for (const id of ['d', 'e']) {
      const put = await writer.send('PUT', `/${write}/_doc/${id}?refresh=true`, { n: 1 });
      expect(put.status).toBe(201);
      expect(put.headers['warning']).toMatch(/will get it later.*has accepted no copies since/);
    }
    const { items, status } = await writer.bulk(`/${write}/_bulk`, [
      { index: { _id: 'f' } },
      { n: 1 },
      { delete: { _id: 'a' } },
    ]);
    expect([status, ...items.map((item) => item.status)]).toEqual([200, 201, 200]);
    expect(copies()).toBe(sent);
    expect(seen(stage, writer)).toMatchObject({ mirrored: 0, unanswered: 3, bypassed: 4 });
    // a coordinator sees it, and moves no readers to it
    await expect
      .poll(() => inJournal(stage, writer), { timeout: 30_000 })
      .toMatchObject({ awaitsCopies: 0, away: { reason: expect.stringContaining('no answer') } });
    expect((await stage.ledger()).map(({ id }) => id)).toEqual(['a']);

    recover();
    await isBack(stage, writer);
    expect((await writer.send('PUT', `/${write}/_doc/g`, { n: 1 })).headers['warning']).toBeUndefined();
    expect(Object.keys(await stage.documents(stage.target))).toEqual(['g']);
    await expect
      .poll(async () => (await inJournal(stage, writer))?.awaitsCopies, { timeout: 30_000 })
      .toBe(3);
    await stage.follow();
    await stage.resyncLedger();
    expect(Object.keys(await stage.documents(stage.target))).toEqual(['b', 'c', 'd', 'e', 'f', 'g']);
  });

  it.each([0, 1])('is not taken for back while its shard %i hangs', async (shard) => {
    const stage = await Stage.set(await testCluster(), READ);
    const routing = await indexRouting(stage.cluster, stage.target);
    const onHungShard = (key: DocumentKey): boolean => shardOf(key, routing) === shard;
    let isHung = true;
    let probes = 0;
    const cluster = intercepted(stage.cluster, async (request, send) => {
      if (!request.path.includes('.Mirror.')) return await send();
      const body = Buffer.from(request.body as Uint8Array).toString();
      if (body.includes('twindex-probe')) probes++;
      const keys = [...body.matchAll(/"_id":"(?<id>[^"]+)"(?:,"routing":"(?<routing>[^"]+)")?/g)];
      // a bulk is answered when all of its shards have answered
      if (
        isHung &&
        keys.some(({ groups }) => onHungShard({ id: groups?.['id'] ?? '', routing: groups?.['routing'] }))
      )
        await aborted(request.signal, request.timeoutMs);
      return await send();
    });
    const writer = await stage.writer({
      cluster,
      copyLimits: { ...LIMITS.copyLimits, readMs: 1_000 },
      breakerLimits: LIMITS.breakerLimits,
    });
    const put = (id: string) => writer.send('PUT', `/${stage.definition.aliases.write}/_doc/${id}`, { n: 1 });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const [hung, healthy] = [true, false].map((is) =>
      ids.filter((id) => onHungShard({ id, routing: undefined }) === is),
    );
    expect([hung?.length, healthy?.length]).not.toContain(0);
    await put(hung?.[0] ?? '');
    expect(seen(stage, writer)?.away).not.toBeNull();

    // the other shard would have answered the first probe
    await expect.poll(() => probes, { timeout: 30_000 }).toBeGreaterThan(1);
    expect(seen(stage, writer)?.away).not.toBeNull();
    expect((await put(healthy?.[0] ?? '')).headers['warning']).toMatch(/has accepted no copies since/);

    isHung = false;
    await isBack(stage, writer);
    expect((await put(hung?.[1] ?? '')).headers['warning']).toBeUndefined();
  });

  it('is not asked for the documents of partial updates, either', async () => {
    const stage = await Stage.set(await testCluster(), { ...PRICES, ...READ });
    let isFailing = false;
    const cluster = intercepted(stage.cluster, async (request, send) => {
      if (isFailing && request.path.includes(stage.target)) await aborted(request.signal, 300);
      if (isFailing && request.path.includes('.Mirror.')) await aborted(request.signal, 1_000);
      return await send();
    });
    const writer = await stage.writer({ cluster, ...LIMITS });
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { price: '5' });
    isFailing = true;
    const update = await writer.send('POST', `/${write}/_update/a`, { doc: { price: '6' } });
    expect(update.status).toBe(200);
    expect(seen(stage, writer)?.away).not.toBeNull();
    expect((await writer.send('POST', `/${write}/_update/a`, { doc: { price: '7' } })).status).toBe(200);
    expect((await stage.get(stage.source, 'a'))._source).toEqual({ price: '7' });
  });
});

describe('a follower that answers, and takes nothing,', () => {
  for (const [what, status] of [
    ['as it is too busy', 429],
    ['as a part of the cluster is not there', 503],
    ['as the credentials are not taken any more', 403],
  ] as const)
    it(`is away: ${what}`, async () => {
      const stage = await Stage.set(await testCluster(), READ);
      const { writer, copies, recover } = await withFailingFollower(stage, status);
      const { write } = stage.definition.aliases;
      await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
      const sent = copies();
      expect((await writer.send('PUT', `/${write}/_doc/b`, { n: 1 })).status).toBe(201);
      expect(copies()).toBe(sent);
      recover();
      await isBack(stage, writer);
    });

  it('is away while it is blocked, at once', async () => {
    const stage = await Stage.set(await testCluster(), READ);
    const writer = await stage.writer(LIMITS);
    const { write } = stage.definition.aliases;
    await stage.cluster.connection.json({ method: 'PUT', path: `/${stage.target}/_block/write` });
    for (const id of ['a', 'b'])
      expect((await writer.send('PUT', `/${write}/_doc/${id}`, { n: 1 })).status).toBe(201);
    expect(seen(stage, writer)).toMatchObject({ unanswered: 1, bypassed: 1 });
    await removeWriteBlock(stage.cluster, stage.target);
    await isBack(stage, writer);
    await writer.send('PUT', `/${write}/_doc/c`, { n: 1 });
    expect(Object.keys(await stage.documents(stage.target))).toEqual(['c']);
  });

  it('is not away because it refuses a document, or because a generation is closed', async () => {
    const stage = await Stage.set(await testCluster(), {
      ...READ,
      targetMappings: { properties: { n: { type: 'long' } } },
    });
    const writer = await stage.writer(LIMITS);
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { n: 'none' });
    expect(seen(stage, writer)).toMatchObject({ refused: 1, away: null });
    await stage.rotate();
    await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    expect(seen(stage, writer)).toMatchObject({ mirrored: 1, bypassed: 0, away: null });
  });
});

describe('a follower that nobody reads', () => {
  it('is away when it answers no copy', async () => {
    const stage = await Stage.set(await testCluster());
    const { writer, copies, recover } = await withFailingFollower(stage);
    const { write } = stage.definition.aliases;
    await expect
      .poll(
        async () => {
          await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
          return seen(stage, writer)?.away;
        },
        { timeout: 30_000 },
      )
      .not.toBeNull();
    const sent = copies();
    const put = await writer.send('PUT', `/${write}/_doc/b`, { n: 1 });
    expect(put.headers['warning']).toBeUndefined();
    expect(copies()).toBe(sent);
    recover();
    await isBack(stage, writer);
  });
});

describe('documents of two shapes while the follower is away', () => {
  it('before the switch: what only the follower has room for is refused before anything is done', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writer = await stage.writer(LIMITS);
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { price: 1, currency: 'CHF' }, NEW);
    await closeIndex(stage.cluster, stage.target);
    expect((await writer.send('PUT', `/${write}/_doc/old`, { price: '2' }, OLD)).status).toBe(201);
    await expect.poll(() => seen(stage, writer)?.away, { timeout: 30_000 }).not.toBeNull();
    const before = await stage.documents(stage.source);
    const put = await writer.send('PUT', `/${write}/_doc/a`, { price: 3, currency: 'CHF' }, NEW);
    const update = await writer.send('POST', `/${write}/_update/a`, { doc: { currency: 'USD' } }, NEW);
    const { status, items } = await writer.bulk(
      `/${write}/_bulk`,
      [{ index: { _id: 'b' } }, { price: 4 }, { delete: { _id: 'none' } }],
      NEW,
    );
    expect([put.status, put.json.error.type]).toEqual([503, 'twindex_follower_away']);
    expect(update.status).toBe(503);
    expect([status, ...items.map((item) => item.status)]).toEqual([200, 503, 404]);
    expect(await stage.documents(stage.source)).toEqual(before);
    await openIndex(stage.cluster, stage.target);
    await isBack(stage, writer);
    expect((await writer.send('PUT', `/${write}/_doc/b`, { price: 4, currency: 'CHF' }, NEW)).status).toBe(
      201,
    );
  });

  it('after the switch: each write of the old shape is done, since the leader holds all of it', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writer = await stage.writer(LIMITS);
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { price: '1', name: 'x' }, OLD);
    await writer.send('PUT', `/${write}/_doc/b`, { price: '1' }, OLD);
    const up = transformChain(stage.definition, 1, 2);
    await stage.follow(up && reshapeWith(up));
    await stage.hold();
    await stage.exchange();
    expect((await writer.send('PUT', `/${write}/_doc/b`, { price: '2' }, OLD)).status).toBe(200);
    await closeIndex(stage.cluster, stage.source);
    const statuses = [
      await writer.send('POST', `/${write}/_update/a`, { doc: { price: '3' } }, OLD),
      await writer.send('PUT', `/${write}/_doc/c`, { price: '4' }, OLD),
      await writer.send('PUT', `/${write}/_create/d`, { price: '5' }, OLD),
      await writer.send('POST', `/${write}/_update/e`, { doc: { price: '6' }, doc_as_upsert: true }, OLD),
      await writer.send('DELETE', `/${write}/_doc/b`, undefined, OLD),
      await writer.send('POST', `/${write}/_update/a`, { doc: { price: '7' } }, OLD),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 201, 201, 201, 200, 200]);
    const { items } = await writer.bulk(
      `/${write}/_bulk`,
      [{ update: { _id: 'a' } }, { doc: { name: 'y' } }, { index: { _id: 'f' } }, { price: '8' }],
      OLD,
    );
    expect(items.map(({ status }) => status)).toEqual([200, 201]);
    expect(await stage.documents(stage.target)).toEqual({
      a: { price: 7, name: 'y', currency: 'EUR' },
      c: { price: 4, currency: 'EUR' },
      d: { price: 5, currency: 'EUR' },
      e: { price: 6, currency: 'EUR' },
      f: { price: 8, currency: 'EUR' },
    });
    await openIndex(stage.cluster, stage.source);
    await isBack(stage, writer);
    const down = transformChain(stage.definition, 2, 1);
    await stage.follow(down && reshapeWith(down));
    await stage.resyncLedger();
    expect(await stage.documents(stage.source)).toEqual({
      a: { price: '7', name: 'y' },
      c: { price: '4' },
      d: { price: '5' },
      e: { price: '6' },
      f: { price: '8' },
    });
  });
});
