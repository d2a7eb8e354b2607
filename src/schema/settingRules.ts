// Rules for index settings: when each can be changed, the engines' defaults, and the settings that operators
// change on live indexes.
import type { Engine } from '../cluster/cluster.js';
import { engineTitle, nearest } from './nearestName.js';
import { DECIDES_SHARD, DYNAMIC, FINAL, ONLY, STATIC } from './settingNames.js';
import type { ChangeClass } from './types.js';

export interface Verdict {
  readonly needs: ChangeClass;
  readonly reason: string;
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * The length of the longest name that is `path` itself or a group around it (`search.slowlog`); 0 if there is
 * none.
 */
function rank(path: string, names: readonly string[]): number {
  return Math.max(
    0,
    ...names.filter((name) => path === name || path.startsWith(`${name}.`)).map((name) => name.length),
  );
}

const ALL: readonly string[] = [
  ...DYNAMIC,
  ...STATIC,
  ...FINAL,
  ...DECIDES_SHARD,
  ...Object.values(ONLY).flatMap((lists) => Object.values(lists).flat()),
];

/** True if one of the engines has this setting, or the group that it is in. */
export const isKnownSetting = (path: string): boolean => rank(path, ALL) > 0;

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
    return { needs: 'in-place', reason: 'a dynamic setting: the engine accepts it on an open index' };
  if (best === ranks.static) return { needs: 'close-and-open', reason: staticReason(path) };
  if (best === ranks.final)
    return { needs: 'new-version', reason: 'the engine fixes this setting when an index is created' };
  if (best === ranks.shard) {
    const reason = 'it decides which shard a document is in, so existing documents would no longer be found';
    return { needs: 'new-version', reason };
  }
  return { needs: 'blocked', reason: `${engineTitle(engine)} has no setting index.${path}` };
}

function staticReason(path: string): string {
  const reason = 'a static setting: the engine accepts it only on a closed index';
  return path.startsWith('codec')
    ? `${reason}; existing segments keep the old codec until they are merged`
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
 * index file declares it. If not, the live value stays.
 */
export function isOperated(path: string): boolean {
  return rank(path, OPERATED) > 0;
}
