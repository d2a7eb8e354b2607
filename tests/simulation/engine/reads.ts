// Reading: realtime gets and searches, each answered by any copy of the shard.
import type { SimulatedEngine } from './engine.js';
import { closedIndex, EngineError, invalid } from './errors.js';
import type { Index, Json } from './index.js';
import { type EngineAnswer, jsonBody, type Parsed } from './request.js';
import type { Entry, Shard } from './shard.js';
import { shardOfKey } from './writes.js';

function readable(index: Index): Index {
  if (index.closed) throw closedIndex(index.name);
  return index;
}

function anyCopy(engine: SimulatedEngine, index: Index, shard: Shard): Shard['primary'] {
  const onFollower = index.hasReplica && !shard.recovering && engine.random.chance(0.5);
  return onFollower ? shard.second : shard.primary;
}

interface GetOptions {
  readonly source: boolean;
}

function getOne(
  engine: SimulatedEngine,
  name: string,
  { id, routing }: { readonly id: string; readonly routing: string | undefined },
  { source }: GetOptions,
): { readonly found: boolean; readonly json: string } {
  const index = readable(engine.indexes.readOne(name));
  index.gets++;
  const shard = shardOfKey(index, id, routing ?? index.aliases.get(name)?.index_routing);
  const entry = shard.get(id, anyCopy(engine, index, shard));
  const head = `{"_index":"${index.name}","_id":${JSON.stringify(id)}`;
  if (!entry) return { found: false, json: `${head},"found":false}` };
  return {
    found: true,
    json:
      `${head},"_version":${entry.version},"_seq_no":${entry.seqNo},"_primary_term":${entry.term}` +
      `${routingOf(entry)},"found":true${source ? `,"_source":${entry.source}` : ''}}`,
  };
}

const routingOf = ({ routing }: Pick<Entry, 'routing'>): string =>
  routing === undefined ? '' : `,"_routing":${JSON.stringify(routing)}`;

export async function getDocument(
  engine: SimulatedEngine,
  name: string,
  id: string,
  { query }: Parsed,
): Promise<EngineAnswer> {
  const source = query.get('_source') !== 'false';
  await engine.delay('read');
  const { found, json } = getOne(engine, name, { id, routing: query.get('routing') }, { source });
  return { status: found ? 200 : 404, body: json };
}

export async function getSource(
  engine: SimulatedEngine,
  name: string,
  id: string,
  { query }: Parsed,
): Promise<EngineAnswer> {
  await engine.delay('read');
  const { found, json } = getOne(engine, name, { id, routing: query.get('routing') }, { source: true });
  if (!found)
    throw new EngineError(404, 'resource_not_found_exception', `Document not found [${name}]/[${id}]`);
  return { status: 200, body: json.slice(json.indexOf('"_source":') + 10, -1) };
}

export async function multiGet(
  engine: SimulatedEngine,
  name: string | undefined,
  { query, body }: Parsed,
): Promise<EngineAnswer> {
  const asked = jsonBody(body) as { docs?: Json[]; ids?: string[] };
  const docs: readonly Json[] = asked.docs ?? asked.ids?.map((_id) => ({ _id })) ?? [];
  const source = query.get('_source') !== 'false';
  await engine.delay('read');
  const items: string[] = [];
  for (const doc of docs) {
    const index = (doc['_index'] as string | undefined) ?? name;
    const routing = (doc['routing'] ?? doc['_routing']) as string | undefined;
    if (index === undefined) throw invalid('index is missing', 'action_request_validation_exception');
    try {
      items.push(getOne(engine, index, { id: String(doc['_id']), routing }, { source }).json);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      items.push(
        JSON.stringify({
          _index: index,
          _id: doc['_id'],
          error: { root_cause: [error.cause_], ...error.cause_ },
        }),
      );
    }
  }
  return { status: 200, body: `{"docs":[${items.join(',')}]}` };
}

interface SearchBody {
  readonly size?: number;
  readonly query?: Json;
  readonly sort?: readonly (string | Record<string, { order: 'asc' | 'desc' }>)[];
  readonly _source?: boolean;
  readonly track_total_hits?: boolean;
  readonly stored_fields?: '_none_';
  readonly aggs?: { groups: { filters: { filters: { ids: { values: string[] } }[] } } };
}

