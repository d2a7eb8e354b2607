// Writers that can't act on the phase of a managed index yet, or that know of no migration: a write whose shape is not the
// one of the index that it would reach waits, or is refused. It is never stored as it is.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { JOURNAL, recordId } from '../../../src/protocol/names.js';
import type { MirrorOptions } from '../../../src/writers/mirror/mirrorOptions.js';
import { testCluster } from '../engine.js';
import { Stage, type StageOptions, type Writer } from './stage.js';

const PRICES = {
  mappings: { dynamic: false },
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number(doc['price']) }),
      down: (doc) => ({ ...doc, price: Number(doc['price']).toFixed(2) }),
    },
  },
} satisfies StageOptions;

const OLD = { 'x-twindex-version': '1' };
const NEW = { 'x-twindex-version': '2' };
const NOBODY_PREPARED = { mode: 'none', generation: 0, pruned: 0, version: 1, moves: 0 } as const;
const SHORT = { holdMs: 400 };

/** The migration runs, and its coordinator has not taken notice of any writer yet. */
async function unprepared(
  options: Partial<MirrorOptions> = {},
): Promise<{ stage: Stage; writer: Writer; alias: string }> {
  const stage = await Stage.set(await testCluster(), {
    ...PRICES,
    record: { writers: NOBODY_PREPARED },
  });
  const writer = await stage.writer(options);
  return { stage, writer, alias: stage.definition.aliases.write };
}

/** As the coordinator does it; the generations between are left out. */
async function letMirror(stage: Stage): Promise<void> {
  stage.record = { ...stage.record, writers: { ...stage.record.writers, mode: 'mirror' } };
  await stage.rotate();
}

/** As after `finalize`: the migration is over, and the aliases are on the new index. */
async function finalize(stage: Stage): Promise<void> {
  const { read, write } = stage.definition.aliases;
  await stage.aliases([
    { remove: { index: stage.source, alias: write } },
    { remove: { index: stage.source, alias: read } },
    { add: { index: stage.target, alias: write } },
    { add: { index: stage.target, alias: read } },
  ]);
  await stage.save({ state: 'finalized', leader: 'target', readers: 'target' });
}

async function forget(stage: Stage): Promise<void> {
  await stage.cluster.connection.send({
    method: 'DELETE',
    path: `/${JOURNAL}/_doc/${encodeURIComponent(recordId(stage.name))}`,
  });
}

