// Compiled, never run: `mappings` and `settings` of an index file take what an engine knows, and nothing else.
import { defineIndex, exact, type Field, type Mappings, type Settings, unchecked } from 'twindex';

const index = { name: 'books', version: 1 } as const;

export const fields = defineIndex({
  ...index,
  mappings: {
    dynamic: 'strict',
    date_detection: false,
    dynamic_templates: [{ texts: { match_mapping_type: 'string', mapping: { type: '{dynamic_type}' } } }],
    runtime: { day: { type: 'keyword', script: 'emit("x")' } },
    _source: { excludes: ['secret'] },
    _routing: { required: true },
    _meta: { owner: 9007199254740993n, version: exact('1.0') },
    properties: {
      title: {
        type: 'text',
        analyzer: 'english',
        copy_to: ['all'],
        fields: { raw: { type: 'keyword', ignore_above: 256 } },
      },
      price: { type: 'scaled_float', scaling_factor: 100, null_value: 0n },
      author: { dynamic: false, properties: { name: { type: 'keyword', normalizer: 'lowercase' } } },
      reviews: { type: 'nested', properties: { stars: { type: 'byte' } } },
      vector: { type: 'dense_vector', dims: 3, similarity: 'dot_product', index_options: { type: 'hnsw' } },
      knn: { type: 'knn_vector', dimension: 3, method: { name: 'hnsw', engine: 'lucene' } },
      parts: { type: 'join', relations: { book: ['part', 'cover'] } },
      isbn: { type: 'alias', path: 'id' },
      colour: unchecked({ type: 'colour', space: 'lab' }),
      'a.b': { type: 'date', format: 'epoch_millis', meta: { unit: 'ms' } },
    },
  },
});

export const settings = defineIndex({
  ...index,
  settings: {
    number_of_shards: 3,
    refresh_interval: '5s',
    hidden: null,
    'index.codec': 'best_compression',
    'mapping.total_fields': { limit: 2000 },
    'search.slowlog.threshold.query.warn': '2s',
    search: { slowlog: { threshold: { query: { info: '1s' } } }, idle: { after: '30s' } },
    index: { sort: { field: ['a', 'b'] }, 'translog.durability': 'async' },
    analysis: {
      analyzer: { title: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } },
      'filter.short': { type: 'length', max: 3 },
    },
    similarity: { own: { type: 'BM25', b: 0.5 } },
  },
});

/** Parts of a file can be written apart from it. */
export const field: Field = { type: 'keyword', doc_values: false };
export const mappings: Mappings = { properties: { field } };
export const settingsApart: Settings = { 'index.number_of_replicas': 1 };
export const put = defineIndex({ ...index, mappings, settings: settingsApart });

/** All of it can be passed on unchecked: a mapping that a program builds. */
export const built = defineIndex({
  ...index,
  mappings: unchecked(JSON.parse('{}') as object),
  settings: unchecked({ 'my_plugin.level': 3 }),
});

// @ts-expect-error no field type of either engine
export const type: Field = { type: 'txt' };
// @ts-expect-error a misspelt parameter
export const misspelt: Field = { type: 'text', analyser: 'english' };
// @ts-expect-error a parameter of another type
export const foreign: Field = { type: 'keyword', scaling_factor: 100 };
// @ts-expect-error a value of another kind
export const kind: Field = { type: 'keyword', ignore_above: '256' };
// @ts-expect-error none of the values
export const value: Field = { type: 'text', term_vector: 'with_everything' };
// @ts-expect-error properties are for objects
export const inside: Field = { type: 'long', properties: {} };

export const deep: Mappings = {
  properties: {
    author: {
      properties: {
        // @ts-expect-error in an object, too
        name: { type: 'keyword', analyzer: 'english' },
      },
    },
    title: {
      type: 'text',
      fields: {
        // @ts-expect-error in a sub-field, too
        raw: { type: 'keywrd' },
      },
    },
  },
};

// @ts-expect-error a misspelt key of the mapping
export const root: Mappings = { propertys: {} };
// @ts-expect-error no value of `dynamic`
export const dynamic: Mappings = { dynamic: 'yes' };

// @ts-expect-error a misspelt setting
export const setting: Settings = { number_of_shard: 3 };
// @ts-expect-error a misspelt setting, dotted
export const dotted: Settings = { 'index.number_of_shard': 3 };
// @ts-expect-error a misspelt setting, nested
export const nested: Settings = { index: { number_of_shard: 3 } };
// @ts-expect-error a misspelt setting of a group
export const inGroup: Settings = { mapping: { total_feilds: { limit: 3 } } };
// @ts-expect-error no kind of analysis
export const analysis: Settings = { analysis: { analysers: {} } };

// @ts-expect-error no version
export const incomplete = defineIndex({ name: 'books' });
// @ts-expect-error a misspelt key
export const unknownKey = defineIndex({ ...index, mapings: {} });
