// The index settings that exist, and when each can be changed. Measured on OpenSearch 3.8 and Elasticsearch
// 9.2, with every setting of `GET /i/_settings?include_defaults=true` on an open and on a closed index. A name stands
// for the setting or for the group of settings below it (`search.slowlog`).

/** Settings that can be changed on an open index. */
// biome-ignore format: one item a line would be too long
export const DYNAMIC = [
  'allocation.max_retries', 'analyze.max_token_count', 'auto_expand_replicas', 'compound_format',
  'default_pipeline', 'final_pipeline', 'flush_after_merge', 'gc_deletes', 'hidden',
  'highlight.max_analyzed_offset', 'indexing.slowlog', 'mapping.depth.limit',
  'mapping.field_name_length.limit', 'mapping.nested_fields.limit', 'mapping.nested_objects.limit',
  'mapping.total_fields.limit', 'max_docvalue_fields_search', 'max_inner_result_window', 'max_ngram_diff',
  'max_refresh_listeners', 'max_regex_length', 'max_rescore_window', 'max_result_window', 'max_script_fields',
  'max_shingle_diff', 'max_slices_per_scroll', 'max_terms_count', 'merge.policy.deletes_pct_allowed',
  'merge.policy.expunge_deletes_allowed', 'merge.policy.floor_segment', 'merge.policy.max_merge_at_once',
  'merge.policy.max_merged_segment', 'merge.policy.segments_per_tier', 'merge.scheduler',
  'number_of_replicas', 'priority', 'query.default_field', 'refresh_interval', 'requests.cache.enable',
  'routing.allocation', 'routing.rebalance', 'search.idle.after', 'search.slowlog', 'soft_deletes.retention',
  'soft_deletes.retention_lease', 'translog.durability', 'translog.flush_threshold_size',
  'translog.generation_threshold_size', 'translog.sync_interval', 'unassigned.node_left.delayed_timeout',
  'warmer.enabled', 'write.wait_for_active_shards', 'lifecycle', 'plugins', 'opendistro', 'knn.algo_param',
  'knn.advanced',
] as const;

/** Settings that can be changed only on a closed index. */
// biome-ignore format: one item a line would be too long
export const STATIC = [
  'analysis', 'similarity', 'codec', 'data_path', 'fielddata.cache', 'load_fixed_bitset_filters_eagerly',
  'mapping.coerce', 'mapping.ignore_malformed', 'queries.cache.enabled', 'query.parse.allow_unmapped_fields',
  'query_string.lenient', 'recovery.type', 'shard.check_on_startup', 'store', 'knn',
] as const;

/** Settings that can be set only when an index is created. */
// biome-ignore format: one item a line would be too long
export const FINAL = [
  'format', 'number_of_shards', 'soft_deletes.enabled', 'sort',
] as const;

/** The engine changes these on a closed index, but then no longer finds the existing documents. */
export const DECIDES_SHARD = ['number_of_routing_shards', 'routing_partition_size'] as const;

/** Settings that only one of the engines has. */
// biome-ignore format: one item a line would be too long
export const ONLY = {
  opensearch: {
    dynamic: [
      'aggregation.streaming', 'auto_expand_search_replicas', 'auto_force_merge',
      'bulk.adaptive_shard_selection', 'context_aware.max_retry_on_lookup_map_acquisition_exception',
      'derived_source.translog', 'ingestion_source.error_strategy', 'ingestion_source.poll',
      'ingestion_source.warmup', 'mapper.dynamic', 'mapping.dynamic_properties',
      'max_adjacency_matrix_filters', 'max_slices_per_pit', 'merge.log_byte_size_policy',
      'merge.policy.reclaim_deletes_weight', 'merge_on_flush', 'number_of_search_replicas',
      'optimize_doc_id_lookup', 'periodic_flush_interval', 'query.derived_field', 'query.max_nested_depth',
      'search.concurrent', 'search.concurrent_segment_search', 'search.default_pipeline',
      'search.star_tree_index', 'segment_replication', 'tiered.storage', 'translog.retention',
      'unreferenced_file_cleanup',
    ],
    static: [
      'check_pending_flush', 'codec.compression_level', 'codec.qatmode', 'composite_store',
      'force_memory_term_dictionary', 'ingestion_source.type', 'merge.policy', 'percolator',
      'translog.read_forward', 'use_compound_file', 'warm',
    ],
    final: [
      'append_only', 'composite_index', 'context_aware.enabled', 'derived_source.enabled', 'ingestion_source',
      'number_of_virtual_shards', 'pluggable', 'replication.type',
    ],
  },
  elasticsearch: {
    dynamic: [
      'bloom_filter_for_id_field', 'dense_vector', 'highlight.weight_matches_mode',
      'mapping.dimension_fields', 'mapping.synthetic_source',
      'mapping.total_fields.ignore_dynamic_beyond_limit', 'merge.policy.max_merge_at_once_explicit',
      'merge.policy.merge_factor', 'merge.policy.type', 'time_series.end_time',
      'translog.flush_threshold_age',
    ],
    static: [
      'failure_store', 'mapping.ignore_above', 'mapping.synthetic_source_keep', 'xpack',
    ],
    final: [
      'dimensions_tsid_strategy_enabled', 'fast_refresh', 'logsdb', 'mapping.exclude_source_vectors',
      'mapping.source', 'mode', 'recovery.use_synthetic_source', 'routing_path', 'seq_no', 'time_series',
    ],
  },
} as const;

type Lists = (typeof ONLY)[keyof typeof ONLY];

/** For example `number_of_shards`, without `index.`. */
export type SettingName =
  | (typeof DYNAMIC | typeof STATIC | typeof FINAL | typeof DECIDES_SHARD)[number]
  | Lists[keyof Lists][number];
