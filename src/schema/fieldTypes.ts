// The engines' field types, the defaults of their parameters, and parameters that OpenSearch does not return. The
// defaults are those of `GET /i/_mapping/field/*?include_defaults=true`.
import type { Engine, EngineName } from '../cluster/cluster.js';
import type { Json } from '../json/jsonTypes.js';

type Defaults = Readonly<Record<string, Json>>;

const EVERYWHERE: Defaults = { store: false, boost: 1, on_script_error: 'fail' };
const EVERYWHERE_MORE: Defaults = { time_series_dimension: false, synthetic_source_keep: 'none' };
const INDEXED: Defaults = {
  ...EVERYWHERE,
  ...EVERYWHERE_MORE,
  index: true,
  doc_values: true,
  skip_list: false,
};
const TEXT: Defaults = {
  ...EVERYWHERE,
  ...EVERYWHERE_MORE,
  index: true,
  doc_values: false,
  index_options: 'positions',
  term_vector: 'no',
  norms: true,
  analyzer: 'default',
  similarity: 'BM25',
  eager_global_ordinals: false,
  position_increment_gap: 100,
  fielddata: false,
  index_phrases: false,
};
const KEYWORD: Defaults = {
  ...INDEXED,
  eager_global_ordinals: false,
  ignore_above: 2147483647,
  index_options: 'docs',
  norms: false,
  similarity: 'BM25',
  normalizer: 'default',
  split_queries_on_whitespace: false,
  use_similarity: false,
};
const NUMBER: Defaults = { ...INDEXED, ignore_malformed: false, coerce: true };
const DATE: Defaults = {
  ...INDEXED,
  ignore_malformed: false,
  format: 'strict_date_optional_time||epoch_millis',
  print_format: 'strict_date_optional_time',
};
const RANGE: Defaults = { ...INDEXED, ignore_malformed: false, coerce: true };
const GEO: Defaults = { ...INDEXED, ignore_malformed: false, ignore_z_value: true };
const SHAPE: Defaults = { ...GEO, coerce: false, orientation: 'RIGHT' };
const PLAIN: Defaults = { ...EVERYWHERE, ...EVERYWHERE_MORE, ignore_malformed: false };
const OBJECT: Defaults = {
  enabled: true,
  subobjects: true,
  include_in_parent: false,
  include_in_root: false,
};

/** Every field type of the engines and their usual plugins, with the defaults of its parameters. */
export const DEFAULT_PARAMETERS: Readonly<Record<string, Defaults>> = {
  object: OBJECT,
  nested: OBJECT,
  passthrough: OBJECT,
  text: TEXT,
  match_only_text: { ...TEXT, norms: false },
  annotated_text: TEXT,
  search_as_you_type: { ...TEXT, max_shingle_size: 3 },
  keyword: KEYWORD,
  wildcard: { ignore_above: 2147483647, normalizer: 'default', doc_values: true },
  constant_keyword: {},
  counted_keyword: { index: true },
  icu_collation_keyword: KEYWORD,
  long: NUMBER,
  integer: NUMBER,
  short: NUMBER,
  byte: NUMBER,
  double: NUMBER,
  float: NUMBER,
  half_float: NUMBER,
  scaled_float: NUMBER,
  unsigned_long: NUMBER,
  token_count: { ...INDEXED, enable_position_increments: true },
  date: DATE,
  date_nanos: DATE,
  boolean: { ...INDEXED, ignore_malformed: false },
  binary: { ...EVERYWHERE, doc_values: false },
  ip: { ...INDEXED, ignore_malformed: false },
  version: INDEXED,
  semantic_version: INDEXED,
  integer_range: RANGE,
  long_range: RANGE,
  float_range: RANGE,
  double_range: RANGE,
  ip_range: RANGE,
  date_range: { ...RANGE, format: 'strict_date_optional_time||epoch_millis' },
  flattened: { ...KEYWORD, depth_limit: 20 },
  flat_object: INDEXED,
  geo_point: GEO,
  geo_shape: SHAPE,
  point: GEO,
  shape: SHAPE,
  xy_point: GEO,
  xy_shape: SHAPE,
  completion: {
    analyzer: 'simple',
    preserve_separators: true,
    preserve_position_increments: true,
    max_input_length: 50,
  },
  rank_feature: { positive_score_impact: true },
  rank_features: { positive_score_impact: true },
  join: { eager_global_ordinals: true },
  alias: {},
  percolator: {},
  murmur3: PLAIN,
  histogram: PLAIN,
  exponential_histogram: PLAIN,
  aggregate_metric_double: PLAIN,
  hll: { precision: 14, index: false, doc_values: true },
  dense_vector: { element_type: 'float', index: true, similarity: 'cosine' },
  sparse_vector: { store: true },
  rank_vectors: { element_type: 'float' },
  knn_vector: { ...EVERYWHERE, data_type: 'float' },
  semantic_text: {},
  semantic: {},
};

