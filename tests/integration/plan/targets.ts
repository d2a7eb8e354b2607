// Kinds of target that an engine refuses, with the place that a plan must name, and kinds that it takes. Each was reasoned out
// from the documentation of the engines; the test holds it against the engine itself, too.
import type { EngineName } from '../../../src/cluster/cluster.js';
import { exact } from '../../../src/json/exactJson.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';

export interface Target {
  readonly settings?: JsonObject;
  readonly mappings?: JsonObject;
  /** Both when left out. */
  readonly only?: EngineName;
}

export interface RefusedTarget extends Target {
  /** What the plan names beside the file, where the engines say enough: the path of the culprit, or of what is around it. */
  readonly at: string;
}

const field = (definition: JsonObject, more: JsonObject = {}): JsonObject => ({
  properties: { title: { type: 'text' }, price: definition, ...more },
});
const PRICE = 'mappings.properties.price';

/** Of the mapping, then of the analysis, then of other settings. */
export const REFUSED: Readonly<Record<string, RefusedTarget>> = {
  'a type that nobody has': { mappings: field({ type: 'txt' }), at: `${PRICE}.type` },
  'a type in capitals': { mappings: field({ type: 'Keyword' }), at: `${PRICE}.type` },
  'a type of an old engine': { mappings: field({ type: 'string' }), at: `${PRICE}.type` },
  'a type of the other engine, flat_object': {
    mappings: field({ type: 'flat_object' }),
    only: 'elasticsearch',
    at: `${PRICE}.type`,
  },
  'a type of the other engine, dense_vector': {
    mappings: field({ type: 'dense_vector', dims: 3 }),
    only: 'opensearch',
    at: `${PRICE}.type`,
  },
  'a misspelt parameter': { mappings: field({ type: 'text', analyser: 'english' }), at: `${PRICE}.analyser` },
  'a parameter of another type': {
    mappings: field({ type: 'keyword', scaling_factor: 10 }),
    at: `${PRICE}.scaling_factor`,
  },
  'a parameter that is not there, in an object': {
    mappings: field({ properties: { net: { type: 'long', indexed: true } } }),
    at: `${PRICE}.properties.net.indexed`,
  },
  'a parameter that is not there, in a nested object': {
    mappings: field({ type: 'nested', properties: { net: { type: 'long', nulls: 0 } } }),
    at: `${PRICE}.properties.net.nulls`,
  },
  'a parameter that is not there, in a sub-field': {
    mappings: field({ type: 'text', fields: { raw: { type: 'keyword', ignore_over: 3 } } }),
    at: `${PRICE}.fields.raw.ignore_over`,
  },
  'an unknown type of a sub-field': {
    mappings: field({ type: 'text', fields: { raw: { type: 'keywrod' } } }),
    at: `${PRICE}.fields.raw.type`,
  },
  'a null_value out of range of a byte': {
    mappings: field({ type: 'byte', null_value: 300 }),
    at: `${PRICE}.null_value`,
  },
  'a null_value out of range of a short': {
    mappings: field({ type: 'short', null_value: 70000 }),
    at: `${PRICE}.null_value`,
  },
  'a null_value that is no number': {
    mappings: field({ type: 'integer', null_value: 'many' }),
    at: `${PRICE}.null_value`,
  },
  'a null_value that is no date': {
    mappings: field({ type: 'date', null_value: 'tomorrow' }),
    at: `${PRICE}.null_value`,
    only: 'elasticsearch',
  },
  'a null_value that is no address': {
    mappings: field({ type: 'ip', null_value: '300.1.2.3' }),
    at: `${PRICE}.null_value`,
    only: 'elasticsearch',
  },
  'a null_value that is no boolean': {
    mappings: field({ type: 'boolean', null_value: 'maybe' }),
    at: `${PRICE}.null_value`,
  },
  'a scaled_float without its factor': {
    mappings: field({ type: 'scaled_float' }),
    at: PRICE,
    only: 'opensearch',
  },
  'a scaling_factor of 0': {
    mappings: field({ type: 'scaled_float', scaling_factor: 0 }),
    at: `${PRICE}.scaling_factor`,
    only: 'opensearch',
  },
  'a negative scaling_factor': {
    mappings: field({ type: 'scaled_float', scaling_factor: -1 }),
    at: `${PRICE}.scaling_factor`,
    only: 'opensearch',
  },
  'a format that is none': {
    mappings: field({ type: 'date', format: 'yyyy-bb-QQQQQQQQ' }),
    at: `${PRICE}.format`,
  },
  'an index that is neither true nor false': {
    mappings: field({ type: 'keyword', index: 'not_analyzed' }),
    at: `${PRICE}.index`,
  },
  'doc_values that are neither true nor false': {
    mappings: field({ type: 'keyword', doc_values: 'disk' }),
    at: `${PRICE}.doc_values`,
  },
  'index_options that are not there': {
    mappings: field({ type: 'text', index_options: 'all' }),
    at: `${PRICE}.index_options`,
  },
  'positions for a keyword': {
    mappings: field({ type: 'keyword', index_options: 'positions' }),
    at: `${PRICE}.index_options`,
  },
  'a term_vector that is not there': {
    mappings: field({ type: 'text', term_vector: 'maybe' }),
    at: `${PRICE}.term_vector`,
  },
  'an analyzer that is not there': {
    mappings: field({ type: 'text', analyzer: 'nowhere' }),
    at: `${PRICE}.analyzer`,
  },
  'a search_analyzer that is not there': {
    mappings: field({ type: 'text', analyzer: 'simple', search_analyzer: 'nowhere' }),
    at: `${PRICE}.search_analyzer`,
  },
  'a normalizer that is not there': {
    mappings: field({ type: 'keyword', normalizer: 'nowhere' }),
    at: `${PRICE}.normalizer`,
  },
  'an analyzer for a keyword': {
    mappings: field({ type: 'keyword', analyzer: 'simple' }),
    at: `${PRICE}.analyzer`,
  },
  'a similarity that is not there': {
    mappings: field({ type: 'text', similarity: 'nowhere' }),
    at: `${PRICE}.similarity`,
  },
  'an alias without a path': { mappings: field({ type: 'alias' }), at: PRICE },
  'an alias of nothing': { mappings: field({ type: 'alias', path: 'nowhere' }), at: `${PRICE}.path` },
  'an alias of an object': {
    mappings: field({ type: 'alias', path: 'o' }, { o: { properties: { x: { type: 'long' } } } }),
    at: PRICE,
  },
  'an alias of itself': { mappings: field({ type: 'alias', path: 'price' }), at: PRICE },
  'a copy into an object': {
    mappings: field(
      { type: 'keyword', copy_to: 'stock' },
      { stock: { properties: { x: { type: 'long' } } } },
    ),
    at: PRICE,
  },
  'a copy of a sub-field': {
    mappings: field({ type: 'text', fields: { raw: { type: 'keyword', copy_to: 'title' } } }),
    at: `${PRICE}.fields.raw`,
  },
  'a multi-field in a multi-field': {
    mappings: field({
      type: 'text',
      fields: { raw: { type: 'keyword', fields: { again: { type: 'keyword' } } } },
    }),
    at: `${PRICE}.fields.raw`,
    only: 'elasticsearch',
  },
  'an object as a sub-field': {
    mappings: field({ type: 'text', fields: { raw: { type: 'object' } } }),
    at: `${PRICE}.fields.raw`,
  },
  'a field with an empty name': {
    mappings: field({ type: 'keyword' }, { '': { type: 'keyword' } }),
    at: 'mappings',
  },
  'two joins': {
    mappings: field(
      { type: 'join', relations: { a: 'b' } },
      { other: { type: 'join', relations: { c: 'd' } } },
    ),
    only: 'opensearch',
    at: 'mappings',
  },
  'an ignore_above that is no number': {
    mappings: field({ type: 'keyword', ignore_above: 'long' }),
    at: `${PRICE}.ignore_above`,
  },
  'a negative position_increment_gap': {
    mappings: field({ type: 'text', position_increment_gap: -5 }),
    at: `${PRICE}.position_increment_gap`,
    only: 'elasticsearch',
  },
  'fielddata frequencies for a keyword': {
    mappings: field({ type: 'keyword', fielddata_frequency_filter: { min: 1 } }),
    at: PRICE,
  },
  'a dynamic that is not there': {
    mappings: { dynamic: 'sometimes', ...field({ type: 'keyword' }) },
    at: 'mappings.dynamic',
  },
  'a dynamic that is not there, of an object': {
    mappings: field({ dynamic: 'sometimes', properties: {} }),
    at: `${PRICE}.dynamic`,
  },
  'a root parameter that is not there': {
    mappings: { propertys: {}, ...field({ type: 'keyword' }) },
    at: 'mappings.propertys',
  },
  'a mapping with a type around it': { mappings: { _doc: field({ type: 'keyword' }) }, at: 'mappings' },
  'a dynamic template without a mapping type that is there': {
    mappings: { dynamic_templates: [{ all: { match_mapping_type: 'text', mapping: { type: 'keyword' } } }] },
    at: 'mappings.dynamic_templates',
  },
  'a dynamic template of no condition': {
    mappings: { dynamic_templates: [{ all: { mapping: { type: 'keyword' } } }] },
    at: 'mappings.dynamic_templates',
    only: 'opensearch',
  },
  'a dynamic template with a type that nobody has': {
    mappings: { dynamic_templates: [{ all: { match: 'n_*', mapping: { type: 'numbre' } } }] },
    at: 'mappings.dynamic_templates',
    only: 'elasticsearch',
  },
  '_source with what it does not have': { mappings: { _source: { enabeld: true } }, at: 'mappings._source' },
  '_routing with what it does not have': { mappings: { _routing: { path: 'x' } }, at: 'mappings._routing' },
  'a runtime field without a type': {
    mappings: { runtime: { day: { script: 'emit(1)' } } },
    only: 'elasticsearch',
    at: 'mappings.runtime',
  },
  'runtime fields on OpenSearch': {
    mappings: { runtime: { day: { type: 'keyword' } } },
    only: 'opensearch',
    at: 'mappings.runtime',
  },
  'too many fields': {
    settings: { 'mapping.total_fields.limit': 1 },
    mappings: field({ type: 'keyword' }),
    at: '',
  },
  'objects too deep': {
    settings: { 'mapping.depth.limit': 1 },
    mappings: field({ properties: { a: { properties: { b: { type: 'long' } } } } }),
    at: '',
  },
  'too many nested objects': {
    settings: { 'mapping.nested_fields.limit': 0 },
    mappings: field({ type: 'nested' }),
    at: '',
  },
  'a name that is too long': {
    settings: { 'mapping.field_name_length.limit': 3 },
    mappings: field({ type: 'long' }),
    at: '',
  },

  'synonyms in a file that is not there': {
    settings: {
      analysis: {
        filter: { s: { type: 'synonym', synonyms_path: 'nowhere.txt' } },
        analyzer: { a: { type: 'custom', tokenizer: 'standard', filter: ['s'] } },
      },
    },
    only: 'opensearch',
    at: 'settings.analysis.analyzer.a',
  },
  'stop words in a file that is not there': {
    settings: {
      analysis: {
        filter: { s: { type: 'stop', stopwords_path: 'nowhere.txt' } },
        analyzer: { a: { type: 'custom', tokenizer: 'standard', filter: ['s'] } },
      },
    },
    at: 'settings.analysis.filter.s.stopwords_path',
  },
  'a tokenizer that is not there': {
    settings: { analysis: { analyzer: { a: { type: 'custom', tokenizer: 'nowhere' } } } },
    at: 'settings.analysis.analyzer.a.tokenizer',
  },
  'a filter that is not there': {
    settings: {
      analysis: {
        analyzer: { a: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'nowhere'] } },
      },
    },
    at: 'settings.analysis.analyzer.a.filter',
  },
  'a char_filter that is not there': {
    settings: {
      analysis: { analyzer: { a: { type: 'custom', tokenizer: 'standard', char_filter: ['nowhere'] } } },
    },
    at: 'settings.analysis.analyzer.a.char_filter',
  },
  'a type of analyzer that is not there': {
    settings: { analysis: { analyzer: { a: { type: 'klingon' } } } },
    at: 'settings.analysis.analyzer.a.type',
  },
  'a type of filter that is not there': {
    settings: { analysis: { filter: { f: { type: 'klingon' } } } },
    at: 'settings.analysis.filter.f.type',
  },
  'a type of tokenizer that is not there': {
    settings: { analysis: { tokenizer: { t: { type: 'klingon' } } } },
    at: 'settings.analysis.tokenizer.t.type',
  },
  'an analyzer without a tokenizer': {
    settings: { analysis: { analyzer: { a: { type: 'custom', filter: ['lowercase'] } } } },
    at: 'settings.analysis.analyzer.a',
  },
  'a normalizer with a tokenizer': {
    settings: { analysis: { normalizer: { n: { type: 'custom', tokenizer: 'keyword' } } } },
    at: 'settings.analysis.normalizer.n',
  },
  'shingles of no size': {
    settings: {
      analysis: {
        filter: { f: { type: 'shingle', min_shingle_size: 5, max_shingle_size: 2 } },
        analyzer: { a: { type: 'custom', tokenizer: 'standard', filter: ['f'] } },
      },
    },
    only: 'opensearch',
    at: 'settings.analysis.analyzer.a',
  },
  'n-grams that differ too much': {
    settings: {
      analysis: {
        tokenizer: { t: { type: 'ngram', min_gram: 1, max_gram: 9 } },
        analyzer: { a: { type: 'custom', tokenizer: 't' } },
      },
    },
    only: 'opensearch',
    at: 'settings',
  },

  'a setting that nobody has': { settings: { refresh_intervall: '5s' }, at: 'settings.refresh_intervall' },
  'a setting of nobody, nested': {
    settings: { index: { merge: { policy: { maximum: 3 } } } },
    at: 'settings.merge.policy.maximum',
  },
  'a number of shards of 0': { settings: { number_of_shards: 0 }, at: 'settings.number_of_shards' },
  'more shards than an index may have': {
    settings: { number_of_shards: 5000 },
    at: 'settings.number_of_shards',
  },
  'a number of replicas below 0': { settings: { number_of_replicas: -1 }, at: 'settings.number_of_replicas' },
  'a time without a unit': { settings: { refresh_interval: '5' }, at: 'settings.refresh_interval' },
  'a time that is none': {
    settings: { 'index.search.idle.after': 'soon' },
    at: 'settings.search.idle.after',
  },
  'a size that is none': {
    settings: { 'translog.flush_threshold_size': 'large' },
    at: 'settings.translog.flush_threshold_size',
  },
  'a durability that is none': {
    settings: { 'translog.durability': 'never' },
    at: 'settings.translog.durability',
  },
  'a codec that is not there': { settings: { codec: 'zip' }, at: 'settings.codec' },
  'a window of no results': { settings: { max_result_window: 0 }, at: 'settings.max_result_window' },
  'a boolean that is none': { settings: { hidden: 'perhaps' }, at: 'settings.hidden' },
  'replicas that expand to nothing': {
    settings: { auto_expand_replicas: 'some' },
    at: 'settings.auto_expand_replicas',
  },
  'a similarity that is not there, in the settings': {
    settings: { similarity: { mine: { type: 'guess' } } },
    at: 'settings.similarity.mine',
  },
  'an order by a field that is not there': {
    settings: { 'sort.field': ['nowhere'] },
    mappings: field({ type: 'long' }),
    at: 'settings.sort.field',
  },
  'an order by a text': {
    settings: { 'sort.field': 'title' },
    mappings: field({ type: 'long' }),
    at: 'settings.sort.field',
  },
  'an order in no direction': {
    settings: { 'sort.field': 'price', 'sort.order': 'up' },
    mappings: field({ type: 'long' }),
    at: 'settings.sort.order',
  },
  'orders of two lengths': {
    settings: { 'sort.field': ['price'], 'sort.order': ['asc', 'desc'] },
    mappings: field({ type: 'long' }),
    at: 'settings.sort',
  },
  'a partition without a routing': {
    settings: { number_of_shards: 3, routing_partition_size: 2 },
    at: 'settings.routing_partition_size',
  },
  'routing shards that do not fit': {
    settings: { number_of_shards: 3, number_of_routing_shards: 4 },
    at: 'settings.number_of_',
  },
  'an allocation that is not there': {
    settings: { 'routing.allocation.enable': 'sometimes' },
    at: 'settings.routing.allocation.enable',
  },
  'an address that is none in a filter': {
    settings: { 'routing.allocation.require._ip': 'here' },
    at: 'settings.routing.allocation.require._ip',
  },
  'a slow log at no level': {
    settings: { 'search.slowlog.threshold.query.warn': 'fast' },
    at: 'settings.search.slowlog.threshold.query.warn',
  },
  'a store that is not there': { settings: { 'store.type': 'tape' }, at: 'settings.store.type' },
  'a limit of fields below 0': {
    settings: { 'mapping.total_fields.limit': -1 },
    at: 'settings.mapping.total_fields.limit',
  },
  'more waiting copies than there are': {
    settings: { 'write.wait_for_active_shards': 9, number_of_replicas: 1 },
    at: 'settings.write.wait_for_active_shards',
  },
  'an order by a field without doc_values': {
    settings: { 'sort.field': 'price' },
    mappings: field({ type: 'long', doc_values: false }),
    at: 'settings.sort.field',
  },
  'an order by a point': {
    settings: { 'sort.field': 'price' },
    mappings: field({ type: 'geo_point' }),
    at: 'settings.sort.field',
  },
  'an order by an object': {
    settings: { 'sort.field': 'price' },
    mappings: field({ properties: { net: { type: 'long' } } }),
    at: 'settings.sort.field',
  },
  ...Object.fromEntries(
    (
      [
        ['a percolator', { type: 'percolator' }, 'opensearch'],
        ['a rank_feature', { type: 'rank_feature' }, 'opensearch'],
        ['rank_features', { type: 'rank_features' }, 'opensearch'],
        ['a constant_keyword', { type: 'constant_keyword', value: 'a' }, 'opensearch'],
        ['a scaled_float', { type: 'scaled_float', scaling_factor: 10 }, 'opensearch'],
        ['a dense_vector', { type: 'dense_vector', dims: 3 }, 'elasticsearch'],
        ['a sparse_vector', { type: 'sparse_vector' }, 'elasticsearch'],
      ] as const
    ).map(([name, definition, only]) => [
      `an order by ${name}`,
      { settings: { 'sort.field': 'price' }, mappings: field(definition), only, at: 'settings.sort.field' },
    ]),
  ),
  ...Object.fromEntries(
    ['_source', '_routing', '_index', '_score'].map((name) => [
      `an order by ${name}`,
      { settings: { 'sort.field': name }, mappings: field({ type: 'long' }), at: 'settings.sort.field' },
    ]),
  ),
  'a partition of an index with a join': {
    settings: { number_of_shards: 3, routing_partition_size: 2 },
    mappings: { _routing: { required: true }, ...field({ type: 'join', relations: { a: 'b' } }) },
    only: 'opensearch',
    at: 'settings.routing_partition_size',
  },
  'a partition of more than all routing shards': {
    settings: { number_of_shards: 1, routing_partition_size: 2000 },
    mappings: { _routing: { required: true } },
    at: 'settings.routing_partition_size',
  },
  'no soft deletes': { settings: { 'soft_deletes.enabled': false }, at: 'settings.soft_deletes.enabled' },
  'a field of a name that the engine has': {
    mappings: { properties: { _id: { type: 'keyword' } } },
    at: 'mappings',
  },
  'a leaf that holds fields': {
    mappings: { properties: { stock: { type: 'long' }, 'stock.net': { type: 'long' } } },
    at: 'mappings',
  },
  'two dots in a name': {
    mappings: { properties: { 'a..b': { type: 'long' } } },
    at: 'mappings.properties.a..b',
  },
};