describe('a migration whose coordinator has not prepared this writer', () => {
  it('holds a write of the other shape until both indexes can be written', async () => {
    const { stage, writer, alias } = await unprepared();
    const put = writer.send('PUT', `/${alias}/_doc/a`, { price: 0.5 }, NEW);
    const bulk = writer.bulk('/_bulk', [{ index: { _index: alias, _id: 'b' } }, { price: 7.5 }], NEW);
    const named = writer.send('PUT', `/${stage.target}/_doc/c`, { price: 1.25 });
    await sleep(300);
    expect([await stage.documents(stage.source), await stage.documents(stage.target)]).toEqual([{}, {}]);
    await letMirror(stage);
    expect([(await put).status, (await bulk).items[0]?.status, (await named).status]).toEqual([
      201, 201, 201,
    ]);
    expect(await stage.documents(stage.source)).toEqual({
      a: { price: '0.50' },
      b: { price: '7.50' },
      c: { price: '1.25' },
    });
    expect(await stage.documents(stage.target)).toEqual({
      a: { price: 0.5 },
      b: { price: 7.5 },
      c: { price: 1.25 },
    });
  });

  it('answers 503 when the time is over, and nothing of it was done', async () => {
    const { stage, writer, alias } = await unprepared(SHORT);
    const put = await writer.send('PUT', `/${alias}/_doc/a`, { price: 0.5 }, NEW);
    const update = await writer.send(
      'POST',
      `/${alias}/_update/a`,
      { doc: { price: 1 }, doc_as_upsert: true },
      NEW,
    );
    const bulk = await writer.bulk(
      '/_bulk',
      [{ index: { _index: alias, _id: 'b' } }, { price: 7.5 }, { delete: { _index: alias, _id: 'b' } }],
      NEW,
    );
    for (const { status, json } of [put, update])
      expect([status, json.error.type]).toEqual([503, 'twindex_not_prepared']);
    expect(bulk.items.map(({ status }) => status)).toEqual([503, 503]);
    expect(put.headers['retry-after']).toBe('1');
    expect([await stage.documents(stage.source), await stage.documents(stage.target)]).toEqual([{}, {}]);
  });

  it('hands on a write of the shape of the index that it reaches', async () => {
    const { stage, writer, alias } = await unprepared();
    const statuses = [
      (await writer.send('PUT', `/${alias}/_doc/a`, { price: '1.00' })).status,
      (await writer.send('PUT', `/${alias}/_doc/b`, { price: '2.00' }, OLD)).status,
      (await writer.send('PUT', `/${stage.source}/_doc/c`, { price: '3.00' }, NEW)).status,
      (await writer.send('POST', `/${alias}/_update/a`, { doc: { n: 1 } }, OLD)).status,
      (await writer.send('DELETE', `/${alias}/_doc/b`, undefined, NEW)).status,
    ];
    const bulk = await writer.bulk('/_bulk', [{ index: { _index: alias, _id: 'd' } }, { price: '4.00' }]);
    expect([...statuses, bulk.items[0]?.status]).toEqual([201, 201, 201, 200, 200, 201]);
    expect(await stage.documents(stage.source)).toEqual({
      a: { price: '1.00', n: 1 },
      c: { price: '3.00' },
      d: { price: '4.00' },
    });
    expect(await stage.documents(stage.target)).toEqual({});
  });

  it('does not let a delete of a bulk overtake what waits before it', async () => {
    const { stage, writer, alias } = await unprepared();
    await writer.send('PUT', `/${alias}/_doc/a`, { price: '1.00' });
    const bulk = writer.bulk(
      `/${alias}/_bulk`,
      [{ delete: { _id: 'a' } }, { index: { _id: 'b' } }, { price: 2 }, { delete: { _id: 'b' } }],
      NEW,
    );
    await sleep(200);
    await letMirror(stage);
    expect((await bulk).items.map(({ result }) => result)).toEqual(['deleted', 'created', 'deleted']);
    expect([await stage.documents(stage.source), await stage.documents(stage.target)]).toEqual([{}, {}]);
  });

  it('holds writes of the old shape after the switch, also those that name none', async () => {
    const { stage, alias } = await unprepared();
    await stage.exchange();
    const writer = await stage.writer();
    const unnamed = writer.send('PUT', `/${alias}/_doc/a`, { price: '7.50' });
    const old = writer.send('PUT', `/${alias}/_doc/b`, { price: '8.50' }, OLD);
    expect((await writer.send('PUT', `/${alias}/_doc/c`, { price: 9.5 }, NEW)).status).toBe(201);
    await sleep(300);
    expect(await stage.documents(stage.target)).toEqual({ c: { price: 9.5 } });
    await letMirror(stage);
    expect([(await unnamed).status, (await old).status]).toEqual([201, 201]);
    expect(await stage.documents(stage.target)).toEqual({
      a: { price: 7.5 },
      b: { price: 8.5 },
      c: { price: 9.5 },
    });
  });

  it('refuses a waiting write when the migration is aborted: nobody can translate it any more', async () => {
    const { stage, writer, alias } = await unprepared();
    const put = writer.send('PUT', `/${alias}/_doc/a`, { price: 0.5 }, NEW);
    await sleep(200);
    await stage.save({ state: 'aborted' });
    expect((await put).status).toBe(400);
    expect(await stage.documents(stage.source)).toEqual({});
  });

  it('refuses what its index file can not translate, and versions that are neither of both', async () => {
    const { stage, alias } = await unprepared();
    const ignorant = await stage.writer({ definitions: [{ ...stage.definition, migrations: {} }] });
    expect((await ignorant.send('PUT', `/${alias}/_doc/a`, { price: 0.5 }, NEW)).status).toBe(400);
    const other = { 'x-twindex-version': '3' };
    expect((await ignorant.send('PUT', `/${alias}/_doc/a`, { price: 0.5 }, other)).status).toBe(400);
    expect(await stage.documents(stage.source)).toEqual({});
  });
});

