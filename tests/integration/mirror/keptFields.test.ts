// A partial update in one shape keeps what only the other shape has room for, on either side of the switch.
import { describe, expect, it } from 'vitest';
import { stampOf } from '../../../src/protocol/stamp.js';
import { testCluster } from '../engine.js';
import { Stage, type StageOptions, type Writer } from './stage.js';

/** Version 1 has a text `price` and `legacy`; version 2 a number and `extra`. */
const PRICES = {
  mappings: { dynamic: false },
  migrations: {
    2: {
      up: ({ legacy: _legacy, ...doc }) => ({ ...doc, price: Number(doc['price']) }),
      down: ({ extra: _extra, ...doc }) => ({ ...doc, price: Number(doc['price']).toFixed(2) }),
    },
  },
} satisfies StageOptions;

const OLD = { 'x-twindex-version': '1' };
const NEW = { 'x-twindex-version': '2' };

interface Scene {
  readonly stage: Stage;
  readonly writer: Writer;
  readonly write: string;
  readonly both: () => Promise<{ old: unknown; new: unknown }>;
}

/** With a document `a` that holds more in version 2 than version 1 has room for. */
async function prepare(options: StageOptions = PRICES): Promise<Scene> {
  const stage = await Stage.set(await testCluster(), options);
  const writer = await stage.writer();
  const { write } = stage.definition.aliases;
  const both = async (): Promise<{ old: unknown; new: unknown }> => ({
    old: (await stage.get(stage.source, 'a'))._source,
    new: (await stage.get(stage.target, 'a'))._source,
  });
  const put = await writer.send('PUT', `/${write}/_doc/a`, { n: 1, price: 7.5, extra: 'E' }, NEW);
  expect(put.status).toBe(201);
  return { stage, writer, write, both };
}

async function exchange(stage: Stage): Promise<void> {
  await stage.hold();
  await stage.exchange();
}

