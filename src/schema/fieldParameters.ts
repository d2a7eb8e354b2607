// The parameters of every field type, from which src/schema/mappingTypes.ts makes the types of `mappings`.
// The list has the parameters of both engines. To find out whether an engine knows a parameter, the plan asks
// the engine itself.

/** A kind of value: a name of `Values` in mappingTypes.ts, or the list of allowed strings. */
type Kind = string | readonly string[];
type Parameters = Readonly<Record<string, Kind>>;

const EVERYWHERE = {
  meta: 'textsByName',
  copy_to: 'texts',
  fields: 'fields',
  store: 'boolean',
  boost: 'number',
  script: 'script',
  on_script_error: ['fail', 'continue'],
  time_series_dimension: 'boolean',
  synthetic_source_keep: ['none', 'arrays', 'all'],
} as const satisfies Parameters;

const INDEXED = {
  ...EVERYWHERE,
  index: 'boolean',
  doc_values: 'boolean',
  skip_list: 'boolean',
} as const satisfies Parameters;

const TEXT = {
  ...EVERYWHERE,
  index: 'boolean',
  doc_values: 'boolean',
  analyzer: 'text',
  search_analyzer: 'text',
  search_quote_analyzer: 'text',
  index_options: ['docs', 'freqs', 'positions', 'offsets'],
  index_phrases: 'boolean',
  index_prefixes: 'object',
  term_vector: [
    'no',
    'yes',
    'with_positions',
    'with_offsets',
    'with_positions_offsets',
    'with_positions_payloads',
    'with_positions_offsets_payloads',
  ],
  norms: 'boolean',
  similarity: 'text',
  eager_global_ordinals: 'boolean',
  position_increment_gap: 'number',
  fielddata: 'boolean',
  fielddata_frequency_filter: 'object',
} as const satisfies Parameters;

const KEYWORD = {
  ...INDEXED,
  null_value: 'text',
  ignore_above: 'number',
  normalizer: 'text',
  index_options: ['docs', 'freqs'],
  norms: 'boolean',
  similarity: 'text',
  use_similarity: 'boolean',
  eager_global_ordinals: 'boolean',
  split_queries_on_whitespace: 'boolean',
} as const satisfies Parameters;

const METRIC = { time_series_metric: ['gauge', 'counter', 'summary', 'histogram', 'position'] } as const;

const NUMBER = {
  ...INDEXED,
  ...METRIC,
  null_value: 'number',
  coerce: 'boolean',
  ignore_malformed: 'boolean',
} as const satisfies Parameters;

const DATE = {
  ...INDEXED,
  null_value: 'scalar',
  format: 'text',
  print_format: 'text',
  locale: 'text',
  ignore_malformed: 'boolean',
} as const satisfies Parameters;

const RANGE = { ...INDEXED, coerce: 'boolean', ignore_malformed: 'boolean' } as const satisfies Parameters;

const GEO = {
  ...INDEXED,
  ...METRIC,
  null_value: 'value',
  ignore_malformed: 'boolean',
  ignore_z_value: 'boolean',
} as const satisfies Parameters;

const SHAPE = {
  ...INDEXED,
  coerce: 'boolean',
  ignore_malformed: 'boolean',
  ignore_z_value: 'boolean',
  orientation: 'text',
  strategy: 'text',
} as const satisfies Parameters;

const PLAIN = { ...EVERYWHERE, ...METRIC, ignore_malformed: 'boolean' } as const satisfies Parameters;

const VECTOR = { meta: 'textsByName', copy_to: 'texts', fields: 'fields' } as const satisfies Parameters;

/** Parameters of objects, even of a field that has `properties` and no type. */
const OBJECT = {
  properties: 'fields',
  dynamic: 'dynamic',
  enabled: 'boolean',
  subobjects: 'boolean',
  synthetic_source_keep: ['none', 'arrays', 'all'],
  include_in_parent: 'boolean',
  include_in_root: 'boolean',
} as const satisfies Parameters;

export const OBJECTS = {
  object: OBJECT,
  nested: OBJECT,
  passthrough: { ...OBJECT, priority: 'number', time_series_dimension: 'boolean' },
} as const satisfies Record<string, Parameters>;

