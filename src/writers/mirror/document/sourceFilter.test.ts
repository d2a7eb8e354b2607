import { describe, expect, it } from 'vitest';
import { filterSource, sourceFilterOf } from './sourceFilter.js';

/** The expected values are answers of OpenSearch and Elasticsearch. */
const DOCUMENT =
  '{"zz":1,"a":1,"z":{"e":{},"q":1},"m":[{"b":1,"c":2},3,[{"b":4}]],"n":[],"x.y":{"w":5},"b":1}';

describe('filterSource', () => {
  it.each([
    [['z'], [], { z: { e: {}, q: 1 } }],
    [['z.e'], [], { z: { e: {} } }],
    [['z.*'], [], { z: { e: {}, q: 1 } }],
    [['m'], [], { m: [{ b: 1, c: 2 }, 3, [{ b: 4 }]] }],
    [['m.b'], [], { m: [{ b: 1 }, [{ b: 4 }]] }],
    [['*b'], [], { b: 1, m: [{ b: 1 }, [{ b: 4 }]] }],
    [['q'], [], {}],
    [['*.q'], [], { z: { q: 1 } }],
    [['z', 'b'], [], { b: 1, z: { e: {}, q: 1 } }],
    [['n'], [], { n: [] }],
    [['x'], [], { 'x.y': { w: 5 } }],
    [['x.y'], [], { 'x.y': { w: 5 } }],
    [['x.y.w'], [], { 'x.y': { w: 5 } }],
    [['z*'], [], { zz: 1, z: { e: {}, q: 1 } }],
    [['none'], [], {}],
    [[], ['z.q', 'm.b'], { zz: 1, a: 1, 'x.y': { w: 5 }, b: 1, z: { e: {} }, m: [{ c: 2 }, 3], n: [] }],
    [[], ['z.*'], { zz: 1, a: 1, 'x.y': { w: 5 }, b: 1, z: {}, m: [{ b: 1, c: 2 }, 3, [{ b: 4 }]], n: [] }],
    [['z', 'm'], ['m.c', 'z.e'], { z: { q: 1 }, m: [{ b: 1 }, 3, [{ b: 4 }]] }],
  ])('leaves of a document, with %j and without %j, what the engines leave', (includes, excludes, left) => {
    const filtered = filterSource(Buffer.from(DOCUMENT), { includes, excludes });
    expect(JSON.parse(filtered.toString())).toEqual(left);
  });

  it('keeps the bytes without a filter, and the digits with one', () => {
    const document = Buffer.from('{ "n" : 9007199254740993, "m":1.50 }');
    expect(filterSource(document, { includes: [], excludes: [] })).toBe(document);
    expect(filterSource(document, { includes: ['n'], excludes: [] }).toString()).toBe(
      '{"n":9007199254740993}',
    );
  });
});

describe('sourceFilterOf', () => {
  const all = { includes: [], excludes: [] };
  const only = (...includes: string[]) => ({ includes, excludes: [] });

  it.each([
    [{}, '{}', undefined, undefined],
    [{ _source: 'true' }, '{}', all, all],
    [{ _source: '' }, '{}', all, all],
    [{ _source: 'false', _source_includes: 'z' }, '{}', undefined, undefined],
    [{ _source: 'a,b' }, '{}', only('a', 'b'), only('a', 'b')],
    [{ _source: '["a,b"]' }, '{}', only('a,b'), only('a,b')],
    [{ _source: 'a' }, '{"_source":["m"]}', only('m'), only('a')],
    [{ _source: 'a' }, '{"_source":false}', undefined, only('a')],
    [{}, '{"_source":"m,a"}', only('m,a'), only('m,a')],
    [{ _source: 'true', _source_excludes: 'z' }, '{}', { includes: [], excludes: ['z'] }, expect.anything()],
    [{ _source: 'a', _source_includes: 'b' }, '{}', only('b'), only('b')],
    [
      {},
      '{"_source":{"includes":["z"],"excludes":"e"}}',
      { includes: ['z'], excludes: ['e'] },
      expect.anything(),
    ],
    [{}, '{"_source":{"include":"z"}}', only('z'), only('z')],
  ])('takes %j and %s, alone for %j, in a bulk for %j', (params, body, alone, inBulk) => {
    const write = { params: params as Record<string, string>, body: Buffer.from(body) };
    expect(sourceFilterOf(write, false)).toEqual(alone);
    expect(sourceFilterOf(write, true)).toEqual(inBulk);
  });
});
