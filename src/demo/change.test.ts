import { describe, expect, it } from 'vitest';
import type { Product } from './catalogue.js';
import { applyChange } from './change.js';

const product: Product = {
  money: { cents: 1250, currency: 'EUR' },
  fields: { stock: 10, tags: ['red', 'blue'], dimensions: { widthMm: 1, weightKg: 2 } },
};

describe('the result of a change to a product', () => {
  it('merges the objects of a partial update and replaces everything else', () => {
    const fields = { tags: [], dimensions: { widthMm: 5, depthMm: null } };
    expect(applyChange(product, { kind: 'update', fields })).toEqual({
      money: product.money,
      fields: { stock: 10, tags: [], dimensions: { widthMm: 5, weightKg: 2, depthMm: null } },
    });
  });

  it('replaces the price by a partial update that has one', () => {
    const money = { cents: 5, currency: 'CHF' };
    expect(applyChange(product, { kind: 'update', fields: {}, money })?.money).toEqual(money);
  });

  it('reduces the stock when something is sold', () => {
    expect(applyChange(product, { kind: 'sell', pieces: 10 })?.fields['stock']).toBe(0);
  });

  it('deletes the product when more is sold than there is', () => {
    expect(applyChange(product, { kind: 'sell', pieces: 11 })).toBeNull();
  });
});
