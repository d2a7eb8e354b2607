import { assert, dictionary, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeDocument } from './mergeDocument.js';

describe('mergeDocument', () => {
  it('merges objects and replaces everything else, as the engine does', () => {
    const document = { a: 1, b: { c: [1, 2], d: 'x' }, e: null };
    const partial = { b: { c: [3], f: null }, e: { g: 1 }, h: 2 };
    expect(mergeDocument(document, partial)).toEqual({
      merged: { a: 1, b: { c: [3], d: 'x', f: null }, e: { g: 1 }, h: 2 },
      changed: true,
    });
  });

  it('says when there is nothing to change', () => {
    const document = { a: [1, { b: 2 }], c: { d: null } };
    expect(mergeDocument(document, { a: [1, { b: 2 }], c: { d: null } }).changed).toBe(false);
    expect(mergeDocument(document, {}).changed).toBe(false);
    expect(mergeDocument(document, { c: {} }).changed).toBe(false);
    expect(mergeDocument(document, { e: null }).changed).toBe(true);
    expect(mergeDocument(document, { a: [1] }).changed).toBe(true);
    expect(mergeDocument(document, { c: 1 }).changed).toBe(true);
  });

  it('keeps digits, and does not mistake a key for the prototype', () => {
    const partial = JSON.parse('{"__proto__":{"a":1},"constructor":2}') as Record<string, unknown>;
    const { merged } = mergeDocument({ n: 9007199254740993n }, partial);
    expect(Object.keys(merged).sort()).toEqual(['__proto__', 'constructor', 'n']);
    expect(merged['n']).toBe(9007199254740993n);
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });

  it('changes nothing the second time, and does not change its arguments', () => {
    const json = dictionary(string(), jsonValue({ maxDepth: 3 }));
    assert(
      property(json, json, (document, partial) => {
        const [before, given] = [JSON.stringify(document), JSON.stringify(partial)];
        const { merged } = mergeDocument(document, partial);
        expect(mergeDocument(merged, partial).changed).toBe(false);
        expect([JSON.stringify(document), JSON.stringify(partial)]).toEqual([before, given]);
      }),
    );
  });
});
