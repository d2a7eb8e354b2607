// Check: some node must be allowed to hold the shards of the new index. If not, every write would time out.
import { clusterHealth } from '../../cluster/nodes/clusterHealth.js';
import { dataNodes, type DataNode } from '../../cluster/nodes/dataNodes.js';
import { type ClusterSettings, getClusterSettings } from '../../cluster/nodes/getClusterSettings.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Check, Finding } from './check.js';
import { areMany, count } from '../../words.js';
import { settingsByName, readSetting } from './readSetting.js';
import { replicasOf } from './shardLimit.js';

export const checkAllocation: Check = async ({ cluster, definition, target }) => {
  if (!target) return [];
  const [settings, nodes, { shards }] = await Promise.all([
    getClusterSettings(cluster),
    dataNodes(cluster),
    clusterHealth(cluster),
  ]);
  return allocationFindings(target, settings, nodes, shards, definition.settings);
};

const ENABLE = 'routing.allocation.enable';
/** The values with which the engine allocates the primaries of a new index. */
const PRIMARIES_ALLOWED = new Set(['all', 'primaries', 'new_primaries']);

export function allocationFindings(
  target: { readonly index: string; readonly settings: JsonObject },
  cluster: ClusterSettings,
  nodes: readonly DataNode[],
  /** The number of shard copies that the cluster has before the migration. */
  shardsThere = 0,
  /** The settings in the index file. All others are kept from the live index. */
  inFile: JsonObject = target.settings,
): Finding[] {
  const declared = settingsByName(target.settings);
  const isInFile = (setting: string): boolean => settingsByName(inFile)[setting] !== undefined;
  const ofIndex = declared[`index.${ENABLE}`];
  // the engine prefers the value of the index to the value of the cluster
  const enable = (ofIndex ?? cluster[`cluster.${ENABLE}`] ?? 'all').toLowerCase();
  const where =
    ofIndex === undefined
      ? `cluster.${ENABLE} is ${enable}`
      : `index.${ENABLE} of ${target.index}, ${isInFile(`index.${ENABLE}`) ? 'as declared' : KEPT}, is ${enable}`;
  const wayOut =
    ofIndex === undefined
      ? `Set it back: PUT /_cluster/settings {"persistent":{"cluster.${ENABLE}":null},"transient":{"cluster.${ENABLE}":null}}.`
      : isInFile(`index.${ENABLE}`)
        ? 'Remove it from the index file.'
        : `Set it back on the live index, or declare "index.${ENABLE}": "all" in the index file.`;
  if (!PRIMARIES_ALLOWED.has(enable)) {
    return [
      finding('block', `${where}: the engine would not allocate any shard of ${target.index}. ${wayOut}`),
    ];
  }
  const findings: Finding[] = [];
  if (enable !== 'all' && replicasOf(target.settings) > 0) {
    findings.push(
      finding('warn', `${where}: the replicas of ${target.index} would not be allocated. ${wayOut}`),
    );
  }
  const allowed = nodes.filter((node) =>
    [declared, cluster].every((settings) => isAllowed(node, filtersOf(settings))),
  );
  if (nodes.length > 0 && allowed.length === 0) {
    const filters = [...filtersOf(declared), ...filtersOf(cluster)].map(
      ({ setting, value }) => `${setting}: ${value}`,
    );
    findings.push(
      finding(
        'block',
        `no data node may hold a shard of ${target.index}: the allocation filters (${filters.join(', ')}) exclude ` +
          `${nodes.map(({ name }) => name).join(', ')}. ${filtersWayOut(filtersOf(declared).filter(({ setting }) => !isInFile(setting)))}`,
      ),
    );
  }
  return [
    ...findings,
    ...limitFindings(target, { cluster, nodes: allowed.length, shardsThere }),
    ...waitFindings(target, allowed.length),
  ];
}

export const WAIT_FOR = 'index.write.wait_for_active_shards';

export function copiesToWaitFor(settings: JsonObject): number {
  const value = readSetting(settings, 'write.wait_for_active_shards') ?? '1';
  if (value !== 'all') return Number(value);
  // with auto_expand_replicas, the engine adapts the number of replicas to the number of nodes
  const expands = (readSetting(settings, 'auto_expand_replicas') ?? 'false') !== 'false';
  return expands ? 1 : 1 + replicasOf(settings);
}

/**
 * A node holds at most one copy of a shard. So if writes wait for more copies than there are nodes, each
 * write fails after 1 minute.
 */
