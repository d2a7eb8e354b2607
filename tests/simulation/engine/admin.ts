// Indexes, aliases, settings, and what the engine tells of itself.
import type { AliasAction, AliasProperties } from '../../../src/cluster/indices/updateAliases.js';
import type { SimulatedEngine } from './engine.js';
import { closedIndex, EngineError, invalid, noIndex } from './errors.js';
import { flatSettings, type Index, type Json, nestedSettings } from './index.js';
import { type EngineAnswer, jsonBody, type Parsed } from './request.js';

const ok = (body: object | string): EngineAnswer => ({ status: 200, body });
const ACKNOWLEDGED = ok({ acknowledged: true });

export function createIndex(engine: SimulatedEngine, name: string, { body }: Parsed): EngineAnswer {
  if (engine.indexes.byName.has(name))
    throw invalid(`index [${name}/uuid] already exists`, 'resource_already_exists_exception');
  if (engine.indexes.withAlias(name).length > 0)
    throw invalid(`Invalid index name [${name}], already exists as alias`, 'invalid_index_name_exception');
  engine.createIndex(name, jsonBody(body));
  return ok({ acknowledged: true, shards_acknowledged: true, index: name });
}

export function deleteIndex(engine: SimulatedEngine, name: string): EngineAnswer {
  engine.removeIndex(engine.indexes.get(name));
  return ACKNOWLEDGED;
}

export function getIndexes(engine: SimulatedEngine, expression: string): EngineAnswer {
  const found = engine.indexes.read(expression).map((index) => [
    index.name,
    {
      aliases: Object.fromEntries(index.aliases),
      mappings: index.mappings,
      settings: nestedSettings(index.settings),
    },
  ]);
  return ok(Object.fromEntries(found) as object);
}

export function getAliases(engine: SimulatedEngine, expression: string): EngineAnswer {
  const found = engine.indexes
    .read(expression)
    .map(({ name, aliases }) => [name, { aliases: Object.fromEntries(aliases) }]);
  return ok(Object.fromEntries(found) as object);
}

/** `GET /_alias/A,B`: of the indexes that have one of them. A missing one makes a 404 of it. */
export function getAliasesNamed(engine: SimulatedEngine, names: readonly string[]): EngineAnswer {
  const found = [...engine.indexes.byName.values()].flatMap(({ name, aliases }) => {
    const some = [...aliases].filter(([alias]) => names.includes(alias));
    return some.length === 0 ? [] : [[name, { aliases: Object.fromEntries(some) }] as const];
  });
  const isMissing = names.some((alias) => !found.some(([, { aliases }]) => alias in aliases));
  const body = Object.fromEntries(found) as object;
  return isMissing ? { status: 404, body: { error: 'alias missing', status: 404, ...body } } : ok(body);
}

/** All or nothing. */
export function updateAliases(engine: SimulatedEngine, { body }: Parsed): EngineAnswer {
  const { actions } = jsonBody(body) as { actions: AliasAction[] };
  const { indexes } = engine;
  const after = new Map([...indexes.byName.values()].map((index) => [index.name, new Map(index.aliases)]));
  const removed: Index[] = [];
  for (const action of actions) {
    if (!('remove_index' in action)) continue;
    removed.push(indexes.get(action.remove_index.index));
    after.delete(action.remove_index.index);
  }
  for (const action of actions) {
    if ('add' in action) {
      const { index, alias, ...properties } = action.add;
      const aliases = after.get(indexes.get(index).name);
      if (!aliases) throw noIndex(index);
      if (after.has(alias))
        throw new EngineError(400, 'invalid_alias_name_exception', `Invalid alias name [${alias}]`);
      aliases.set(alias, canonical(properties));
    } else if ('remove' in action) {
      const { index, alias, must_exist: mustExist } = action.remove;
      const there = after.get(indexes.get(index).name)?.delete(alias);
      if (there) indexes.wasOn.set(alias, indexes.get(index));
      const demanded = mustExist && !(engine.without.has('token') && alias.includes('.token.'));
      if (!there && demanded)
        throw new EngineError(404, 'aliases_not_found_exception', `required alias [${alias}] does not exist`);
    }
  }
  demandOneWriteIndex(after);
  engine.onAliases('before');
  for (const index of removed) engine.removeIndex(index);
  for (const [name, aliases] of after) {
    const index = indexes.get(name);
    index.aliases.clear();
    for (const [alias, properties] of aliases) index.aliases.set(alias, properties);
  }
  engine.onAliases('after');
  return ACKNOWLEDGED;
}

/** As the engine shows them. */
function canonical(properties: AliasProperties): AliasProperties {
  const { filter, index_routing, search_routing, is_write_index, is_hidden } = properties;
  return {
    ...(filter === undefined ? {} : { filter }),
    ...(index_routing === undefined ? {} : { index_routing }),
    ...(search_routing === undefined ? {} : { search_routing }),
    ...(is_write_index === undefined ? {} : { is_write_index }),
    ...(is_hidden === undefined ? {} : { is_hidden }),
  };
}

function demandOneWriteIndex(after: ReadonlyMap<string, ReadonlyMap<string, AliasProperties>>): void {
  const writeIndexes = new Map<string, string>();
  for (const [name, aliases] of after) {
    for (const [alias, { is_write_index }] of aliases) {
      if (is_write_index !== true) continue;
      const there = writeIndexes.get(alias);
      if (there !== undefined)
        throw new EngineError(
          500,
          'illegal_state_exception',
          `alias [${alias}] has more than one write index [${there},${name}]`,
        );
      writeIndexes.set(alias, name);
    }
  }
}

