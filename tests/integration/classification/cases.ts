// Kinds of schema change with what each needs. What the engine says to each of them decides; where twindex asks for more
// than the engine does, `stricter` says why.
import type { EngineName } from '../../../src/cluster/cluster.js';
import type { ChangeClass } from '../../../src/schema/types.js';

export interface ClassificationCase {
  readonly title: string;
  readonly from: CaseSchema;
  readonly to: CaseSchema;
  readonly needs: ChangeClass | 'none';
  readonly only?: EngineName;
  /** The case is known to hold from this version of `only` on. An older one does not know the parameter, or treats it in another way. */
  readonly since?: string;
  /** The engine would let the change through in place or closed, and why that is not enough. */
  readonly stricter?: string;
}

interface CaseSchema {
  readonly mappings?: object;
  readonly settings?: object;
}

/** Settings that every case starts with, so that names can be referred to. */
export const ANALYSIS = {
  analyzer: {
    plain: { type: 'custom', tokenizer: 'standard' },
    lower: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] },
    stopped: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'mine'] },
  },
  filter: { mine: { type: 'stop', stopwords: ['a', 'the'] } },
  normalizer: { low: { type: 'custom', filter: ['lowercase'] }, none: { type: 'custom', filter: [] } },
};

type Field = Readonly<Record<string, unknown>>;

/** One field `f` that changes, beside two that others refer to. */
function field(from: Field | undefined, to: Field | undefined) {
  const others = { other: { type: 'keyword' }, another: { type: 'keyword' } };
  const schema = (f: Field | undefined) => ({
    mappings: { dynamic: 'strict', properties: { ...others, ...(f ? { f } : {}) } },
  });
  return { from: schema(from), to: schema(to) };
}

/** A field of one type of which one parameter changes. */
function parameter(type: string, before: Field, after: Field) {
  return field({ type, ...before }, { type, ...after });
}

function root(from: object, to: object) {
  return { from: { mappings: from }, to: { mappings: to } };
}

function settings(from: object, to: object) {
  return { from: { settings: from }, to: { settings: to } };
}

/** A change of the analysis, with a text field `t` that has the given analyzers. */
function analysis(from: object, to: object, t: Field = { analyzer: 'plain' }) {
  const mappings = { dynamic: 'strict', properties: { t: { type: 'text', ...t } } };
  return {
    from: { mappings, settings: { analysis: from } },
    to: { mappings, settings: { analysis: to } },
  };
}

const OLD_TERMS = 'what is indexed would keep the terms of the old definition';
const OTHER_SHARDS = 'documents would be looked for on other shards';