export interface TakenTarget extends Target {
  /** What the engine gives back otherwise than it is declared, or by itself; null: it leaves out what says no more than a default. */
  readonly kept?: Readonly<Record<string, string | null>>;
}

const analysis = (definition: JsonObject): JsonObject => ({ analysis: definition });
const keyword = field({ type: 'keyword' });

/** Of the mapping, then of the settings. */
export const TAKEN: Readonly<Record<string, TakenTarget>> = {
  'nothing at all': {},
  'a text with an analyzer of the engine': { mappings: field({ type: 'text', analyzer: 'whitespace' }) },
  'two analyzers': { mappings: field({ type: 'text', analyzer: 'simple', search_analyzer: 'keyword' }) },
  'three analyzers': {
    mappings: field({
      type: 'text',
      analyzer: 'simple',
      search_analyzer: 'stop',
      search_quote_analyzer: 'keyword',
    }),
  },
  'positions and offsets': {
    mappings: field({ type: 'text', index_options: 'offsets', term_vector: 'with_positions_offsets' }),
  },
  'no norms': { mappings: field({ type: 'text', norms: false }) },
  fielddata: { mappings: field({ type: 'text', fielddata: true }) },
  'index_phrases and index_prefixes': {
    mappings: field({ type: 'text', index_phrases: true, index_prefixes: { min_chars: 1, max_chars: 3 } }),
  },
  'a gap between positions': { mappings: field({ type: 'text', position_increment_gap: 7 }) },
  'a similarity': { mappings: field({ type: 'text', similarity: 'boolean' }) },
  ignore_above: { mappings: field({ type: 'keyword', ignore_above: 20 }) },
  'a keyword that is not searched': {
    mappings: field({ type: 'keyword', index: false, doc_values: false, store: true }),
  },
  'norms of a keyword': { mappings: field({ type: 'keyword', norms: true, index_options: 'freqs' }) },
  'a null_value': { mappings: field({ type: 'keyword', null_value: 'none' }) },
  eager_global_ordinals: { mappings: field({ type: 'keyword', eager_global_ordinals: true }) },
  'the largest long': { mappings: field({ type: 'long', null_value: exact('9223372036854775807') }) },
  'a byte at its edge': { mappings: field({ type: 'byte', null_value: -128 }) },
  'a short': { mappings: field({ type: 'short', coerce: false }) },
  'an integer that may be malformed': { mappings: field({ type: 'integer', ignore_malformed: true }) },
  'a double': { mappings: field({ type: 'double', null_value: 0.5 }) },
  'a float and a half_float': { mappings: field({ type: 'float' }, { half: { type: 'half_float' } }) },
  'a scaled_float': {
    mappings: field({ type: 'scaled_float', scaling_factor: 100 }),
    only: 'opensearch',
    kept: { 'mappings.properties.price.scaling_factor': '100.0' },
  },
  'an unsigned_long': { mappings: field({ type: 'unsigned_long' }), only: 'opensearch' },
  'a date with formats': { mappings: field({ type: 'date', format: 'yyyy-MM-dd||epoch_second' }) },
  date_nanos: { mappings: field({ type: 'date_nanos' }) },
  'a boolean': { mappings: field({ type: 'boolean', null_value: true }) },
  'a binary': { mappings: field({ type: 'binary', doc_values: true }) },
  'an ip': { mappings: field({ type: 'ip', null_value: '10.0.0.1' }) },
  ranges: {
    mappings: field(
      { type: 'integer_range' },
      { when: { type: 'date_range', format: 'yyyy' }, where: { type: 'ip_range' } },
    ),
  },
  'a geo_point': { mappings: field({ type: 'geo_point', ignore_z_value: false }) },
  'a completion': {
    mappings: field({ type: 'completion', max_input_length: 10 }),
    kept: {
      [`${PRICE}.analyzer`]: '"simple"',
      [`${PRICE}.preserve_position_increments`]: 'true',
      [`${PRICE}.preserve_separators`]: 'true',
    },
  },
  'objects in objects': {
    mappings: field({ properties: { net: { properties: { amount: { type: 'long' } } } } }),
  },
  'dots in names': {
    mappings: { properties: { 'price.net': { type: 'long' }, 'price.gross': { type: 'double' } } },
    kept: {
      'mappings.properties.price.net.type': null,
      'mappings.properties.price.gross.type': null,
      'mappings.properties.price.properties.net.type': '"long"',
      'mappings.properties.price.properties.gross.type': '"double"',
    },
  },
  'an object that is not parsed': { mappings: field({ type: 'object', enabled: false }) },
  'an object with its own dynamic': {
    mappings: field({ dynamic: 'strict', properties: { net: { type: 'long' } } }),
  },
  'a nested object': {
    mappings: field({ type: 'nested', include_in_parent: true, properties: { net: { type: 'long' } } }),
  },
  'sub-fields': {
    mappings: field({
      type: 'text',
      fields: { raw: { type: 'keyword' }, words: { type: 'text', analyzer: 'simple' } },
    }),
  },
  'an alias': { mappings: field({ type: 'alias', path: 'title' }) },
  'a copy': { mappings: field({ type: 'keyword', copy_to: ['title'] }) },
  meta: { mappings: field({ type: 'long', meta: { unit: 'ms' } }) },
  'a strict mapping': { mappings: { dynamic: 'strict', ...keyword } },
  'a mapping that adds nothing': {
    mappings: { dynamic: false, ...keyword },
    kept: { 'mappings.dynamic': '"false"' },
  },
  'dynamic templates': {
    mappings: {
      dynamic_templates: [{ words: { match_mapping_type: 'string', mapping: { type: 'keyword' } } }],
    },
  },
  'dates and numbers in texts': { mappings: { date_detection: false, numeric_detection: true } },
  'formats of dates in texts': { mappings: { dynamic_date_formats: ['yyyy', 'MM/yyyy'] } },
  'a required routing': { mappings: { _routing: { required: true }, ...keyword } },
  'parts of the source': { mappings: { _source: { excludes: ['title'] }, ...keyword } },
  '_meta with each digit': {
    mappings: { _meta: { owner: 'shop', n: exact('12345678901234567890'), big: 1e21 } },
    kept: { 'mappings._meta.big': '1.0E21' },
  },
  'a runtime field': { mappings: { runtime: { day: { type: 'keyword' } } }, only: 'elasticsearch' },
  'a flat_object': { mappings: field({ type: 'flat_object' }), only: 'opensearch' },
  'a dense_vector': {
    mappings: field({ type: 'dense_vector', dims: 3, index: false }),
    only: 'elasticsearch',
  },
  'a sparse_vector': { mappings: field({ type: 'sparse_vector' }), only: 'elasticsearch' },
  'a flattened': { mappings: field({ type: 'flattened', depth_limit: 3 }), only: 'elasticsearch' },
  'a join': {
    mappings: field({ type: 'join', relations: { question: ['answer', 'comment'] } }),
    only: 'opensearch',
    kept: { [`${PRICE}.eager_global_ordinals`]: 'true' },
  },

  'shards and replicas': { settings: { number_of_shards: 3, number_of_replicas: 0 } },
  'a partition': {
    settings: { number_of_shards: 3, routing_partition_size: 2 },
    mappings: { _routing: { required: true } },
  },
  'a partition of all shards': {
    settings: { number_of_shards: 2, routing_partition_size: 2 },
    mappings: { _routing: { required: true } },
  },
  'routing shards': {
    settings: { number_of_shards: 2, number_of_routing_shards: 30 },
    only: 'opensearch',
  },
  'routing shards, which are not shown': {
    settings: { number_of_shards: 2, number_of_routing_shards: 30 },
    only: 'elasticsearch',
    kept: { 'settings.index.number_of_routing_shards': null },
  },
  'settings in every style': {
    settings: { index: { refresh_interval: '7s' }, 'index.priority': 3, max_result_window: 20000 },
  },
  'no refreshes': { settings: { refresh_interval: -1 } },
  'a codec': { settings: { codec: 'best_compression' } },
  'slow logs': {
    settings: {
      'search.slowlog.threshold.query.warn': '1s',
      'indexing.slowlog.threshold.index.info': '500ms',
    },
  },
  'an asynchronous translog': {
    settings: { translog: { durability: 'async', sync_interval: '10s', flush_threshold_size: '1gb' } },
  },
  'a hidden index': { settings: { hidden: true } },
  'filters of the allocation': {
    settings: { 'routing.allocation.exclude.box': 'old', 'routing.allocation.total_shards_per_node': 5 },
  },
  'replicas that expand': { settings: { auto_expand_replicas: '0-1' } },
  'limits of the mapping': {
    settings: { mapping: { total_fields: { limit: 50 }, depth: { limit: 4 }, nested_fields: { limit: 2 } } },
    mappings: keyword,
  },
  'an order': {
    settings: { 'sort.field': ['price', 'title.raw'], 'sort.order': ['desc', 'asc'] },
    mappings: {
      properties: { price: { type: 'long' }, title: { type: 'text', fields: { raw: { type: 'keyword' } } } },
    },
  },
  'an order by nothing': { settings: { 'sort.field': [] }, mappings: keyword },
  ...Object.fromEntries(
    [
      { type: 'ip' },
      { type: 'boolean' },
      { type: 'date_nanos' },
      { type: 'byte' },
      { type: 'keyword', index: false },
    ].map((definition) => [
      `an order by one of type ${definition.type}`,
      { settings: { 'sort.field': 'price' }, mappings: field(definition) },
    ]),
  ),
  'an order by the sequence number': { settings: { 'sort.field': '_seq_no' }, mappings: keyword },
  'an order beside a nested object': {
    settings: { 'sort.field': 'price' },
    mappings: field({ type: 'long' }, { parts: { type: 'nested', properties: { a: { type: 'long' } } } }),
  },
  'an order by a date': {
    settings: { 'sort.field': 'price', 'sort.missing': '_first' },
    mappings: field({ type: 'date' }),
  },
  'an analyzer of its own': {
    settings: analysis({
      filter: { words: { type: 'stop', stopwords: ['a, b', 'c'] } },
      analyzer: { mine: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'words'] } },
    }),
    mappings: field({ type: 'text', analyzer: 'mine' }),
  },
  'a tokenizer of its own': {
    settings: analysis({
      tokenizer: { t: { type: 'standard', max_token_length: 5 } },
      analyzer: { mine: { tokenizer: 't' } },
    }),
    mappings: field({ type: 'text', analyzer: 'mine' }),
  },
  synonyms: {
    settings: analysis({
      filter: { s: { type: 'synonym', synonyms: ['sofa, couch'] } },
      analyzer: { mine: { tokenizer: 'standard', filter: ['s'] } },
    }),
    mappings: field({ type: 'text', analyzer: 'mine' }),
    only: 'opensearch',
  },
  'a normalizer of its own': {
    settings: analysis({ normalizer: { low: { type: 'custom', filter: ['lowercase'] } } }),
    mappings: field({ type: 'keyword', normalizer: 'low' }),
  },
  'a similarity of its own': {
    settings: { similarity: { mine: { type: 'BM25', b: 0.3 } } },
    mappings: field({ type: 'text', similarity: 'mine' }),
  },
  'a pipeline that is there': { settings: { default_pipeline: '_none', final_pipeline: '_none' } },
  'segments as replicas': { settings: { 'replication.type': 'SEGMENT' }, only: 'opensearch' },
  'an index for logs': {
    settings: { mode: 'logsdb' },
    mappings: { properties: { '@timestamp': { type: 'date' } } },
    only: 'elasticsearch',
    kept: {
      'mappings._data_stream_timestamp.enabled': 'true',
      'mappings.properties.@timestamp.ignore_malformed': 'false',
    },
  },
};
