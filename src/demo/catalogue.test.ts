import { describe, expect, it } from 'vitest';
import { keyOf, productOf } from './catalogue.js';
import { printExactJson } from './demoJson.js';

const PRODUCTS = Array.from({ length: 2_000 }, (_, n) => n);

describe('the generated catalogue', () => {
  it('is the same every time', () => {
    expect(productOf(123)).toEqual(productOf(123));
    expect(keyOf(123)).toEqual(keyOf(123));
  });

  it('has no id twice, and none beyond the 512 bytes that an engine takes', () => {
    const ids = PRODUCTS.map((n) => keyOf(n).id);
    expect(new Set(ids).size).toBe(ids.length);
    const longest = Math.max(...ids.map((id) => Buffer.byteLength(id)));
    expect(longest).toBe(512);
  });

  it('has the awkward products: no price, null price, custom routing, large integers, megabytes of text', () => {
    const products = PRODUCTS.map(productOf);
    expect(products.some(({ money }) => money === undefined)).toBe(true);
    expect(products.some(({ money }) => money === null)).toBe(true);
    expect(products.some(({ fields }) => typeof fields['sold'] === 'bigint')).toBe(true);
    expect(products.some(({ fields }) => fields['attributes'] !== undefined)).toBe(true);
    expect(PRODUCTS.some((n) => keyOf(n).routing?.includes('店'))).toBe(true);
    const large = products.filter((product) => printExactJson(product.fields).length > 1 << 20);
    expect(large).toHaveLength(5);
  });
});
