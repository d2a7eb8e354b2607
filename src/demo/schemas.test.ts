import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { productOf } from './catalogue.js';
import { documentOf, down, up } from './schemas.js';

describe('the two versions of the catalogue', () => {
  it('are converted into each other by up and down, for every product and without loss', () => {
    for (let n = 0; n < 3_000; n++) {
      const product = productOf(n);
      expect(up(documentOf(product, 1))).toEqual(documentOf(product, 2));
      expect(down(documentOf(product, 2))).toEqual(documentOf(product, 1));
    }
  });

  it('keep every cent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (cents) => {
        const product = { money: { cents, currency: 'EUR' }, fields: {} };
        expect(up(documentOf(product, 1))).toEqual(documentOf(product, 2));
        expect(down(documentOf(product, 2))).toEqual(documentOf(product, 1));
      }),
    );
  });

  it('refuse a price that is not like "12,50 EUR"', () => {
    expect(() => up({ price: '12.50 EUR' })).toThrow('price "12.50 EUR" is not like "12,50 EUR"');
  });
});