function waitFindings(
  { index, settings }: { readonly index: string; readonly settings: JsonObject },
  nodes: number,
): Finding[] {
  const copies = copiesToWaitFor(settings);
  if (nodes === 0 || !(copies > nodes)) return [];
  return [
    finding(
      'block',
      `${WAIT_FOR} is ${readSetting(settings, 'write.wait_for_active_shards')}: each write to ${index} would wait for ` +
        `${copies} copies of its shard, but only ${count(nodes, 'data node')} can hold a copy. Declare a smaller number.`,
    ),
  ];
}

const KEPT = 'kept from the live index';

function filtersWayOut(kept: readonly Filter[]): string {
  if (kept.length === 0) return 'Change the filters in the index file or in the cluster settings.';
  const names = kept.map(({ setting }) => setting).join(', ');
  return (
    `The index file does not mention ${names}, so the new index would have the same value as the live index. Change the value in the live ` +
    'index, or declare null in the index file.'
  );
}

const LIMIT = 'routing.allocation.total_shards_per_node';

function limitFindings(
  { index, settings }: { readonly index: string; readonly settings: JsonObject },
  {
    cluster,
    nodes,
    shardsThere,
  }: { readonly cluster: ClusterSettings; readonly nodes: number; readonly shardsThere: number },
): Finding[] {
  if (nodes === 0) return [];
  const primaries = Number(readSetting(settings, 'number_of_shards') ?? 1);
  const copies = primaries * (1 + replicasOf(settings));
  const limits = [
    { setting: `index.${LIMIT}`, limit: Number(readSetting(settings, LIMIT)), there: 0 },
    { setting: `cluster.${LIMIT}`, limit: Number(cluster[`cluster.${LIMIT}`]), there: shardsThere },
  ];
  return limits.flatMap(({ setting, limit, there }) => {
    // -1 means that there is no limit
    if (!(limit > 0)) return [];
    const room = Math.max(0, limit * nodes - there);
    if (room >= copies) return [];
    const what =
      room < primaries
        ? `${areMany(primaries, 'primary shard')} needed`
        : 'the replicas would not be allocated';
    return [
      finding(
        room < primaries ? 'block' : 'warn',
        `${setting} is ${limit}: on ${count(nodes, 'data node')} there is room for ${count(room, 'shard')} of ${index}, and ${what}. ` +
          `Raise this limit, or declare fewer shards or replicas.`,
      ),
    ];
  });
}

interface Filter {
  readonly setting: string;
  readonly kind: 'require' | 'include' | 'exclude';
  readonly attribute: string;
  readonly value: string;
}

const FILTER = /^(?:index|cluster)\.routing\.allocation\.(require|include|exclude)\.(.+)$/;

function filtersOf(settings: Readonly<Record<string, string>>): Filter[] {
  return Object.entries(settings).flatMap(([setting, value]): Filter[] => {
    const [, kind, attribute] = FILTER.exec(setting) ?? [];
    // tiers are not filters but a list of preferences, which Elasticsearch evaluates itself
    if (!kind || !attribute || attribute === '_tier_preference' || attribute === '_tier' || value === '')
      return [];
    return [{ setting, kind: kind as Filter['kind'], attribute, value }];
  });
}

/**
 * Every `require`, one or more `include` (if there is any), and no `exclude` must match the node.
 * @see https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/cluster-settings/
 */
function isAllowed(node: DataNode, filters: readonly Filter[]): boolean {
  const of = (kind: Filter['kind']) => filters.filter((filter) => filter.kind === kind);
  const included = of('include');
  return (
    of('require').every((filter) => everyValue(filter).every((pattern) => matches(node, filter, pattern))) &&
    (included.length === 0 ||
      included.some((filter) => everyValue(filter).some((pattern) => matches(node, filter, pattern)))) &&
    !of('exclude').some((filter) => everyValue(filter).some((pattern) => matches(node, filter, pattern)))
  );
}

const everyValue = ({ value }: Filter): string[] => value.split(',').map((part) => part.trim());

function matches(node: DataNode, { attribute }: Filter, pattern: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  const expression = new RegExp(`^${escaped.join('.*')}$`);
  return valuesOf(node, attribute).some((value) => expression.test(value));
}

function valuesOf(node: DataNode, attribute: string): string[] {
  switch (attribute) {
    case '_name':
      return [node.name];
    case '_id':
      return [node.id];
    case '_host':
      return [node.host, node.ip];
    case '_ip':
    case '_host_ip':
    case '_publish_ip':
      return [node.ip];
    default:
      return [node.attributes[attribute] ?? ''].filter((value) => value !== '');
  }
}

function finding(level: Finding['level'], message: string): Finding {
  return { check: 'allocation', level, message };
}