/** Types that only one of the engines has. */
const ONLY: Readonly<Record<string, EngineName>> = {
  flattened: 'elasticsearch',
  constant_keyword: 'elasticsearch',
  counted_keyword: 'elasticsearch',
  passthrough: 'elasticsearch',
  histogram: 'elasticsearch',
  exponential_histogram: 'elasticsearch',
  aggregate_metric_double: 'elasticsearch',
  dense_vector: 'elasticsearch',
  sparse_vector: 'elasticsearch',
  rank_vectors: 'elasticsearch',
  semantic_text: 'elasticsearch',
  point: 'elasticsearch',
  shape: 'elasticsearch',
  flat_object: 'opensearch',
  xy_point: 'opensearch',
  xy_shape: 'opensearch',
  knn_vector: 'opensearch',
  semantic: 'opensearch',
  semantic_version: 'opensearch',
  hll: 'opensearch',
};

export const TYPE_NAMES: readonly string[] = Object.keys(DEFAULT_PARAMETERS);

/** @returns `known`, `unknown` (to both engines), or the other engine's name if only that has the type */
export function knowsType(type: string, engine: Engine): 'known' | 'unknown' | EngineName {
  if (!Object.hasOwn(DEFAULT_PARAMETERS, type)) return 'unknown';
  const only = Object.hasOwn(ONLY, type) ? ONLY[type] : undefined;
  return only === undefined || only === engine.name ? 'known' : only;
}

/** The default of a parameter, unless it depends on the index settings. */
export function defaultParameter(
  type: string,
  parameter: string,
  engine: Engine | undefined,
): Json | undefined {
  if (parameter === 'locale') return engine?.name === 'elasticsearch' && engine.major >= 9 ? 'en' : '';
  if (type === 'date_nanos' && parameter === 'format' && engine?.name === 'elasticsearch') {
    return 'strict_date_optional_time_nanos||epoch_millis';
  }
  const defaults = Object.hasOwn(DEFAULT_PARAMETERS, type) ? DEFAULT_PARAMETERS[type] : undefined;
  return defaults && Object.hasOwn(defaults, parameter) ? defaults[parameter] : undefined;
}

const BOOSTED = /^(text|match_only_text|keyword|date|date_nanos|boolean|.*_range|flat_object)$/;
const SCORED = /^(text|match_only_text|keyword|search_as_you_type|annotated_text|icu_collation_keyword)$/;
const UNINDEXED = /^(completion|rank_features?|percolator)$/;

/** True for parameters that OpenSearch accepts but omits from the mappings that it returns. */
export function isForgotten(type: string, parameter: string, engine: Engine | undefined): boolean {
  if (engine?.name !== 'opensearch') return false;
  switch (parameter) {
    case 'boost':
      return !BOOSTED.test(type);
    case 'index_options':
    case 'similarity':
      return !SCORED.test(type);
    case 'doc_values':
      return UNINDEXED.test(type) || /^(text|match_only_text)$/.test(type);
    case 'index':
      return UNINDEXED.test(type) || type === 'binary' || type === 'wildcard';
    case 'store':
      return UNINDEXED.test(type) || type === 'wildcard';
    case 'include_in_parent':
    case 'include_in_root':
      return type === 'object';
    default:
      return false;
  }
}

const BOOLEANS = new Set(
  Object.values(DEFAULT_PARAMETERS).flatMap((defaults) =>
    Object.keys(defaults).filter((parameter) => typeof defaults[parameter] === 'boolean'),
  ),
);
// biome-ignore format: one item a line would be too long
const NUMBERS = new Set([
  'boost', 'depth_limit', 'dimension', 'dims', 'ignore_above', 'max_input_length', 'max_shingle_size',
  'position_increment_gap', 'precision', 'priority', 'scaling_factor',
]);

/** The type of a parameter's value, to read `"true"` and `"256"` as the engine does. */
export function parameterKind(type: string, parameter: string): 'boolean' | 'number' | 'other' {
  if (parameter === 'null_value') {
    if (type === 'boolean') return 'boolean';
    return DEFAULT_PARAMETERS[type] === NUMBER || type === 'token_count' ? 'number' : 'other';
  }
  if (parameter === 'similarity' || parameter === 'index_options') return 'other';
  if (BOOLEANS.has(parameter)) return 'boolean';
  return NUMBERS.has(parameter) ? 'number' : 'other';
}
