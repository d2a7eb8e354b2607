import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyMappings, ENGINES } from '../../tests/arbitrary/schemas.js';
import { diffSchema } from './diff.js';
import { normaliseMappings } from './normaliseMappings.js';
import { objectAt } from '../json/plain.js';
import type { JsonObject } from '../json/jsonTypes.js';
import { type Declaration, withUndeclared } from './undeclared.js';

const [opensearch, elasticsearch] = ENGINES;
const none: JsonObject = {};

interface Sides {
  readonly live?: Partial<Declaration>;
  readonly declared?: Partial<Declaration>;
  readonly betweenClusters?: boolean;
}

const merge = ({ live, declared, betweenClusters = false }: Sides, engine = opensearch) =>
  withUndeclared(
    { mappings: none, settings: none, ...live },
    { mappings: none, settings: none, ...declared },
    { engine, betweenClusters },
  );

const fields = (properties: JsonObject): Partial<Declaration> => ({ mappings: { properties } });
const settings = (of: JsonObject): Partial<Declaration> => ({ settings: of });

/** A mapping as an engine returns it: nested, without dots in names. */
const asLive = ({ subobjects: _subobjects, ...mappings }: JsonObject) => ({
  mappings: normaliseMappings(mappings),
  settings: none,
});

describe('fields', () => {
  it('are kept beside those that are declared, wherever these are written', () => {
    const live = fields({
      a: { properties: { b: { type: 'keyword' }, c: { type: 'double' } } },
      n: { type: 'nested', properties: { x: { type: 'long' }, y: { type: 'ip' } } },
      t: { type: 'text', fields: { raw: { type: 'keyword' } } },
    });
    const declared = fields({
      'a.b': { type: 'text' },
      n: { type: 'nested', properties: { x: { type: 'integer' } } },
      t: { type: 'text' },
    });
    const { schema, kept } = merge({ live, declared });
    expect(schema.mappings['properties']).toEqual({
      'a.b': { type: 'text' },
      'a.c': { type: 'double' },
      n: { type: 'nested', properties: { x: { type: 'integer' }, y: { type: 'ip' } } },
      t: { type: 'text', fields: { raw: { type: 'keyword' } } },
    });
    expect(kept.fields.map(({ name }) => name)).toEqual(['a.c', 'n.y', 't.raw']);
  });

  it('of the name __proto__ are fields', () => {
    const live = fields(JSON.parse('{"__proto__":{"type":"long"}}') as JsonObject);
    const { schema } = merge({ live, declared: fields({ a: { type: 'long' } }) });
    expect(Object.keys(schema.mappings['properties'] as object)).toEqual(['a', '__proto__']);
  });

  it('with dots in their names are shown as lost inside of a declared leaf, unless subobjects is false', () => {
    const live = {
      mappings: {
        subobjects: false,
        properties: { a: { type: 'keyword' }, 'a.b': { type: 'long' }, c: { type: 'long' } },
      },
    };
    const nested = fields({ a: { type: 'keyword' } });
    const flat = { mappings: { ...nested.mappings, subobjects: false } };
    const asObjects = merge({ live, declared: nested }, elasticsearch);
    expect(asObjects.kept.fields.map(({ name }) => name)).toEqual(['c']);
    expect(asObjects.dropped.map(({ path }) => path)).toEqual(['mappings.properties.a.b']);
    const asNames = merge({ live, declared: flat }, elasticsearch);
    expect(asNames.kept.fields.map(({ name }) => name)).toEqual(['a.b', 'c']);
    expect(asNames.dropped).toEqual([]);
  });

  it('are kept beside a declared leaf in an object with subobjects: false', () => {
    const inO = (properties: JsonObject) => fields({ o: { type: 'object', subobjects: false, properties } });
    const { kept } = merge(
      {
        live: inO({ a: { type: 'keyword' }, 'a.b': { type: 'long' } }),
        declared: inO({ a: { type: 'keyword' } }),
      },
      elasticsearch,
    );
    expect(kept.fields.map(({ name }) => name)).toEqual(['o.a.b']);
  });

  it('in an object that is no longer parsed are shown as lost', () => {
    const live = fields({ o: { properties: { a: { type: 'long' } } } });
    const { kept, dropped } = merge({ live, declared: fields({ o: { type: 'object', enabled: false } }) });
    expect(kept.fields).toEqual([]);
    expect(dropped.map(({ path }) => path)).toEqual(['mappings.properties.o.properties.a']);
  });

  it.each([
    ['true', 'maps it again'],
    ['strict', 'refuses documents with this field'],
    ['false', "can't search it"],
    ['runtime', 'makes a runtime field'],
  ])('that are left to dynamic %s: %s', (dynamic, reason) => {
    const declared = { undeclaredFields: 'dynamic', mappings: { dynamic } } as const;
    const { schema, kept, dropped } = merge({ live: fields({ price: { type: 'double' } }), declared });
    expect({ schema: schema.mappings, kept: kept.fields }).toEqual({ schema: { dynamic }, kept: [] });
    expect(dropped).toMatchObject([{ path: 'mappings.properties.price', before: { type: 'double' } }]);
    expect(dropped[0]?.reason).toContain(reason);
  });

  it('bring the analysis that they need, and nothing else of it', () => {
    const live = {
      ...fields({ body: { type: 'text', analyzer: 'words', similarity: 'mine' } }),
      ...settings({
        analysis: {
          analyzer: { words: { tokenizer: 'whitespace', filter: ['few'] }, other: { tokenizer: 'keyword' } },
          filter: { few: { type: 'stop', stopwords: ['a, b'] } },
        },
        similarity: { mine: { type: 'BM25', b: '0.3' } },
      }),
    };
    expect(merge({ live }).schema.settings).toEqual({
      'index.analysis.analyzer.words.tokenizer': 'whitespace',
      'index.analysis.analyzer.words.filter': ['few'],
      'index.analysis.filter.few.type': 'stop',
      'index.analysis.filter.few.stopwords': ['a, b'],
      'index.similarity.mine.type': 'BM25',
      'index.similarity.mine.b': '0.3',
    });
  });

  it('leave no difference to the live mapping, whatever is declared, but what is declared', () => {
    fc.assert(
      fc.property(anyMappings, fc.constantFrom(...ENGINES), (mappings, engine) => {
        const live = asLive(mappings);
        const declared = { mappings: { ...live.mappings, properties: {} }, settings: none };
        const { schema } = withUndeclared(live, declared, { engine });
        expect(diffSchema(live, schema, engine, { taken: true })).toEqual([]);
      }),
    );
  });

  it('are found once: the merged schema has all of them', () => {
    fc.assert(
      fc.property(anyMappings, anyMappings, fc.constantFrom(...ENGINES), (mappings, file, engine) => {
        const { subobjects: _subobjects, ...declared } = file;
        fc.pre(!declaresTwice(declared));
        const live = asLive(mappings);
        const { schema } = withUndeclared(live, { mappings: declared, settings: none }, { engine });
        expect(withUndeclared(live, schema, { engine }).kept.fields).toEqual([]);
      }),
    );
  });
});

