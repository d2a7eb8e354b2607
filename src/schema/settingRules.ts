// The index settings that exist, and when each can be changed. Measured on OpenSearch 3.8 and Elasticsearch
// 9.2, with every setting of `GET /i/_settings?include_defaults=true` on an open and on a closed index.
import type { Engine, EngineName } from '../cluster/cluster.js';
import { engineTitle, nearest } from './nearestName.js';
import type { ChangeClass } from './types.js';

export interface Verdict {
  readonly needs: ChangeClass;
  readonly reason: string;
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Settings that can be changed on an open index. */
const DYNAMIC = words(`
  allocation.max_retries analyze.max_token_count auto_expand_replicas compound_format default_pipeline final_pipeline
  flush_after_merge gc_deletes hidden highlight.max_analyzed_offset indexing.slowlog mapping.depth.limit
  mapping.field_name_length.limit mapping.nested_fields.limit mapping.nested_objects.limit mapping.total_fields.limit
  max_docvalue_fields_search max_inner_result_window max_ngram_diff max_refresh_listeners max_regex_length
  max_rescore_window max_result_window max_script_fields max_shingle_diff max_slices_per_scroll max_terms_count
  merge.policy.deletes_pct_allowed merge.policy.expunge_deletes_allowed merge.policy.floor_segment
  merge.policy.max_merge_at_once merge.policy.max_merged_segment merge.policy.segments_per_tier merge.scheduler
  number_of_replicas priority query.default_field refresh_interval requests.cache.enable routing.allocation
  routing.rebalance search.idle.after search.slowlog soft_deletes.retention soft_deletes.retention_lease
  translog.durability translog.flush_threshold_size translog.generation_threshold_size translog.sync_interval
  unassigned.node_left.delayed_timeout warmer.enabled write.wait_for_active_shards
  lifecycle plugins opendistro knn.algo_param knn.advanced
`);

/** Settings that can be changed only on a closed index. */
const STATIC = words(`
  analysis similarity codec data_path fielddata.cache load_fixed_bitset_filters_eagerly mapping.coerce
  mapping.ignore_malformed queries.cache.enabled query.parse.allow_unmapped_fields query_string.lenient recovery.type
  shard.check_on_startup store knn
`);

/** Settings that can be set only when an index is created. */
const FINAL = words(`format number_of_shards soft_deletes.enabled sort`);

/** The engine changes these on a closed index, but then no longer finds the existing documents. */
const DECIDES_SHARD = words(`number_of_routing_shards routing_partition_size`);

interface Lists {
  readonly dynamic: readonly string[];
  readonly static: readonly string[];
  readonly final: readonly string[];
}

/** Settings that only one of the engines has. */
const ONLY: Readonly<Record<EngineName, Lists>> = {
  opensearch: {
    dynamic: words(`
      aggregation.streaming auto_expand_search_replicas auto_force_merge bulk.adaptive_shard_selection
      context_aware.max_retry_on_lookup_map_acquisition_exception derived_source.translog
      ingestion_source.error_strategy ingestion_source.poll ingestion_source.warmup mapper.dynamic
      mapping.dynamic_properties max_adjacency_matrix_filters max_slices_per_pit merge.log_byte_size_policy
      merge.policy.reclaim_deletes_weight merge_on_flush number_of_search_replicas optimize_doc_id_lookup
      periodic_flush_interval query.derived_field query.max_nested_depth search.concurrent
      search.concurrent_segment_search search.default_pipeline search.star_tree_index segment_replication
      tiered.storage translog.retention unreferenced_file_cleanup
    `),
    static: words(`
      check_pending_flush codec.compression_level codec.qatmode composite_store force_memory_term_dictionary
      ingestion_source.type merge.policy percolator translog.read_forward use_compound_file warm
    `),
    final: words(`
      append_only composite_index context_aware.enabled derived_source.enabled ingestion_source number_of_virtual_shards
      pluggable replication.type
    `),
  },
  elasticsearch: {
    dynamic: words(`
      bloom_filter_for_id_field dense_vector highlight.weight_matches_mode mapping.dimension_fields
      mapping.synthetic_source mapping.total_fields.ignore_dynamic_beyond_limit merge.policy.max_merge_at_once_explicit
      merge.policy.merge_factor merge.policy.type time_series.end_time translog.flush_threshold_age
    `),
    static: words(`failure_store mapping.ignore_above mapping.synthetic_source_keep xpack`),
    final: words(`
      dimensions_tsid_strategy_enabled fast_refresh logsdb mapping.exclude_source_vectors mapping.source mode
      recovery.use_synthetic_source routing_path seq_no time_series
    `),
  },
};

/** The length of the longest name that is `path` or a group around it (`search.slowlog`); 0 if none is. */
function rank(path: string, names: readonly string[]): number {
  return Math.max(
    0,
    ...names.filter((name) => path === name || path.startsWith(`${name}.`)).map((name) => name.length),
  );
}

/** When a setting can be changed, by its dotted path without `index.`. */
export function settingVerdict(path: string, engine: Engine): Verdict {
  const own = ONLY[engine.name];
  const other = ONLY[engine.name === 'opensearch' ? 'elasticsearch' : 'opensearch'];
  const ranks = {
    dynamic: rank(path, [...DYNAMIC, ...own.dynamic]),
    static: rank(path, [...STATIC, ...own.static]),
    final: rank(path, [...FINAL, ...own.final]),
    shard: rank(path, DECIDES_SHARD),
    other: rank(path, [...other.dynamic, ...other.static, ...other.final]),
  };
  const best = Math.max(...Object.values(ranks));
  if (best === 0) return unknownSetting(path, engine);
  if (best === ranks.dynamic)
    return { needs: 'in-place', reason: 'a dynamic setting: the engine takes it on an open index' };
  if (best === ranks.static) return { needs: 'close-and-open', reason: staticReason(path) };
  if (best === ranks.final)
    return { needs: 'new-version', reason: 'the engine fixes this setting when an index is created' };
  if (best === ranks.shard) {
    const reason =
      'it decides on which shard a document lies, so documents that are there would no longer be found';
    return { needs: 'new-version', reason };
  }
  return { needs: 'blocked', reason: `${engineTitle(engine)} has no setting index.${path}` };
}

function staticReason(path: string): string {
  const reason = 'a static setting: the engine takes it only on a closed index';
  return path.startsWith('codec')
    ? `${reason}; segments written before keep the old codec until they are merged`
    : reason;
}

function unknownSetting(path: string, engine: Engine): Verdict {
  const own = ONLY[engine.name];
  const known = [
    ...DYNAMIC,
    ...STATIC,
    ...FINAL,
    ...DECIDES_SHARD,
    ...own.dynamic,
    ...own.static,
    ...own.final,
  ];
  const meant = nearest(path, known);
  if (meant !== undefined) {
    return {
      needs: 'blocked',
      reason: `${engineTitle(engine)} has no setting index.${path}; did you mean index.${meant}?`,
    };
  }
  return {
    needs: 'new-version',
    reason: `twindex does not know whether index.${path} can be changed on a live index, so a new index is the safe way`,
  };
}

/** The engines' defaults, for settings where declaring the default has no effect. */
export const SETTING_DEFAULTS: Readonly<Record<string, string>> = {
  'analyze.max_token_count': '10000',
  auto_expand_replicas: 'false',
  codec: 'default',
  default_pipeline: '_none',
  final_pipeline: '_none',
  hidden: 'false',
  'highlight.max_analyzed_offset': '1000000',
  'mapping.depth.limit': '20',
  'mapping.ignore_malformed': 'false',
  'mapping.nested_fields.limit': '50',
  'mapping.nested_objects.limit': '10000',
  'mapping.total_fields.limit': '1000',
  max_docvalue_fields_search: '100',
  max_inner_result_window: '100',
  max_ngram_diff: '1',
  max_refresh_listeners: '1000',
  max_regex_length: '1000',
  max_rescore_window: '10000',
  max_result_window: '10000',
  max_script_fields: '32',
  max_shingle_diff: '3',
  max_terms_count: '65536',
  number_of_replicas: '1',
  number_of_shards: '1',
  priority: '1',
  'queries.cache.enabled': 'true',
  'requests.cache.enable': 'true',
  'replication.type': 'DOCUMENT',
  'routing.allocation.enable': 'all',
  'routing.rebalance.enable': 'all',
  routing_partition_size: '1',
  'search.idle.after': '30s',
  'soft_deletes.enabled': 'true',
  'translog.durability': 'REQUEST',
  'translog.sync_interval': '5s',
  'write.wait_for_active_shards': '1',
};

const OPERATED = words(`
  auto_expand_replicas auto_expand_search_replicas hidden indexing.slowlog knn.advanced lifecycle
  number_of_replicas number_of_routing_shards number_of_search_replicas opendistro plugins priority routing
  search.slowlog soft_deletes unassigned
`);

/**
 * True if operators and policies change this setting while an index is in use. It is compared only if the
 * index file declares it; otherwise the live value stays.
 */
export function isOperated(path: string): boolean {
  return rank(path, OPERATED) > 0;
}
