// Writers of two releases at once, each in its own shape.
import { describe, expect, it } from 'vitest';
import { stampOf } from '../../../src/protocol/stamp.js';
import { reshapeWith } from '../../../src/protocol/reshape.js';
import { transformChain } from '../../../src/schema/chain.js';
import { testCluster } from '../engine.js';
import { Stage, type StageOptions } from './stage.js';

/** `price` was a text; version 2 has a number, and a currency that version 1 has no place for. */
const PRICES = {
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number(doc['price']), currency: 'EUR' }),
      down: ({ currency: _currency, ...doc }) => ({ ...doc, price: String(doc['price']) }),
    },
  },
} satisfies StageOptions;

const NEW = { 'x-twindex-version': '2' };

describe('writes of two shapes', () => {
  it('reach each index in its own', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/old`, { price: '5' });
    await writer.send('PUT', `/${write}/_doc/new`, { price: 7, currency: 'CHF' }, NEW);
    const { items } = await writer.bulk('/_bulk', [
      { index: { _index: stage.target, _id: 'byName' } },
      { price: 8, currency: 'USD' },
      { create: { _index: stage.source, _id: 'oldByName' } },
      { price: '9' },
    ]);
    expect(items.map(({ status }) => status)).toEqual([201, 201]);
    expect(await stage.documents(stage.source)).toEqual({
      old: { price: '5' },
      new: { price: '7' },
      byName: { price: '8' },
      oldByName: { price: '9' },
    });
    expect(await stage.documents(stage.target)).toEqual({
      old: { price: 5, currency: 'EUR' },
      new: { price: 7, currency: 'CHF' },
      byName: { price: 8, currency: 'USD' },
      oldByName: { price: 9, currency: 'EUR' },
    });
    const { shapes } = writer.mirror.metrics().indexes[stage.name] as { shapes: Record<string, string> };
    expect(Object.keys(shapes).sort()).toEqual(['1', '2']);
  });

  it('are not made poorer by following', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    const put = await writer.send('PUT', `/${write}/_doc/a`, { price: 7, currency: 'CHF' }, NEW);
    const up = transformChain(stage.definition, 1, 2);
    await stage.follow(up && reshapeWith(up));
    const { _version, _source } = await stage.get(stage.target, 'a');
    expect(_source).toEqual({ price: 7, currency: 'CHF' });
    expect(_version).toBe(Number(stampOf(1, put.json._primary_term, put.json._seq_no) + 1n));
  });

  it('merge partial updates in the shape that they are in', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { price: '5', name: 'x' });
    const first = await writer.send('POST', `/${write}/_update/a`, { doc: { currency: 'CHF' } }, NEW);
    expect(first.json).toMatchObject({ result: 'updated', _id: 'a', _index: stage.source });
    expect((await stage.get(stage.target, 'a'))._source).toEqual({ price: 5, name: 'x', currency: 'CHF' });
    // what only the new index holds is kept
    const second = await writer.send('POST', `/${write}/_update/a?_source=true`, { doc: { price: 6 } }, NEW);
    expect(second.json.get._source).toEqual({ price: 6, name: 'x', currency: 'CHF' });
    expect((await stage.get(stage.source, 'a'))._source).toEqual({ price: '6', name: 'x' });
    const noop = await writer.send('POST', `/${write}/_update/a`, { doc: { price: 6 } }, NEW);
    expect(noop.json).toMatchObject({ result: 'noop', _seq_no: second.json._seq_no });
    const missing = await writer.send('POST', `/${write}/_update/none`, { doc: { price: 6 } }, NEW);
    expect(missing.status).toBe(404);
    expect(missing.json.error.type).toBe('document_missing_exception');
    const upsert = await writer.send(
      'POST',
      `/${write}/_update/b`,
      { doc: { price: 6 }, doc_as_upsert: true },
      NEW,
    );
    expect(upsert.json).toMatchObject({ result: 'created' });
    expect((await stage.get(stage.source, 'b'))._source).toEqual({ price: '6' });
    expect((await stage.get(stage.target, 'b'))._source).toEqual({ price: 6 });
  });

  it('merge them in a bulk, in its order', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    const { items, json } = await writer.bulk(
      `/${write}/_bulk`,
      [
        { index: { _id: 'a' } },
        { price: 1, currency: 'CHF' },
        { update: { _id: 'a' } },
        { doc: { price: 2 } },
        { update: { _id: 'b' } },
        { doc: { price: 3 } },
        { index: { _id: 'c' } },
        { price: 4 },
        { delete: { _id: 'a' } },
      ],
      NEW,
    );
    expect(json.items.map((item) => Object.keys(item)[0])).toEqual([
      'index',
      'update',
      'update',
      'index',
      'delete',
    ]);
    expect(items.map(({ status }) => status)).toEqual([201, 200, 404, 201, 200]);
    expect(items[1]).toMatchObject({ _id: 'a', result: 'updated' });
    expect(await stage.documents(stage.target)).toEqual({ c: { price: 4 } });
    expect(await stage.documents(stage.source)).toEqual({ c: { price: '4' } });
  });

  it('lose nothing when many update one document at once', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writers = [await stage.writer(), await stage.writer()];
    const { write } = stage.definition.aliases;
    await writers[0]?.send('PUT', `/${write}/_doc/a`, { price: '0' });
    const updates = Array.from({ length: 16 }, async (_, n) =>
      writers[n % 2]?.send(
        'POST',
        `/${write}/_update/a?retry_on_conflict=50`,
        { doc: { [`f${n}`]: n } },
        n % 4 < 2 ? NEW : {},
      ),
    );
    for (const update of await Promise.all(updates)) expect(update?.status).toBe(200);
    const all = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`f${n}`, n]));
    expect((await stage.get(stage.source, 'a'))._source).toEqual({ price: '0', ...all });
    expect((await stage.get(stage.target, 'a'))._source).toEqual({ price: 0, currency: 'EUR', ...all });
  });

  it('are refused where they can have no form on the leader', async () => {
    const stage = await Stage.set(await testCluster(), {
      migrations: {
        2: {
          up: (doc) => doc,
          down: (doc) => {
            if (doc['bad'] === 'throws') throw new Error('no such thing');
            return doc['bad'] === 'drops' ? null : doc;
          },
        },
      },
    });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    for (const bad of ['throws', 'drops']) {
      const put = await writer.send('PUT', `/${write}/_doc/a`, { bad }, NEW);
      expect(put.status).toBe(400);
      expect(put.json.error.root_cause).toHaveLength(1);
    }
    const script = await writer.send('POST', `/${write}/_update/a`, { script: 'ctx.op = "delete"' }, NEW);
    expect(script.status).toBe(400);
    const { items } = await writer.bulk(
      `/${write}/_bulk`,
      [{ index: { _id: 'a' } }, { bad: 'drops' }, { index: { _id: 'b' } }, { n: 1 }],
      NEW,
    );
    expect(items.map(({ status }) => status)).toEqual([400, 201]);
    const unknown = await writer.send('PUT', `/${write}/_doc/a`, { n: 1 }, { 'x-twindex-version': '3' });
    expect(unknown.status).toBe(400);
    expect(await stage.documents(stage.source)).toEqual({ b: { n: 1 } });
  });
});