describe('no migration that the writer knows of', () => {
  it('looks at the journal before it takes the shape of a write for wrong', async () => {
    const { stage, alias } = await unprepared();
    await forget(stage);
    const writer = await stage.writer();
    await stage.save({});
    const put = writer.send('PUT', `/${alias}/_doc/a`, { price: 0.5 }, NEW);
    await sleep(200);
    await letMirror(stage);
    expect((await put).status).toBe(201);
    expect(await stage.documents(stage.source)).toEqual({ a: { price: '0.50' } });
  });

  it('refuses every write when the journal has lost the migration', async () => {
    const { stage, alias } = await unprepared();
    await forget(stage);
    const writer = await stage.writer();
    const put = await writer.send('PUT', `/${alias}/_doc/a`, { price: 0.5 }, NEW);
    expect(put.status).toBe(503);
    expect(put.text).toContain('twindex_journal_lost');
    expect(await stage.documents(stage.source)).toEqual({});
  });

  it('refuses a write of a newer version than the index, of a migration that was aborted', async () => {
    const { stage, alias } = await unprepared();
    await stage.save({ state: 'aborted' });
    const writer = await stage.writer();
    const put = await writer.send('PUT', `/${alias}/_doc/a`, { price: 0.5 }, NEW);
    const bulk = await writer.bulk(
      `/${alias}/_bulk`,
      [{ index: { _id: 'b' } }, { price: 7.5 }, { delete: { _id: 'c' } }],
      NEW,
    );
    expect(put.status).toBe(400);
    expect(put.text).toContain('version 2');
    expect(bulk.items.map(({ status }) => status)).toEqual([400, 404]);
    expect(await stage.documents(stage.source)).toEqual({});
    expect((await writer.send('PUT', `/${alias}/_doc/a`, { price: '1.00' }, OLD)).status).toBe(201);
    expect((await writer.send('PUT', `/${alias}/_doc/b`, { price: '1.00' })).status).toBe(201);
  });

  it('refuses a write of the old version when the migration is over', async () => {
    const { stage, alias } = await unprepared();
    await finalize(stage);
    const writer = await stage.writer();
    const update = await writer.send('POST', `/${alias}/_update/a`, { doc: { price: '1.00' } }, OLD);
    const put = await writer.send('PUT', `/${alias}/_doc/a`, { price: '7.50' }, OLD);
    expect([update.status, put.status]).toEqual([400, 400]);
    expect(await stage.documents(stage.target)).toEqual({});
    expect((await writer.send('PUT', `/${alias}/_doc/a`, { price: 7.5 }, NEW)).status).toBe(201);
    expect((await writer.send('PUT', `/${alias}/_doc/b`, { price: 8.5 })).status).toBe(201);
    expect((await writer.send('DELETE', `/${alias}/_doc/b`, undefined, OLD)).status).toBe(200);
  });

  it('hands on any version where documents do not change between them', async () => {
    const stage = await Stage.set(await testCluster(), { mappings: { dynamic: false } });
    await stage.save({ state: 'aborted' });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    expect((await writer.send('PUT', `/${write}/_doc/a`, { n: 1 }, NEW)).status).toBe(201);
    expect(
      (await writer.send('PUT', `/${write}/_doc/b`, { n: 1 }, { 'x-twindex-version': '3' })).status,
    ).toBe(400);
  });
});