/** True if a field is declared both as `a.b` and as `b` in an object `a`, which is ambiguous. */
function declaresTwice(within: JsonObject): boolean {
  const properties = objectAt(within['properties']);
  const names = Object.keys(properties);
  return (
    names.some((name) => names.some((other) => other.startsWith(`${name}.`))) ||
    Object.values(properties).some((field) => declaresTwice(objectAt(field)))
  );
}

describe('settings', () => {
  const live = settings({
    index: {
      number_of_replicas: '2',
      priority: '7',
      refresh_interval: '9s',
      uuid: 'u',
      lifecycle: { name: 'shop' },
      routing: { allocation: { require: { box: 'hot' } } },
      mapping: { total_fields: { limit: '5000' } },
    },
  });

  it('that operators change are kept, by their full names; others are left to the comparison', () => {
    const { kept, dropped } = merge({ live });
    expect(kept.settings).toEqual({
      'index.number_of_replicas': '2',
      'index.priority': '7',
      'index.routing.allocation.require.box': 'hot',
      'index.mapping.total_fields.limit': '5000',
    });
    expect(dropped.map(({ path }) => path)).toEqual(['settings.lifecycle.name']);
  });

  it('that are declared, or given up with null, are as the file says', () => {
    const { schema } = merge({ live, declared: settings({ number_of_replicas: 0, 'index.priority': null }) });
    expect(schema.settings).toMatchObject({ 'index.number_of_replicas': 0, 'index.priority': null });
  });

  it('that name nodes do not leave their cluster', () => {
    const { kept, dropped } = merge({ live, betweenClusters: true });
    expect(kept.settings).not.toHaveProperty(['index.routing.allocation.require.box']);
    expect(dropped.map(({ path }) => path)).toContain('settings.routing.allocation.require.box');
  });

  it.each([
    [{ number_of_shards: '4', number_of_routing_shards: '16' }, { number_of_shards: 4 }, 'kept'],
    [{ number_of_shards: '4', number_of_routing_shards: '16' }, { number_of_shards: 2 }, 'dropped'],
    [{ auto_expand_replicas: '0-1', number_of_replicas: '0' }, {}, 'kept'],
    [{ auto_expand_replicas: '0-1', number_of_replicas: '0' }, { number_of_replicas: 2 }, 'dropped'],
  ])('%j beside %j: %s', (of, declared, outcome) => {
    const { kept, dropped } = merge({ live: settings(of), declared: settings(declared) });
    expect([Object.keys(kept.settings).length, dropped.length]).toEqual(outcome === 'kept' ? [1, 0] : [0, 1]);
  });
});
