// Which actions a request needs, as the security of the engines names them. A table of all requests that twindex and its tests
// send: a request that it does not know is refused, so that no request is let through by mistake. Sources: the REST handlers of
// OpenSearch 3 and Elasticsearch 9, and `PrivilegesEvaluator` of the security plugin of OpenSearch.
import type { EngineName } from '../../../src/cluster/cluster.js';

interface FrontRequest {
  readonly method: string;
  /** Segments of the path, decoded. */
  readonly segments: readonly string[];
  readonly body: string;
}

export interface Need {
  readonly action: string;
  /**
   * Names of indexes and aliases, and wildcards. An empty list stands for any index. Undefined: the action concerns the whole
   * cluster.
   */
  readonly names?: readonly string[];
}

/** Every index of the cluster. */
const ALL = '*';

type Find = (request: FrontRequest, engine: EngineName) => readonly Need[];

const onCluster =
  (action: string): Find =>
  () => [{ action }];

/** Requests without an index in their path, by method and the beginning of the path. The first that fits applies. */
const AT_ROOT: readonly (readonly [pattern: RegExp, find: Find])[] = [
  [/^GET _nodes\/stats/, onCluster('cluster:monitor/nodes/stats')],
  [/^GET _nodes/, onCluster('cluster:monitor/nodes/info')],
  [/^GET _cluster\/health/, onCluster('cluster:monitor/health')],
  [/^GET _cluster\/state/, onCluster('cluster:monitor/state')],
  [
    /^GET _cluster\/settings/,
    (_, engine) => [
      { action: engine === 'opensearch' ? 'cluster:monitor/state' : 'cluster:monitor/settings' },
    ],
  ],
  [/^POST _cluster\/allocation\/explain/, onCluster('cluster:monitor/allocation/explain')],
  [/^GET _index_template/, onCluster('indices:admin/index_template/get')],
  [/^POST _index_template\/_simulate_index/, onCluster('indices:admin/index_template/simulate_index')],
  [/^POST _index_template\/_simulate/, onCluster('indices:admin/index_template/simulate')],
  [/^GET _template/, onCluster('indices:admin/template/get')],
  [/^GET _ingest\/pipeline/, onCluster('cluster:admin/ingest/pipeline/get')],
  [/^POST _ingest\/pipeline\/[^/]+\/_simulate/, onCluster('cluster:admin/ingest/pipeline/simulate')],
  [/^GET _search\/pipeline/, onCluster('cluster:admin/search/pipeline/get')],
  [/^GET _plugins\/_ism\/explain/, onCluster('cluster:admin/opendistro/ism/managedindex/explain')],
  [/^GET _tasks\/./, onCluster('cluster:monitor/task/get')],
  [/^GET _tasks/, onCluster('cluster:monitor/tasks/lists')],
  [/^POST _tasks\/.*_cancel/, onCluster('cluster:admin/tasks/cancel')],
  [/^POST _reindex\/.*_rethrottle/, onCluster('cluster:admin/reindex/rethrottle')],
  [/^POST _reindex/, reindexNeeds],
  [/^POST _aliases/, aliasNeeds],
  [/^GET _alias/, ({ segments }, engine) => aliasesGet(engine, undefined, segments[1])],
  [/^DELETE _search\/scroll/, onSomeIndex('indices:data/read/scroll/clear')],
  [/^POST _search\/scroll/, onSomeIndex('indices:data/read/scroll')],
  [/^POST _mget/, (request, engine) => mgetNeeds(request, undefined, engine)],
  [/^POST _bulk/, (request, engine) => bulkNeeds(request, undefined, engine)],
];