export async function search(
  engine: SimulatedEngine,
  expression: string,
  { query, body: sent }: Parsed,
): Promise<EngineAnswer> {
  const asked = jsonBody(sent) as SearchBody;
  await engine.delay('read');
  const indexes = engine.indexes.read(expression).map(readable);
  const only = /^_shards:(\d+)/.exec(query.get('preference') ?? '')?.[1];
  const hits: { index: Index; entry: Entry }[] = [];
  let shards = 0;
  const matches = matcher(asked.query);
  for (const index of indexes) {
    index.searches++;
    for (const [n, shard] of index.shards.entries()) {
      if (only !== undefined && n !== Number(only)) continue;
      shards++;
      for (const entry of anyCopy(engine, index, shard).searchable)
        if (matches(entry)) hits.push({ index, entry });
    }
  }
  const summary = `"took":1,"timed_out":false,"_shards":{"total":${shards},"successful":${shards},"skipped":0,"failed":0}`;
  if (asked.aggs) {
    const groups = asked.aggs.groups.filters.filters.map(({ ids }) => {
      const wanted = new Set(ids.values);
      return { doc_count: hits.filter(({ entry }) => wanted.has(entry.id)).length };
    });
    const body = `{${summary},"hits":{"hits":[]},"aggregations":{"groups":{"buckets":${JSON.stringify(groups)}}}}`;
    return { status: 200, body: JSON.parse(body) as object };
  }
  sortHits(hits, asked.sort);
  const idOf = ({ id, routing }: Entry): string =>
    asked.stored_fields === '_none_' ? '' : `"_id":${JSON.stringify(id)}${routingOf({ routing })},`;
  const print = ({ index, entry }: (typeof hits)[number]): string =>
    `{"_index":"${index.name}",${idOf(entry)}"_version":${entry.version},` +
    `"_seq_no":${entry.seqNo},"_primary_term":${entry.term},"_score":null` +
    `${asked._source === false ? '' : `,"_source":${entry.source}`},"sort":[${entry.seqNo}]}`;
  const size = asked.size ?? 10;
  if (!query.has('scroll')) {
    const printed = hits.slice(0, size).map(print);
    const total = asked.track_total_hits ? `"total":{"value":${hits.length},"relation":"eq"},` : '';
    return {
      status: 200,
      body: `{${summary},"hits":{${total}"max_score":null,"hits":[${printed.join(',')}]}}`,
    };
  }
  // as it is now, whatever becomes of it meanwhile
  const id = engine.newId();
  engine.scrolls.set(id, { size, left: hits.map(print), summary });
  return pageOf(engine, id);
}

export interface Scroll {
  readonly size: number;
  readonly left: string[];
  readonly summary: string;
}

/** Of so many scrolls one is lost: its node was restarted, or it was kept for too long. */
const LOST = 0.03;

export async function scroll(engine: SimulatedEngine, { body }: Parsed): Promise<EngineAnswer> {
  const id = String(jsonBody(body)['scroll_id']);
  await engine.delay('read');
  if (engine.random.chance(LOST)) engine.scrolls.delete(id);
  if (!engine.scrolls.has(id))
    throw new EngineError(404, 'search_context_missing_exception', `No search context found for id [${id}]`);
  return pageOf(engine, id);
}

export async function clearScroll(engine: SimulatedEngine, { body }: Parsed): Promise<EngineAnswer> {
  await engine.delay('read');
  const known = engine.scrolls.delete(String(jsonBody(body)['scroll_id']));
  return { status: known ? 200 : 404, body: { succeeded: true, num_freed: Number(known) } };
}

function pageOf(engine: SimulatedEngine, id: string): EngineAnswer {
  const { size, left, summary } = engine.scrolls.get(id) as Scroll;
  const hits = left.splice(0, size).join(',');
  return {
    status: 200,
    body: `{"_scroll_id":"${id}",${summary},"hits":{"max_score":null,"hits":[${hits}]}}`,
  };
}

function sortHits(hits: { entry: Entry }[], sort: SearchBody['sort']): void {
  const [by] = sort ?? [];
  const descending = typeof by === 'object' && by['_seq_no']?.order === 'desc';
  hits.sort((a, b) => (descending ? b.entry.seqNo - a.entry.seqNo : a.entry.seqNo - b.entry.seqNo));
}

function matcher(query: Json | undefined): (entry: Entry) => boolean {
  if (query === undefined || 'match_all' in query || 'function_score' in query) return () => true;
  if ('range' in query) {
    const { gt, lte } = (query['range'] as { _seq_no: { gt?: number; lte?: number } })._seq_no;
    return ({ seqNo }) => (gt === undefined || seqNo > gt) && (lte === undefined || seqNo <= lte);
  }
  if ('ids' in query) {
    const wanted = new Set((query['ids'] as { values: string[] }).values);
    return ({ id }) => wanted.has(id);
  }
  if ('terms' in query) {
    const wanted = new Set((query['terms'] as { _seq_no: number[] })._seq_no);
    return ({ seqNo }) => wanted.has(seqNo);
  }
  if ('term' in query) {
    const [[field, value] = ['', '']] = Object.entries(query['term'] as Record<string, string>);
    return ({ source }) => (JSON.parse(source as string) as Json)[field] === value;
  }
  if ('bool' in query) {
    const { filter } = query['bool'] as { filter: Json[] };
    const all = filter.map(matcher);
    return (entry) => all.every((matches) => matches(entry));
  }
  throw new EngineError(400, 'parsing_exception', `unknown query [${Object.keys(query)[0]}]`);
}

export async function count(
  engine: SimulatedEngine,
  expression: string,
  { body }: Parsed,
): Promise<EngineAnswer> {
  const matches = matcher((jsonBody(body) as SearchBody).query);
  await engine.delay('read');
  let found = 0;
  let shards = 0;
  for (const index of engine.indexes.read(expression).map(readable)) {
    for (const shard of index.shards) {
      shards++;
      found += anyCopy(engine, index, shard).searchable.filter(matches).length;
    }
  }
  return {
    status: 200,
    body: { count: found, _shards: { total: shards, successful: shards, skipped: 0, failed: 0 } },
  };
}
