import { describe, expect, it } from 'vitest';
import type { Hit } from '../../documents/hits.js';
import { asTheyAre, reshapeWith } from '../../protocol/reshape.js';
import { Misfits } from './misfits.js';

const up = reshapeWith((doc) => ({ ...doc, price: Number(doc['price']) }));
const down = reshapeWith(({ extra: _extra, ...doc }) => ({ ...doc, price: Number(doc['price']).toFixed(2) }));

async function misfitsOf(documents: readonly object[], way = { reshape: up, reshapeBack: down }) {
  const misfits = new Misfits(way);
  for (const [n, document] of documents.entries()) {
    const source = Buffer.from(JSON.stringify(document));
    const hit: Hit = { id: `${n}`, routing: undefined, seqNo: n, term: 1, version: undefined, source };
    await misfits.check(hit, await way.reshape(source, { id: hit.id, routing: undefined }));
  }
  return misfits.found();
}

const many = (count: number, document: object): object[] => Array.from({ length: count }, () => document);

describe('a document that does not have the shape of its index', () => {
  it('is found by the type that the transforms give back', async () => {
    expect(await misfitsOf([...many(9, { price: '0.50' }), { price: 0.5 }])).toEqual([
      { id: '9', routing: null, fields: ['price: number, where most have string'] },
    ]);
    const back = { reshape: down, reshapeBack: up };
    expect(await misfitsOf([...many(9, { price: 0.5 }), { price: '0.50' }], back)).toEqual([
      { id: '9', routing: null, fields: ['price: string, where most have number'] },
    ]);
  });

  it('is not one with legal fields: another notation, null, lists, and fields for which one shape has no place', async () => {
    const legal = [
      { price: '0.5' },
      { price: null },
      { price: ['1.00'] },
      { price: '1', legacy: 5, extra: 'E' },
    ];
    expect(await misfitsOf([...many(20, { price: '0.50' }), ...legal])).toEqual([]);
  });

  it('is not reported where both types are common', async () => {
    expect(await misfitsOf([...many(10, { price: '0.50' }), ...many(10, { price: 0.5 })])).toEqual([]);
    expect(await misfitsOf(many(5, { price: 0.5 }))).toEqual([]);
  });

  it('is not searched for where documents stay as they are', async () => {
    expect(await misfitsOf([{ n: 1 }], { reshape: asTheyAre, reshapeBack: asTheyAre })).toEqual([]);
  });
});