export function getSettings(engine: SimulatedEngine, expression: string): EngineAnswer {
  const found = engine.indexes
    .read(expression)
    .map((index) => [index.name, { settings: nestedSettings(index.settings) }]);
  return ok(Object.fromEntries(found) as object);
}

export function putSettings(engine: SimulatedEngine, expression: string, { body }: Parsed): EngineAnswer {
  for (const index of engine.indexes.read(expression)) {
    const { hasReplica } = index;
    for (const [key, value] of flatSettings(jsonBody(body))) {
      if (value !== null) index.settings.set(key, value);
      else if (key === 'index.number_of_replicas') index.settings.set(key, '1');
      else index.settings.delete(key);
    }
    if (!hasReplica && index.hasReplica) engine.buildReplicas(index);
  }
  return ACKNOWLEDGED;
}

export function putMapping(engine: SimulatedEngine, expression: string, { body }: Parsed): EngineAnswer {
  for (const index of engine.indexes.read(expression)) {
    const { properties, ...rest } = jsonBody(body) as { properties?: Json };
    index.mappings = {
      ...index.mappings,
      ...rest,
      ...(properties ? { properties: { ...(index.mappings['properties'] as Json), ...properties } } : {}),
    };
  }
  return ACKNOWLEDGED;
}

/** Returns when everything that was under way is done. */
export async function addWriteBlock(engine: SimulatedEngine, name: string): Promise<EngineAnswer> {
  const index = engine.indexes.get(name);
  index.settings.set('index.blocks.write', 'true');
  await engine.waitUntil(() => index.inFlight === 0 || index.deleted);
  return ok({ acknowledged: true, shards_acknowledged: true, indices: [{ name, blocked: true }] });
}

export async function closeIndex(engine: SimulatedEngine, name: string): Promise<EngineAnswer> {
  const index = engine.indexes.get(name);
  index.closed = true;
  await engine.waitUntil(() => index.inFlight === 0 || index.deleted);
  return ACKNOWLEDGED;
}

export function openIndex(engine: SimulatedEngine, name: string): EngineAnswer {
  const index = engine.indexes.get(name);
  if (index.closed) {
    index.closed = false;
    for (const shard of index.shards) {
      shard.restart();
      shard.term++; // once for closing, once for opening
    }
  }
  return ok({ acknowledged: true, shards_acknowledged: true });
}

export async function refresh(engine: SimulatedEngine, expression: string): Promise<EngineAnswer> {
  const indexes = engine.indexes.read(expression);
  const shards = indexes.flatMap((index) => index.shards.map((shard) => ({ index, shard })));
  for (const index of indexes) if (index.closed) throw closedIndex(index.name);
  await Promise.all(shards.map(({ index, shard }) => engine.refreshShard(index, shard)));
  return ok({ _shards: { total: shards.length * 2, successful: shards.length * 2, failed: 0 } });
}

export async function flush(engine: SimulatedEngine, expression: string): Promise<EngineAnswer> {
  const indexes = engine.indexes.read(expression);
  await engine.delay('read');
  return ok({ _shards: { total: indexes.length, successful: indexes.length, failed: 0 } });
}

export async function stats(engine: SimulatedEngine, expression: string): Promise<EngineAnswer> {
  await engine.delay('read');
  const found = engine.indexes.read(expression).map((index) => {
    if (index.closed) throw closedIndex(index.name);
    return [
      index.name,
      {
        total: {
          search: { open_contexts: 0, query_total: index.searches },
          get: { total: index.gets },
        },
        shards: Object.fromEntries(
          index.shards.map((shard, n) => [
            n,
            [
              {
                routing: { state: 'STARTED', primary: true, node: shard.primary.node },
                seq_no: {
                  max_seq_no: shard.primary.maxSeqNo,
                  local_checkpoint: shard.primary.checkpoint,
                  global_checkpoint: shard.globalCheckpoint,
                },
                indexing: { delete_total: shard.primary.deletes },
                docs: { count: shard.primary.searchable.length },
              },
            ],
          ]),
        ),
      },
    ];
  });
  return ok({ indices: Object.fromEntries(found) as object });
}

export function clusterState(engine: SimulatedEngine, expression: string): EngineAnswer {
  const found = engine.indexes.find(expression).map((index) => [
    index.name,
    {
      state: index.closed ? 'close' : 'open',
      routing_num_shards: index.routingNumShards,
      primary_terms: Object.fromEntries(index.shards.map(({ term }, n) => [n, term])),
      settings: nestedSettings(index.settings),
    },
  ]);
  return ok(found.length === 0 ? {} : { metadata: { indices: Object.fromEntries(found) as object } });
}

export function health(engine: SimulatedEngine, expression: string | undefined): EngineAnswer {
  const indexes =
    expression === undefined ? [...engine.indexes.byName.values()] : engine.indexes.read(expression);
  const missing = indexes
    .filter(({ hasReplica }) => hasReplica)
    .flatMap(({ shards }) => shards.filter(({ recovering }) => recovering));
  return ok({
    status: missing.length > 0 ? 'yellow' : 'green',
    number_of_data_nodes: 2,
    active_shards: 1,
    initializing_shards: missing.length,
    relocating_shards: 0,
    unassigned_shards: 0,
  });
}