/** Requests with an index in their path. */
const ON_INDEX: readonly (readonly [pattern: RegExp, find: Find])[] = [
  [/^GET $/, onIndex('indices:admin/get')],
  [/^PUT $/, (request) => createNeeds(request)],
  [/^DELETE $/, onIndex('indices:admin/delete')],
  [/^POST _open/, onIndex('indices:admin/open')],
  [/^POST _close/, onIndex('indices:admin/close')],
  [/^PUT _block/, onIndex('indices:admin/block/add')],
  [/^GET _settings/, onIndex('indices:monitor/settings/get')],
  [/^PUT _settings/, onIndex('indices:admin/settings/update')],
  [/^PUT _mapping/, onIndex('indices:admin/mapping/put')],
  [/^GET _mapping/, onIndex('indices:admin/mappings/get')],
  [/^GET _alias/, ({ segments }, engine) => aliasesGet(engine, namesIn(segments[0]), segments[2])],
  [/^GET _stats/, onIndex('indices:monitor/stats')],
  [/^POST _refresh/, onIndex('indices:admin/refresh')],
  [/^POST _flush/, onIndex('indices:admin/flush')],
  [/^GET _field_caps/, onIndex('indices:data/read/field_caps')],
  [/^(?:GET|POST) (?:_search|_count)/, onIndex('indices:data/read/search')],
  [
    /^POST _msearch/,
    (request, engine) => [
      ...composite('indices:data/read/msearch', engine),
      ...onIndex('indices:data/read/search')(request, engine),
    ],
  ],
  [/^POST _mget/, (request, engine) => mgetNeeds(request, request.segments[0], engine)],
  [/^POST _bulk/, (request, engine) => bulkNeeds(request, request.segments[0], engine)],
  [/^(?:GET|HEAD) (?:_doc|_source)/, onIndex('indices:data/read/get')],
  [/^(?:PUT|POST) _doc/, single('index')],
  [/^(?:PUT|POST) _create/, single('create')],
  [/^DELETE _doc/, single('delete')],
  [/^POST _update\//, single('update')],
  [/^POST _update_by_query/, onIndex('indices:data/write/update/byquery')],
  [/^POST _delete_by_query/, onIndex('indices:data/write/delete/byquery')],
];

/** @throws for a request that the table does not have */
export function needsOf(request: FrontRequest, engine: EngineName): readonly Need[] {
  const [first = '', ...rest] = request.segments;
  const isAtRoot = first === '' || first.startsWith('_');
  const text = `${request.method} ${(isAtRoot ? request.segments : rest).join('/')}`;
  const found = (isAtRoot ? AT_ROOT : ON_INDEX).find(([pattern]) => pattern.test(text));
  if (!found)
    throw new Error(
      `tests/integration/secured/actions.ts does not know ${request.method} /${request.segments.join('/')}`,
    );
  return found[1](request, engine);
}

const namesIn = (text = ''): readonly string[] => text.split(',');

function onIndex(action: string): Find {
  return ({ segments }) => [{ action, names: namesIn(segments[0]) }];
}

/** OpenSearch checks this action for the cluster. Elasticsearch lets it through if the user has it for any index. */
function onSomeIndex(action: string): Find {
  return (_, engine) => [engine === 'opensearch' ? { action } : { action, names: [] }];
}

/** The security plugin of OpenSearch checks these for the cluster first, and the parts of the request for the indexes. */
const composite = (action: string, engine: EngineName): Need[] =>
  engine === 'opensearch' ? [{ action }] : [];

type Operation = 'index' | 'create' | 'update' | 'delete';

function actionOf(operation: Operation, engine: EngineName): string {
  if (engine === 'elasticsearch' && (operation === 'index' || operation === 'create'))
    return `indices:data/write/index:op_type/${operation}`;
  return `indices:data/write/${operation === 'create' ? 'index' : operation}`;
}

/** The engines carry out a single write as a bulk of one. */
function single(operation: Operation): Find {
  return ({ segments: [index = ''] }, engine) => writeNeeds(engine, [[operation, index]]);
}

function writeNeeds(engine: EngineName, operations: readonly (readonly [Operation, string])[]): Need[] {
  const needs = operations.flatMap(([operation, index]) => [
    { action: 'indices:data/write/bulk[s]', names: [index] },
    { action: actionOf(operation, engine), names: [index] },
    // the result of an update is indexed
    ...(operation === 'update' ? [{ action: actionOf('index', engine), names: [index] }] : []),
  ]);
  return [...composite('indices:data/write/bulk', engine), ...needs];
}

function bulkNeeds({ body }: FrontRequest, inPath: string | undefined, engine: EngineName): Need[] {
  const operations: [Operation, string][] = [];
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  for (let at = 0; at < lines.length; at++) {
    const [[operation, { _index: index = inPath ?? '' }] = ['index', {}]] = Object.entries(
      JSON.parse(lines[at] ?? '') as Record<string, { _index?: string }>,
    );
    operations.push([operation as Operation, index]);
    if (operation !== 'delete') at++;
  }
  const distinct = new Map(operations.map((one) => [one.join(' '), one]));
  return writeNeeds(engine, [...distinct.values()]);
}

function mgetNeeds({ body }: FrontRequest, inPath: string | undefined, engine: EngineName): Need[] {
  const { docs = [] } = JSON.parse(body) as { docs?: readonly { _index?: string }[] };
  const names = [...new Set(docs.map(({ _index }) => _index ?? inPath ?? ''))];
  return [...composite('indices:data/read/mget', engine), { action: 'indices:data/read/mget[shard]', names }];
}

interface ReindexBody {
  readonly source?: { readonly index: string };
  readonly dest?: { readonly index: string };
}

function reindexNeeds({ body }: FrontRequest, engine: EngineName): Need[] {
  const { source, dest } = JSON.parse(body) as ReindexBody;
  const read = source ? [{ action: 'indices:data/read/search', names: [source.index] }] : [];
  const written = dest
    ? [
        { action: 'indices:data/write/bulk[s]', names: [dest.index] },
        { action: 'indices:data/write/index', names: [dest.index] },
      ]
    : [];
  return [
    ...onSomeIndex('indices:data/write/reindex')({ method: '', segments: [], body }, engine),
    ...read,
    ...written,
  ];
}

interface AliasAction {
  readonly index?: string;
  readonly indices?: readonly string[];
  readonly alias?: string;
}

/** Elasticsearch wants the right for the index and for the alias, OpenSearch for the index. */
function aliasNeeds({ body }: FrontRequest, engine: EngineName): Need[] {
  const { actions } = JSON.parse(body) as { actions: readonly Record<string, AliasAction>[] };
  return actions.flatMap((one) =>
    Object.entries(one).flatMap(
      ([verb, { index, indices = index === undefined ? [] : [index], alias }]): Need[] => {
        const names = engine === 'elasticsearch' && alias !== undefined ? [...indices, alias] : indices;
        const removal = verb === 'remove_index' ? [{ action: 'indices:admin/delete', names: indices }] : [];
        return [{ action: 'indices:admin/aliases', names }, ...removal];
      },
    ),
  );
}

function createNeeds({ segments: [index = ''], body }: FrontRequest): Need[] {
  const { aliases = {} } = (body === '' ? {} : JSON.parse(body)) as { aliases?: object };
  const names = Object.keys(aliases);
  const more = names.length > 0 ? [{ action: 'indices:admin/aliases', names: [index, ...names] }] : [];
  return [{ action: 'indices:admin/create', names: [index] }, ...more];
}

/** Without an index, OpenSearch checks the right for every index of the cluster, Elasticsearch for the aliases. */
function aliasesGet(
  engine: EngineName,
  indexes: readonly string[] | undefined,
  aliases: string | undefined,
): Need[] {
  const asked = aliases === undefined ? [] : namesIn(aliases);
  const names = engine === 'opensearch' ? (indexes ?? [ALL]) : [...(indexes ?? []), ...asked];
  return [{ action: 'indices:admin/aliases/get', names }];
}
