import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json/jsonTypes.js';
import { copyTargetFindings } from './copyTargets.js';

const levels = (mappings: JsonObject, live: JsonObject = {}) =>
  copyTargetFindings('shop-v2', mappings, live).map(({ level }) => level);

const copyTo = (copy_to: string | string[]): JsonObject => ({ type: 'keyword', copy_to });

// measured on OpenSearch 3.8 and Elasticsearch 9.2: they accept the mapping, then refuse documents with the
// field
describe('a copy into a field that cannot take it blocks', () => {
  it.each<[string, JsonObject, string]>([
    [
      'missing where dynamic is strict',
      { dynamic: 'strict', properties: { a: copyTo('all') } },
      'mappings.properties.a names all',
    ],
    [
      'one of several',
      { dynamic: 'strict', properties: { a: copyTo(['b', 'all']), b: { type: 'text' } } },
      'names all',
    ],
    [
      'missing in a strict object',
      {
        properties: { a: copyTo('o.all'), o: { dynamic: 'strict', properties: { b: { type: 'long' } } } },
      },
      'names o.all',
    ],
    ['with its object', { dynamic: 'strict', properties: { a: copyTo('o.all') } }, 'names o.all'],
    [
      'from an open object to the strict root',
      { dynamic: 'strict', properties: { o: { dynamic: 'true', properties: { a: copyTo('all') } } } },
      'mappings.properties.o.properties.a names all',
    ],
    [
      'without a template that allows it',
      { dynamic: 'strict_allow_templates', properties: { a: copyTo('all') } },
      'dynamic is strict_allow_templates',
    ],
    [
      'from a template',
      {
        dynamic: 'strict',
        dynamic_templates: [{ words: { match: '*', mapping: copyTo('all') } }],
        properties: { o: { type: 'object', dynamic: 'true' } },
      },
      'mappings.dynamic_templates.words names all',
    ],
    [
      'where objects are not expanded',
      {
        dynamic: 'strict',
        subobjects: false,
        properties: { a: copyTo('o.all'), 'o.b': { type: 'long' } },
      },
      'names o.all',
    ],
    [
      'an alias',
      { properties: { a: copyTo('other'), b: { type: 'text' }, other: { type: 'alias', path: 'b' } } },
      'an alias of b: shop-v2 would refuse every document that has the copied field. Name b instead',
    ],
  ])('%s', (_title, mappings, text) => {
    const [finding] = copyTargetFindings('shop-v2', mappings, {});
    expect(finding).toMatchObject({ level: 'block' });
    expect(finding?.message).toContain(text);
  });
});

describe('others are left to the engine', () => {
  it.each<[string, JsonObject]>([
    ['a field', { dynamic: 'strict', properties: { a: copyTo('b'), b: { type: 'text' } } }],
    ['missing where dynamic adds it', { properties: { a: copyTo('all') } }],
    ['missing where dynamic ignores it', { dynamic: 'false', properties: { a: copyTo('all') } }],
    [
      'a runtime field',
      { dynamic: 'strict', runtime: { all: { type: 'keyword' } }, properties: { a: copyTo('all') } },
    ],
    [
      'from a strict object to an open root',
      { properties: { o: { dynamic: 'strict', properties: { a: copyTo('all') } } } },
    ],
    [
      'into an open object of a strict root',
      { dynamic: 'strict', properties: { a: copyTo('o.all'), o: { type: 'object', dynamic: 'true' } } },
    ],
    [
      'below a field that takes any',
      { dynamic: 'strict', properties: { a: copyTo('f.z'), f: { type: 'flattened' } } },
    ],
    [
      'a name that depends on the field',
      { dynamic: 'strict', dynamic_templates: [{ words: { mapping: copyTo('all_{name}') } }] },
    ],
    [
      'where a template may allow it',
      {
        dynamic: 'strict_allow_templates',
        dynamic_templates: [{ words: { match: 'all', mapping: { type: 'text' } } }],
        properties: { a: copyTo('all') },
      },
    ],
  ])('%s', (_title, mappings) => {
    expect(levels(mappings)).toEqual([]);
  });
});

it('what the live index refuses as well is a warning', () => {
  const mappings = { dynamic: 'strict', properties: { a: copyTo('all') } };
  expect(levels(mappings, mappings)).toEqual(['warn']);
  expect(levels(mappings, { ...mappings, dynamic: 'false' })).toEqual(['block']);
});