export const LEAVES = {
  text: TEXT,
  match_only_text: TEXT,
  annotated_text: TEXT,
  search_as_you_type: { ...TEXT, max_shingle_size: 'number' },
  keyword: KEYWORD,
  wildcard: { ...INDEXED, null_value: 'text', ignore_above: 'number', normalizer: 'text' },
  constant_keyword: { meta: 'textsByName', value: 'scalar' },
  counted_keyword: { ...EVERYWHERE, index: 'boolean' },
  icu_collation_keyword: {
    ...KEYWORD,
    language: 'text',
    country: 'text',
    variant: 'text',
    rules: 'text',
    strength: ['primary', 'secondary', 'tertiary', 'quaternary', 'identical'],
    decomposition: ['no', 'canonical'],
    alternate: ['shifted', 'non-ignorable'],
    case_level: 'boolean',
    case_first: ['upper', 'lower'],
    numeric: 'boolean',
    variable_top: 'text',
    hiragana_quaternary_mode: 'boolean',
  },
  long: NUMBER,
  integer: NUMBER,
  short: NUMBER,
  byte: NUMBER,
  double: NUMBER,
  float: NUMBER,
  half_float: NUMBER,
  scaled_float: { ...NUMBER, scaling_factor: 'number' },
  unsigned_long: NUMBER,
  token_count: { ...INDEXED, null_value: 'number', analyzer: 'text', enable_position_increments: 'boolean' },
  date: DATE,
  date_nanos: DATE,
  boolean: { ...INDEXED, null_value: 'boolean', ignore_malformed: 'boolean' },
  binary: { ...INDEXED },
  ip: { ...INDEXED, null_value: 'text', ignore_malformed: 'boolean' },
  version: INDEXED,
  semantic_version: INDEXED,
  integer_range: RANGE,
  long_range: RANGE,
  float_range: RANGE,
  double_range: RANGE,
  ip_range: RANGE,
  date_range: { ...RANGE, format: 'text', locale: 'text' },
  flattened: {
    ...KEYWORD,
    depth_limit: 'number',
    time_series_dimensions: 'texts',
    preserve_leaf_arrays: 'text',
  },
  flat_object: { ...KEYWORD, depth_limit: 'number' },
  geo_point: GEO,
  geo_shape: SHAPE,
  point: GEO,
  shape: SHAPE,
  xy_point: GEO,
  xy_shape: SHAPE,
  completion: {
    meta: 'textsByName',
    copy_to: 'texts',
    fields: 'fields',
    analyzer: 'text',
    search_analyzer: 'text',
    preserve_separators: 'boolean',
    preserve_position_increments: 'boolean',
    max_input_length: 'number',
    contexts: 'objects',
  },
  rank_feature: { ...VECTOR, positive_score_impact: 'boolean', null_value: 'number' },
  rank_features: { ...VECTOR, positive_score_impact: 'boolean' },
  join: { meta: 'textsByName', relations: 'listsByName', eager_global_ordinals: 'boolean' },
  alias: { path: 'text' },
  percolator: { meta: 'textsByName' },
  murmur3: PLAIN,
  histogram: { ...PLAIN, coerce: 'boolean' },
  exponential_histogram: { ...PLAIN, coerce: 'boolean' },
  aggregate_metric_double: { ...PLAIN, metrics: 'texts', default_metric: 'text' },
  hll: { ...INDEXED, precision: 'number' },
  dense_vector: {
    ...VECTOR,
    dims: 'number',
    element_type: ['float', 'byte', 'bit', 'bfloat16'],
    index: 'boolean',
    similarity: ['cosine', 'l2_norm', 'dot_product', 'max_inner_product'],
    index_options: 'object',
  },
  sparse_vector: { ...VECTOR, store: 'boolean', index_options: 'object' },
  rank_vectors: { ...VECTOR, dims: 'number', element_type: ['float', 'byte', 'bit', 'bfloat16'] },
  knn_vector: {
    ...INDEXED,
    dimension: 'number',
    data_type: ['float', 'byte', 'binary', 'half_float'],
    space_type: 'text',
    method: 'object',
    mode: ['in_memory', 'on_disk'],
    compression_level: 'text',
    model_id: 'text',
    ignore_malformed: 'boolean',
  },
  semantic_text: {
    meta: 'textsByName',
    fields: 'fields',
    inference_id: 'text',
    search_inference_id: 'text',
    model_settings: 'object',
    chunking_settings: 'object',
    index_options: 'object',
  },
  semantic: {
    model_id: 'text',
    search_model_id: 'text',
    raw_field_type: 'text',
    semantic_info_field_name: 'text',
    semantic_field_search_analyzer: 'text',
    chunking: 'value',
    dense_embedding_config: 'object',
    sparse_encoding_config: 'object',
    skip_existing_embedding: 'boolean',
  },
} as const satisfies Record<string, Parameters>;

const ALL: Readonly<Record<string, Parameters>> = { ...LEAVES, ...OBJECTS };

export const TYPED_FIELDS: readonly string[] = Object.keys(ALL);

/** The parameters that the types of `mappings` know, with their kinds. @returns undefined for an unknown type */
export function parametersOf(type: string): ReadonlyMap<string, Kind> | undefined {
  const known = Object.hasOwn(ALL, type) ? ALL[type] : undefined;
  return known && new Map(Object.entries(known));
}