export const cases: readonly ClassificationCase[] = [
  { title: 'nothing', ...field({ type: 'keyword' }, { type: 'keyword' }), needs: 'none' },

  { title: 'a new field', ...field(undefined, { type: 'integer' }), needs: 'in-place' },
  {
    title: 'a new text field with an analyzer',
    ...field(undefined, { type: 'text', analyzer: 'lower', search_analyzer: 'plain' }),
    needs: 'in-place',
  },
  {
    title: 'a new text field with a search analyzer beside the standard one',
    ...field(undefined, { type: 'text', analyzer: 'standard', search_analyzer: 'plain' }),
    needs: 'in-place',
  },
  {
    title: 'a new object with fields',
    ...field(undefined, { properties: { a: { type: 'long' }, b: { properties: { c: { type: 'date' } } } } }),
    needs: 'in-place',
  },
  {
    title: 'a new nested field',
    ...field(undefined, { type: 'nested', properties: { a: { type: 'long' } } }),
    needs: 'in-place',
  },
  {
    title: 'a new field in an object',
    ...field(
      { properties: { a: { type: 'long' } } },
      { properties: { a: { type: 'long' }, b: { type: 'long' } } },
    ),
    needs: 'in-place',
  },
  {
    title: 'a new field in a nested field',
    ...field(
      { type: 'nested', include_in_root: true, properties: { a: { type: 'long' } } },
      { type: 'nested', include_in_root: true, properties: { a: { type: 'long' }, b: { type: 'long' } } },
    ),
    needs: 'in-place',
  },
  { title: 'a new alias field', ...field(undefined, { type: 'alias', path: 'other' }), needs: 'in-place' },
  {
    title: 'a new sub-field',
    ...parameter('keyword', {}, { fields: { words: { type: 'text' } } }),
    needs: 'in-place',
  },
  {
    title: 'a second sub-field',
    ...parameter(
      'text',
      { analyzer: 'standard', fields: { a: { type: 'keyword' } } },
      { fields: { a: { type: 'keyword' }, b: { type: 'text', analyzer: 'lower' } } },
    ),
    needs: 'in-place',
  },

  {
    title: 'a removed field',
    ...field({ type: 'keyword' }, undefined),
    needs: 'new-version',
    stricter: 'the engine keeps the field',
  },
  {
    title: 'a removed field in an object',
    ...field(
      { properties: { a: { type: 'long' }, b: { type: 'long' } } },
      { properties: { a: { type: 'long' } } },
    ),
    needs: 'new-version',
    stricter: 'the engine keeps the field',
  },
  {
    title: 'a removed sub-field',
    ...parameter('text', { fields: { a: { type: 'keyword' } } }, {}),
    needs: 'new-version',
    stricter: 'the engine keeps the sub-field',
  },
  {
    title: 'a renamed field',
    from: { mappings: { dynamic: false, properties: { a: { type: 'long' } } } },
    to: { mappings: { dynamic: false, properties: { b: { type: 'long' } } } },
    needs: 'new-version',
    stricter: 'the engine keeps the field',
  },

  { title: 'type keyword -> text', ...field({ type: 'keyword' }, { type: 'text' }), needs: 'new-version' },
  { title: 'type text -> keyword', ...field({ type: 'text' }, { type: 'keyword' }), needs: 'new-version' },
  {
    title: 'type keyword -> double',
    ...field({ type: 'keyword' }, { type: 'double' }),
    needs: 'new-version',
  },
  { title: 'type integer -> long', ...field({ type: 'integer' }, { type: 'long' }), needs: 'new-version' },
  { title: 'type float -> double', ...field({ type: 'float' }, { type: 'double' }), needs: 'new-version' },
  {
    title: 'type date -> date_nanos',
    ...field({ type: 'date' }, { type: 'date_nanos' }),
    needs: 'new-version',
  },
  {
    title: 'type long -> long_range',
    ...field({ type: 'long' }, { type: 'long_range' }),
    needs: 'new-version',
  },
  {
    title: 'type object -> nested',
    ...field(
      { properties: { a: { type: 'long' } } },
      { type: 'nested', properties: { a: { type: 'long' } } },
    ),
    needs: 'new-version',
  },
  {
    title: 'type nested -> object',
    ...field(
      { type: 'nested', properties: { a: { type: 'long' } } },
      { properties: { a: { type: 'long' } } },
    ),
    needs: 'new-version',
  },
  {
    title: 'type keyword -> object',
    ...field({ type: 'keyword' }, { properties: { a: { type: 'long' } } }),
    needs: 'new-version',
  },
  {
    title: 'type object -> keyword',
    ...field({ properties: { a: { type: 'long' } } }, { type: 'keyword' }),
    needs: 'new-version',
  },
  {
    title: 'type of a sub-field',
    ...parameter('text', { fields: { a: { type: 'keyword' } } }, { fields: { a: { type: 'text' } } }),
    needs: 'new-version',
  },

  { title: 'ignore_above set', ...parameter('keyword', {}, { ignore_above: 256 }), needs: 'in-place' },
  {
    title: 'ignore_above raised',
    ...parameter('keyword', { ignore_above: 64 }, { ignore_above: 256 }),
    needs: 'in-place',
  },
  {
    title: 'ignore_above taken away',
    ...parameter('keyword', { ignore_above: 64, norms: true }, { norms: true }),
    needs: 'in-place',
  },
  {
    title: 'ignore_above of a sub-field',
    ...parameter(
      'text',
      { fields: { a: { type: 'keyword', ignore_above: 8 } } },
      { fields: { a: { type: 'keyword', ignore_above: 9 } } },
    ),
    needs: 'in-place',
  },
  { title: 'meta of a field', ...parameter('long', {}, { meta: { unit: 'ms' } }), needs: 'in-place' },
  {
    title: 'meta of a field taken away',
    ...parameter('long', { meta: { unit: 'ms' } }, {}),
    needs: 'in-place',
  },
  { title: 'copy_to', ...parameter('keyword', {}, { copy_to: ['other'] }), needs: 'in-place' },
  {
    title: 'copy_to another field',
    ...parameter('keyword', { copy_to: 'other' }, { copy_to: 'another' }),
    needs: 'in-place',
  },
  { title: 'copy_to taken away', ...parameter('keyword', { copy_to: 'other' }, {}), needs: 'in-place' },
  { title: 'coerce off', ...parameter('long', {}, { coerce: false }), needs: 'in-place' },
  { title: 'coerce on again', ...parameter('long', { coerce: false }, {}), needs: 'in-place' },
  {
    title: 'ignore_malformed of a number',
    ...parameter('long', {}, { ignore_malformed: true }),
    needs: 'in-place',
  },
  {
    title: 'ignore_malformed of a date',
    ...parameter('date', { format: 'yyyy' }, { format: 'yyyy', ignore_malformed: true }),
    needs: 'in-place',
  },
  {
    title: 'ignore_malformed of an address',
    ...parameter('ip', { ignore_malformed: true }, {}),
    needs: 'in-place',
  },
  {
    title: 'ignore_z_value of a point',
    ...parameter('geo_point', {}, { ignore_z_value: false }),
    needs: 'in-place',
  },
  {
    title: 'search_analyzer',
    ...parameter('text', { analyzer: 'plain' }, { analyzer: 'plain', search_analyzer: 'lower' }),
    needs: 'in-place',
  },
  {
    title: 'search_analyzer beside the standard analyzer',
    ...parameter('text', {}, { analyzer: 'standard', search_analyzer: 'lower' }),
    needs: 'in-place',
  },
  {
    title: 'search_analyzer taken away',
    ...parameter('text', { analyzer: 'plain', search_analyzer: 'lower' }, { analyzer: 'plain' }),
    needs: 'in-place',
  },
  {
    title: 'search_quote_analyzer',
    ...parameter(
      'text',
      { analyzer: 'plain' },
      { analyzer: 'plain', search_analyzer: 'plain', search_quote_analyzer: 'lower' },
    ),
    needs: 'in-place',
  },
  {
    title: 'eager_global_ordinals',
    ...parameter('keyword', {}, { eager_global_ordinals: true }),
    needs: 'in-place',
  },
  {
    title: 'split_queries_on_whitespace',
    ...parameter('keyword', {}, { split_queries_on_whitespace: true }),
    needs: 'in-place',
  },
  { title: 'fielddata', ...parameter('text', {}, { fielddata: true }), needs: 'in-place' },
  {
    title: 'fielddata_frequency_filter',
    ...parameter(
      'text',
      { fielddata: true },
      { fielddata: true, fielddata_frequency_filter: { min: 0.01, min_segment_size: 10 } },
    ),
    needs: 'in-place',
  },
  { title: 'norms off', ...parameter('text', {}, { norms: false }), needs: 'in-place' },
  { title: 'norms on again', ...parameter('text', { norms: false }, {}), needs: 'new-version' },
  { title: 'norms of a keyword on', ...parameter('keyword', {}, { norms: true }), needs: 'new-version' },
  { title: 'norms of a keyword off', ...parameter('keyword', { norms: true }, {}), needs: 'in-place' },
  {
    title: 'max_input_length of a completion',
    ...parameter('completion', {}, { max_input_length: 20 }),
    needs: 'in-place',
  },
  {
    title: 'path of an alias field',
    ...parameter('alias', { path: 'other' }, { path: 'another' }),
    needs: 'in-place',
  },

  {
    title: 'analyzer',
    ...parameter('text', { analyzer: 'plain' }, { analyzer: 'lower' }),
    needs: 'new-version',
  },
  {
    title: 'analyzer instead of the standard one',
    ...parameter('text', {}, { analyzer: 'lower' }),
    needs: 'new-version',
  },
  { title: 'normalizer', ...parameter('keyword', {}, { normalizer: 'low' }), needs: 'new-version' },
  {
    title: 'another normalizer',
    ...parameter('keyword', { normalizer: 'none' }, { normalizer: 'low' }),
    needs: 'new-version',
  },
  {
    title: 'analyzer of a completion',
    ...parameter('completion', {}, { analyzer: 'standard' }),
    needs: 'new-version',
  },
  { title: 'index off', ...parameter('keyword', {}, { index: false }), needs: 'new-version' },
  { title: 'index on', ...parameter('long', { index: false }, {}), needs: 'new-version' },
  { title: 'doc_values off', ...parameter('keyword', {}, { doc_values: false }), needs: 'new-version' },
  { title: 'doc_values on', ...parameter('long', { doc_values: false }, {}), needs: 'new-version' },
  { title: 'store', ...parameter('text', {}, { store: true }), needs: 'new-version' },
  { title: 'index_options', ...parameter('text', {}, { index_options: 'offsets' }), needs: 'new-version' },
  {
    title: 'term_vector',
    ...parameter('text', {}, { term_vector: 'with_positions_offsets' }),
    needs: 'new-version',
  },
  { title: 'similarity', ...parameter('text', {}, { similarity: 'boolean' }), needs: 'new-version' },
  {
    title: 'position_increment_gap',
    ...parameter('text', { analyzer: 'plain' }, { analyzer: 'plain', position_increment_gap: 5 }),
    needs: 'new-version',
  },
  { title: 'index_prefixes', ...parameter('text', {}, { index_prefixes: {} }), needs: 'new-version' },
  { title: 'index_phrases', ...parameter('text', {}, { index_phrases: true }), needs: 'new-version' },
  { title: 'null_value', ...parameter('keyword', {}, { null_value: 'none' }), needs: 'new-version' },
  {
    title: 'null_value of a number',
    ...parameter('long', { null_value: 0 }, { null_value: 1 }),
    needs: 'new-version',
  },
  { title: 'format of a date', ...parameter('date', {}, { format: 'yyyy-MM-dd' }), needs: 'new-version' },
  {
    title: 'locale of a date',
    ...parameter('date', { format: 'MMM' }, { format: 'MMM', locale: 'de' }),
    needs: 'new-version',
  },
  {
    title: 'preserve_separators of a completion',
    ...parameter('completion', {}, { preserve_separators: false }),
    needs: 'new-version',
  },
  {
    title: 'contexts of a completion',
    ...parameter('completion', {}, { contexts: [{ name: 'c', type: 'category' }] }),
    needs: 'new-version',
  },
  { title: 'enabled of an object', ...parameter('object', {}, { enabled: false }), needs: 'new-version' },
  {
    title: 'include_in_parent of a nested field',
    ...parameter('nested', {}, { include_in_parent: true }),
    needs: 'new-version',
  },
  { title: 'dynamic of an object', ...parameter('object', {}, { dynamic: true }), needs: 'in-place' },
  {
    title: 'dynamic of an object back to that of the mapping',
    ...parameter(
      'object',
      { dynamic: true, properties: { a: { type: 'long' } } },
      { properties: { a: { type: 'long' } } },
    ),
    needs: 'in-place',
  },

  { title: 'dynamic strict', ...root({}, { dynamic: 'strict' }), needs: 'in-place' },
  { title: 'dynamic back to its default', ...root({ dynamic: false }, {}), needs: 'in-place' },
  { title: '_meta', ...root({}, { _meta: { owner: 'search' } }), needs: 'in-place' },
  { title: '_meta taken away', ...root({ _meta: { owner: 'search' } }, {}), needs: 'in-place' },
  {
    title: 'a dynamic template',
    ...root(
      {},
      { dynamic_templates: [{ words: { match_mapping_type: 'string', mapping: { type: 'keyword' } } }] },
    ),
    needs: 'in-place',
  },
  {
    title: 'another order of dynamic templates',
    ...root(
      {
        dynamic_templates: [
          { a: { match: 'a*', mapping: { type: 'keyword' } } },
          { b: { match: '*', mapping: { type: 'text' } } },
        ],
      },
      {
        dynamic_templates: [
          { b: { match: '*', mapping: { type: 'text' } } },
          { a: { match: 'a*', mapping: { type: 'keyword' } } },
        ],
      },
    ),
    needs: 'in-place',
  },
  {
    title: 'no dynamic template any more',
    ...root({ dynamic_templates: [{ a: { match: 'a*', mapping: { type: 'keyword' } } }] }, {}),
    needs: 'in-place',
  },
  { title: 'date_detection', ...root({ date_detection: false }, {}), needs: 'in-place' },
  { title: 'numeric_detection', ...root({}, { numeric_detection: true }), needs: 'in-place' },
  { title: 'dynamic_date_formats', ...root({ dynamic_date_formats: ['yyyy'] }, {}), needs: 'in-place' },
  {
    title: '_source off',
    ...root(
      { properties: { a: { type: 'long' } } },
      { properties: { a: { type: 'long' } }, _source: { enabled: false } },
    ),
    needs: 'new-version',
    only: 'opensearch',
  },
  {
    title: '_source off',
    ...root(
      { properties: { a: { type: 'long' } } },
      { properties: { a: { type: 'long' } }, _source: { enabled: false } },
    ),
    needs: 'new-version',
    only: 'elasticsearch',
    since: '8.19',
    stricter: 'documents written from then on could not be copied any more',
  },
  {
    title: '_source without a field',
    ...root({ _source: { excludes: ['a'] } }, { _source: { excludes: ['b'] } }),
    needs: 'new-version',
  },
  {
    title: '_routing required',
    ...root(
      { properties: { a: { type: 'long' } } },
      { properties: { a: { type: 'long' } }, _routing: { required: true } },
    ),
    needs: 'new-version',
  },

  { title: 'refresh_interval', ...settings({}, { refresh_interval: '30s' }), needs: 'in-place' },
  { title: 'refresh_interval taken away', ...settings({ refresh_interval: '30s' }, {}), needs: 'in-place' },
  {
    title: 'number_of_replicas',
    ...settings({ number_of_replicas: 0 }, { number_of_replicas: 1 }),
    needs: 'in-place',
  },
  { title: 'max_result_window', ...settings({}, { max_result_window: 50_000 }), needs: 'in-place' },
  { title: 'max_ngram_diff', ...settings({}, { max_ngram_diff: 10 }), needs: 'in-place' },
  {
    title: 'mapping.total_fields.limit',
    ...settings({}, { 'mapping.total_fields.limit': 5000 }),
    needs: 'in-place',
  },
  { title: 'translog.durability', ...settings({}, { translog: { durability: 'async' } }), needs: 'in-place' },
  { title: 'merge policy', ...settings({}, { 'merge.policy.max_merged_segment': '2gb' }), needs: 'in-place' },
  {
    title: 'search slow log',
    ...settings({}, { 'search.slowlog.threshold.query.warn': '1s' }),
    needs: 'in-place',
  },
  {
    title: 'default_pipeline',
    ...settings({}, { default_pipeline: '_none', final_pipeline: 'later' }),
    needs: 'in-place',
  },
  { title: 'query.default_field', ...settings({}, { 'query.default_field': ['a', 'b'] }), needs: 'in-place' },
  {
    title: 'allocation rule',
    ...settings({}, { 'routing.allocation.exclude.zone': 'nowhere' }),
    needs: 'in-place',
  },
  { title: 'hidden', ...settings({}, { hidden: true }), needs: 'in-place' },
  { title: 'gc_deletes', ...settings({}, { gc_deletes: '2h' }), needs: 'in-place' },

  {
    title: 'a new analyzer',
    ...analysis({}, { analyzer: { more: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } } }),
    needs: 'close-and-open',
  },
  {
    title: 'a new filter',
    ...analysis({}, { filter: { more: { type: 'stop', stopwords: '_english_' } } }),
    needs: 'close-and-open',
  },
  {
    title: 'an analyzer that only queries use',
    ...analysis(
      { analyzer: { q: { tokenizer: 'standard' } } },
      { analyzer: { q: { tokenizer: 'standard', filter: ['lowercase'] } } },
      { analyzer: 'plain', search_analyzer: 'q' },
    ),
    needs: 'close-and-open',
  },
  {
    title: 'an analyzer that no field uses',
    ...analysis(
      { analyzer: { q: { tokenizer: 'standard', filter: ['lowercase'] } } },
      { analyzer: { q: { tokenizer: 'standard' } } },
    ),
    needs: 'close-and-open',
  },
  {
    title: 'an unused analyzer taken away',
    ...analysis({ analyzer: { q: { tokenizer: 'standard', filter: ['lowercase'] } } }, {}),
    needs: 'close-and-open',
  },
  {
    title: 'the kind of an unused analyzer',
    ...analysis(
      { analyzer: { q: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } } },
      { analyzer: { q: { type: 'standard', stopwords: ['a'] } } },
    ),
    needs: 'close-and-open',
  },
  {
    title: 'an analyzer that makes terms',
    ...analysis(
      { analyzer: { t: { tokenizer: 'standard' } } },
      { analyzer: { t: { tokenizer: 'standard', filter: ['lowercase'] } } },
      { analyzer: 't' },
    ),
    needs: 'new-version',
    stricter: OLD_TERMS,
  },
  {
    title: 'a filter of an analyzer that makes terms',
    ...analysis(
      {
        analyzer: { t: { tokenizer: 'standard', filter: ['s'] } },
        filter: { s: { type: 'stop', stopwords: ['a'] } },
      },
      {
        analyzer: { t: { tokenizer: 'standard', filter: ['s'] } },
        filter: { s: { type: 'stop', stopwords: ['b'] } },
      },
      { analyzer: 't' },
    ),
    needs: 'new-version',
    stricter: OLD_TERMS,
  },
  {
    title: 'a default analyzer that an existing field takes',
    ...analysis({}, { analyzer: { default: { tokenizer: 'standard', filter: ['lowercase'] } } }, {}),
    needs: 'new-version',
    stricter: OLD_TERMS,
  },
  {
    title: 'a similarity',
    ...settings({}, { similarity: { mine: { type: 'BM25', b: 0.3 } } }),
    needs: 'close-and-open',
  },
  {
    title: 'the default similarity',
    ...settings({}, { 'similarity.default.type': 'boolean' }),
    needs: 'close-and-open',
  },
  { title: 'codec', ...settings({}, { codec: 'best_compression' }), needs: 'close-and-open' },
  {
    title: 'codec back to its default',
    ...settings({ codec: 'best_compression' }, {}),
    needs: 'close-and-open',
  },
  { title: 'mapping.coerce', ...settings({}, { 'mapping.coerce': false }), needs: 'close-and-open' },
  {
    title: 'mapping.ignore_malformed',
    ...settings({}, { mapping: { ignore_malformed: true } }),
    needs: 'close-and-open',
  },
  { title: 'store.type', ...settings({}, { 'store.type': 'niofs' }), needs: 'close-and-open' },
  {
    title: 'queries.cache.enabled',
    ...settings({}, { 'queries.cache.enabled': false }),
    needs: 'close-and-open',
  },

  {
    title: 'number_of_shards',
    ...settings({ number_of_shards: 1 }, { number_of_shards: 2 }),
    needs: 'new-version',
  },
  {
    title: 'number_of_shards back to its default',
    ...settings({ number_of_shards: 2 }, {}),
    needs: 'new-version',
  },
  {
    title: 'number_of_routing_shards',
    only: 'opensearch',
    ...settings({}, { number_of_routing_shards: 4 }),
    needs: 'new-version',
    stricter: OTHER_SHARDS,
  },
  {
    title: 'number_of_routing_shards, which Elasticsearch does not show',
    only: 'elasticsearch',
    ...settings({}, { number_of_routing_shards: 4 }),
    needs: 'none',
  },
  {
    title: 'index sorting',
    from: { mappings: { properties: { n: { type: 'long' } } } },
    to: { mappings: { properties: { n: { type: 'long' } } }, settings: { 'sort.field': 'n' } },
    needs: 'new-version',
  },

  { title: 'a field type that does not exist', ...field(undefined, { type: 'keywrod' }), needs: 'blocked' },
  {
    title: 'a change to a type that does not exist',
    ...field({ type: 'keyword' }, { type: 'string' }),
    needs: 'blocked',
  },
  {
    title: 'an analyzer that does not exist',
    ...field(undefined, { type: 'text', analyzer: 'plane' }),
    needs: 'blocked',
  },
  {
    title: 'a search analyzer that does not exist',
    ...parameter('text', { analyzer: 'plain' }, { analyzer: 'plain', search_analyzer: 'planar' }),
    needs: 'blocked',
  },
  {
    title: 'a normalizer that does not exist',
    ...field(undefined, { type: 'keyword', normalizer: 'lo' }),
    needs: 'blocked',
  },
  {
    title: 'a filter that does not exist',
    ...analysis({}, { analyzer: { more: { tokenizer: 'standard', filter: ['myne'] } } }),
    needs: 'blocked',
  },
  {
    title: 'a tokenizer that does not exist',
    ...analysis({}, { analyzer: { more: { tokenizer: 'standrad' } } }),
    needs: 'blocked',
  },
  {
    title: 'a parameter that is misspelt',
    ...parameter('keyword', {}, { ignore_abvoe: 3 }),
    needs: 'blocked',
  },
  { title: 'a setting that is misspelt', ...settings({}, { refresh_intervall: '1s' }), needs: 'blocked' },

  { title: 'boost', ...parameter('text', {}, { boost: 2 }), needs: 'in-place', only: 'opensearch' },
  {
    title: 'use_similarity',
    ...parameter('keyword', {}, { use_similarity: true }),
    needs: 'in-place',
    only: 'opensearch',
    since: '3.0',
  },
  {
    title: 'scaling_factor',
    ...parameter('scaled_float', { scaling_factor: 100 }, { scaling_factor: 10 }),
    needs: 'new-version',
    only: 'opensearch',
  },
  {
    title: 'a new relation',
    ...parameter('join', { relations: { a: 'b' } }, { relations: { a: ['b', 'c'] } }),
    needs: 'in-place',
    only: 'opensearch',
  },
  {
    title: 'a removed relation',
    ...parameter('join', { relations: { a: ['b', 'c'] } }, { relations: { a: 'b' } }),
    needs: 'new-version',
    only: 'opensearch',
  },
  {
    title: 'analyzer of a token count',
    ...parameter('token_count', { analyzer: 'plain' }, { analyzer: 'lower' }),
    needs: 'in-place',
    only: 'opensearch',
  },
  {
    title: 'max_shingle_size',
    ...parameter('search_as_you_type', {}, { max_shingle_size: 4 }),
    needs: 'new-version',
    only: 'opensearch',
  },
  {
    title: 'positive_score_impact',
    ...parameter('rank_feature', {}, { positive_score_impact: false }),
    needs: 'new-version',
    only: 'opensearch',
  },
  {
    title: 'a type of Elasticsearch',
    ...field(undefined, { type: 'flattened' }),
    needs: 'blocked',
    only: 'opensearch',
  },
  {
    title: 'type text -> match_only_text',
    ...field({ type: 'text' }, { type: 'match_only_text' }),
    needs: 'new-version',
    only: 'opensearch',
  },
  {
    title: 'replication.type',
    ...settings({}, { 'replication.type': 'SEGMENT' }),
    needs: 'new-version',
    only: 'opensearch',
  },
  {
    title: 'a search pipeline',
    ...settings({}, { 'search.default_pipeline': '_none', 'search.concurrent_segment_search.mode': 'all' }),
    needs: 'in-place',
    only: 'opensearch',
  },

  {
    title: 'a runtime field',
    ...root({}, { runtime: { r: { type: 'long' } } }),
    needs: 'in-place',
    only: 'elasticsearch',
  },
  {
    title: 'a runtime field taken away',
    ...root({ runtime: { r: { type: 'long' } } }, {}),
    needs: 'in-place',
    only: 'elasticsearch',
  },
  {
    title: 'subobjects',
    ...root({ subobjects: false }, { subobjects: true }),
    needs: 'new-version',
    only: 'elasticsearch',
    since: '8.3',
  },
  {
    title: 'dims of a vector',
    ...parameter('dense_vector', { dims: 3 }, { dims: 4 }),
    needs: 'new-version',
    only: 'elasticsearch',
    since: '8.0',
  },
  {
    title: 'depth_limit of a flattened field',
    ...parameter('flattened', {}, { depth_limit: 5 }),
    needs: 'in-place',
    only: 'elasticsearch',
  },
  {
    title: 'ignore_above of a flattened field',
    ...parameter('flattened', {}, { ignore_above: 5 }),
    needs: 'in-place',
    only: 'elasticsearch',
  },
  {
    title: 'time_series_dimension',
    ...parameter('keyword', {}, { time_series_dimension: true }),
    needs: 'new-version',
    only: 'elasticsearch',
  },
  {
    title: 'boost, which is gone',
    ...parameter('text', {}, { boost: 2 }),
    needs: 'blocked',
    only: 'elasticsearch',
    since: '8.0',
  },
  {
    title: 'a type of OpenSearch',
    ...field(undefined, { type: 'flat_object' }),
    needs: 'blocked',
    only: 'elasticsearch',
  },
  {
    title: 'mapping.ignore_above',
    ...settings({}, { 'mapping.ignore_above': 100 }),
    needs: 'close-and-open',
    only: 'elasticsearch',
    since: '8.19',
  },
  {
    title: 'mode',
    ...settings({}, { mode: 'lookup' }),
    needs: 'new-version',
    only: 'elasticsearch',
    since: '8.19',
  },
];