describe('an update in the old shape', () => {
  it.each([false, true])('keeps what only the new one has (writers switched: %s)', async (isSwitched) => {
    const { stage, writer, write, both } = await prepare();
    if (isSwitched) await exchange(stage);
    const update = await writer.send('POST', `/${write}/_update/a`, { doc: { n: 2 } }, OLD);
    expect(update.json).toMatchObject({ result: 'updated' });
    expect(await both()).toEqual({
      old: { n: 2, price: '7.50' },
      new: { n: 2, price: 7.5, extra: 'E' },
    });
    const { items } = await writer.bulk(
      `/${write}/_bulk`,
      [
        { update: { _id: 'a' } },
        { doc: { price: '8.25' } },
        { update: { _id: 'a' } },
        { doc: { more: { a: 1 } } },
        { update: { _id: 'a', _source: 'n' } },
        { doc: { more: { b: 2 }, extra: 'in both' }, doc_as_upsert: true },
        { index: { _id: 'b' } },
        { n: 5, price: '1.00' },
      ],
      OLD,
    );
    expect(items.map(({ status }) => status)).toEqual([200, 200, 200, 201]);
    expect(items[2]?.get._source).toEqual({ n: 2 });
    expect(await both()).toEqual({
      old: { n: 2, price: '8.25', more: { a: 1, b: 2 }, extra: 'in both' },
      new: { n: 2, price: 8.25, extra: 'in both', more: { a: 1, b: 2 } },
    });
  });

  it('is replaced whole by a document of the old shape', async () => {
    const { writer, write, both } = await prepare();
    await writer.send('PUT', `/${write}/_doc/a`, { n: 2, price: '7.50' }, OLD);
    expect(await both()).toEqual({ old: { n: 2, price: '7.50' }, new: { n: 2, price: 7.5 } });
  });

  it('wins over following, which makes of it less', async () => {
    const { stage, writer, write, both } = await prepare();
    const update = await writer.send('POST', `/${write}/_update/a`, { doc: { n: 2 } }, OLD);
    const stamp = stampOf(1, update.json._primary_term, update.json._seq_no);
    expect((await stage.get(stage.target, 'a'))._version).toBe(Number(stamp + 1n));
    await stage.follow();
    expect((await both()).new).toEqual({ n: 2, price: 7.5, extra: 'E' });
    const noop = await writer.send('POST', `/${write}/_update/a?_source=true`, { doc: { n: 2 } }, OLD);
    expect(noop.json).toMatchObject({ result: 'noop', get: { _source: { n: 2, price: '7.50' } } });
    expect((await both()).new).toEqual({ n: 2, price: 7.5, extra: 'E' });
  });

  it('is answered as ever: conditions, upserts, documents that are not there, bodies that are refused', async () => {
    const { stage, writer, write, both } = await prepare();
    const send = (id: string, body: object, query = '') =>
      writer.send('POST', `/${write}/_update/${id}${query}`, body, OLD);
    const { json } = await send('a', { doc: { n: 2 }, upsert: { n: 0, price: '0' } });
    expect(json.result).toBe('updated');
    const condition = `?if_seq_no=${json._seq_no}&if_primary_term=${json._primary_term}`;
    expect((await send('a', { doc: { n: 3 } }, condition)).status).toBe(200);
    const stale = await send('a', { doc: { n: 4 } }, condition);
    expect([stale.status, stale.json.error.type]).toEqual([409, 'version_conflict_engine_exception']);
    expect((await send('a', { doc: { n: 4 } }, `${condition}&retry_on_conflict=3`)).status).toBe(400);
    const refused = await send('a', { doc: { n: 4 }, upsert: 5 });
    expect(refused.status).toBe(400);
    expect((await send('none', { doc: { n: 4 } })).json.error.type).toBe('document_missing_exception');
    const created = await send('b', { doc: { n: 4 }, upsert: { n: 0, price: '0.50' } });
    expect([created.status, created.json.result]).toEqual([201, 'created']);
    expect((await stage.get(stage.target, 'b'))._source).toEqual({ n: 0, price: 0.5 });
    const { items } = await writer.bulk(
      `/${write}/_bulk`,
      [
        { update: { _id: 'c' } },
        { doc: { n: 1, price: '1.00' }, doc_as_upsert: true },
        { update: { _id: 'c' } },
        { doc: { n: 2 }, upsert: { n: 0 } },
        { delete: { _id: 'c' } },
        { update: { _id: 'c' } },
        { doc: { n: 3 } },
        { update: { _id: 'a', retry_on_conflict: 2 } },
        { doc: { n: 5 } },
      ],
      OLD,
    );
    expect(items.map(({ status }) => status)).toEqual([201, 200, 200, 404, 200]);
    expect(await both()).toEqual({
      old: { n: 5, price: '7.50' },
      new: { n: 5, price: 7.5, extra: 'E' },
    });
  });

  it('keeps it when both releases update one document at once', async () => {
    const { stage, writer, write, both } = await prepare();
    const writers = [writer, await stage.writer()];
    const updates = Array.from({ length: 16 }, async (_, n) =>
      writers[n % 2]?.send(
        'POST',
        `/${write}/_update/a?retry_on_conflict=50`,
        { doc: { [`f${n}`]: n } },
        n % 4 < 2 ? NEW : OLD,
      ),
    );
    for (const update of await Promise.all(updates)) expect(update?.status).toBe(200);
    const all = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`f${n}`, n]));
    expect(await both()).toEqual({
      old: { n: 1, price: '7.50', ...all },
      new: { n: 1, price: 7.5, extra: 'E', ...all },
    });
  });
});

describe('an update in the new shape', () => {
  it('keeps what only the old one has, when the old index is second', async () => {
    const { stage, writer, write, both } = await prepare();
    await exchange(stage);
    await writer.send('PUT', `/${write}/_doc/a`, { n: 1, price: '7.50', legacy: 'L' }, OLD);
    expect(await both()).toEqual({
      old: { n: 1, price: '7.50', legacy: 'L' },
      new: { n: 1, price: 7.5 },
    });
    await writer.send('POST', `/${write}/_update/a`, { doc: { n: 2, extra: 'E' } }, NEW);
    await writer.send('POST', `/${write}/_update/a`, { doc: { price: '9.00' } }, OLD);
    expect(await both()).toEqual({
      old: { n: 2, price: '9.00', legacy: 'L' },
      new: { n: 2, price: 9, extra: 'E' },
    });
  });
});
