import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffSchema } from './diff.js';
import { normaliseMappings, normaliseSettings } from './normalise.js';
import { anyMappings, anySettings, ENGINES } from '../../tests/arbitrary/schemas.js';
import type { Change } from './types.js';
import type { JsonObject } from '../json/jsonTypes.js';

const [opensearch, elasticsearch] = ENGINES;

function diff(live: Partial<Sides>, declared: Partial<Sides>): Change[] {
  return diffSchema(
    { mappings: {}, settings: {}, ...live },
    { mappings: {}, settings: {}, ...declared },
    opensearch,
  );
}

interface Sides {
  readonly mappings: JsonObject;
  readonly settings: JsonObject;
}

/** Formats each change as `path needs`, for short tables. */
function short(changes: readonly Change[]): string[] {
  return changes.map(({ path, needs }) => `${path} ${needs}`);
}

describe('diffSchema', () => {
  const anySchema = fc.record({ mappings: anyMappings, settings: anySettings });
  const anyEngine = fc.constantFrom(...ENGINES);

  it('finds no difference but refusals between a schema and itself', () => {
    fc.assert(
      fc.property(anySchema, anyEngine, (schema, engine) => {
        expect(diffSchema(schema, schema, engine).filter(({ needs }) => needs !== 'blocked')).toEqual([]);
      }),
    );
  });

  it('finds no difference between a schema and its normalised form', () => {
    fc.assert(
      fc.property(anySchema, anyEngine, (schema, engine) => {
        const { settings } = schema;
        const mappings = normaliseMappings(schema.mappings, { settings, engine });
        const normalised = { mappings, settings: normaliseSettings(settings) };
        expect(diffSchema(schema, normalised, engine).filter(({ needs }) => needs !== 'blocked')).toEqual([]);
      }),
    );
  });

  it('finds a difference in one direction when there is one in the other, except for fields that documents add', () => {
    fc.assert(
      fc.property(anySchema, anySchema, (a, b) => {
        const strict = ({ mappings, settings }: Sides) => ({
          mappings: { ...mappings, dynamic: 'strict' },
          settings,
        });
        const none = (live: Sides, declared: Sides) =>
          diffSchema(strict(live), strict(declared), elasticsearch).length === 0;
        // Settings that operators change are compared in one direction only.
        const settings = { analysis: { analyzer: { title: { type: 'simple' }, words: { type: 'simple' } } } };
        expect(none({ ...a, settings }, { ...b, settings })).toBe(
          none({ ...b, settings }, { ...a, settings }),
        );
      }),
    );
  });

  it('names the path, the values and the reason of a change', () => {
    const before = { mappings: { properties: { o: { properties: { price: { type: 'keyword' } } } } } };
    const after = { mappings: { properties: { o: { properties: { price: { type: 'double' } } } } } };
    expect(diff(before, after)).toEqual([
      {
        path: 'mappings.properties.o.properties.price.type',
        before: 'keyword',
        after: 'double',
        needs: 'new-version',
        reason:
          'the type of a field decides how its values are indexed and stored, and the engine never changes it',
      },
    ]);
  });

  it('ignores fields that documents may have added under dynamic: true, and no others', () => {
    const live = {
      mappings: {
        properties: {
          text: { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } },
          n: { type: 'long' },
          o: { properties: { f: { type: 'float' }, deep: { properties: { b: { type: 'boolean' } } } } },
          chosen: { type: 'keyword' },
          half: { properties: { f: { type: 'float' }, i: { type: 'integer' } } },
        },
      },
    };
    const removed = ['mappings.properties.chosen new-version', 'mappings.properties.half new-version'];
    expect(short(diff(live, {}))).toEqual(removed);
    expect(short(diff(live, { mappings: { dynamic: false } }))).toHaveLength(6);
  });

  it('takes a field as added by documents when a dynamic template makes it like this', () => {
    const dynamic_templates = [
      { words: { match_mapping_type: 'string', mapping: { type: 'keyword', copy_to: 'all_{name}' } } },
      { numbers: { match: 'n_*', mapping: { type: '{dynamic_type}', index: false } } },
    ];
    const all_w = { type: 'keyword' };
    const declared = { mappings: { dynamic_templates, properties: { all_w } } };
    const added = { w: { type: 'keyword', copy_to: ['all_w'] }, n_1: { type: 'long', index: false } };
    expect(diff({ mappings: { dynamic_templates, properties: { all_w, ...added } } }, declared)).toEqual([]);
    const other = { w: { type: 'keyword', copy_to: ['other'] } };
    expect(diff({ mappings: { dynamic_templates, properties: { all_w, ...other } } }, declared)).toHaveLength(
      1,
    );
  });

  it('uses the nearest dynamic', () => {
    const properties = { o: { dynamic: 'strict', properties: { a: { type: 'long' }, b: { type: 'long' } } } };
    const fewer = { o: { dynamic: 'strict', properties: { a: { type: 'long' } } } };
    expect(short(diff({ mappings: { properties } }, { mappings: { properties: fewer } }))).toEqual([
      'mappings.properties.o.properties.b new-version',
    ]);
  });

  it('ignores settings that operators change while an index is in use, unless they are declared', () => {
    const settings = {
      number_of_replicas: 3,
      'routing.allocation.require.box': 'hot',
      'search.slowlog.level': 'info',
    };
    expect(diff({ settings }, {})).toEqual([]);
    expect(short(diff({ settings }, { settings: { number_of_replicas: 1 } }))).toEqual([
      'settings.number_of_replicas in-place',
    ]);
  });

  it('compares a setting that is left out with its default', () => {
    expect(diff({ settings: { max_result_window: 10_000, number_of_shards: 1 } }, {})).toEqual([]);
    expect(diff({ settings: { max_result_window: 20_000 } }, {})[0]).toMatchObject({
      before: '20000',
      after: '10000',
    });
  });

  it('requires a new version when a component that produces the terms of a field changes, and names the field', () => {
    const mappings = { properties: { o: { properties: { t: { type: 'text', analyzer: 'mine' } } } } };
    const settings = (words: string[]) => ({
      analysis: {
        analyzer: { mine: { tokenizer: 'standard', filter: ['some'] } },
        filter: {
          some: { type: 'multiplexer', filters: ['lowercase', 'words'] },
          words: { type: 'stop', stopwords: words },
        },
      },
    });
    const [change, ...others] = diff(
      { mappings, settings: settings(['a']) },
      { mappings, settings: settings(['b']) },
    );
    expect(others).toEqual([]);
    expect(change).toMatchObject({ path: 'settings.analysis.filter.words', needs: 'new-version' });
    expect(change?.reason).toContain('it produces the terms of o.t:');
  });

  it('shows a refusal in place of its change', () => {
    const declared = {
      mappings: { properties: { t: { type: 'text', analyzer: 'mine' }, x: { type: 'keywrod' } } },
    };
    expect(diff({}, declared).map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'mappings.properties.t.analyzer: there is no analyzer mine; define it in settings.analysis.analyzer.mine',
      'mappings.properties.x.type: OpenSearch 3.8.0 has no field type keywrod; did you mean keyword?',
    ]);
  });

  it('trusts names that the live index uses without defining them', () => {
    const mappings = {
      properties: { t: { type: 'text', analyzer: 'from_a_plugin' }, u: { type: 'from_a_plugin' } },
    };
    const more = { properties: { ...mappings.properties, v: { type: 'from_a_plugin' } } };
    expect(short(diff({ mappings }, { mappings: more }))).toEqual(['mappings.properties.v in-place']);
  });
});
