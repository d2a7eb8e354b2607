// Writing documents: a name is resolved when the request arrives, the operation is applied on the primary some time
// later, and answered when the second copy has it too.
import { shardOf } from '../../../src/protocol/shardOf.js';
import type { SimulatedEngine } from './engine.js';
import { blocked, closedIndex, ConnectionLost, EngineError, invalid, noIndex, notAnAlias } from './errors.js';
import type { Index, Json } from './index.js';
import { type EngineAnswer, isSet, jsonBody, type Parsed } from './request.js';
import type { Applied, Shard, WriteOperation } from './shard.js';
import { applyUpdate, type Update } from './update.js';

export type Action = 'index' | 'create' | 'delete' | 'update';

/** One write as the client wants it. */
export interface WriteRequest {
  readonly action: Action;
  readonly index: string;
  readonly id: string;
  readonly routing: string | undefined;
  readonly source: string | undefined;
  readonly update: Update | undefined;
  readonly version: bigint | undefined;
  readonly versionType: WriteOperation['versionType'];
  readonly ifSeqNo: number | undefined;
  readonly ifTerm: number | undefined;
  readonly requireAlias: boolean;
  readonly wantsSource: boolean;
}

/** What became of it: the item of a bulk answer. */
interface WriteOutcome {
  readonly status: number;
  readonly json: string;
}

interface Placed {
  readonly n: number;
  readonly request: WriteRequest;
  readonly routing: string | undefined;
}

/** @throws ConnectionLost */
async function write(
  engine: SimulatedEngine,
  requests: readonly WriteRequest[],
  refresh: string | undefined,
): Promise<WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  const groups = new Map<Shard, { readonly index: Index; readonly items: Placed[] }>();
  for (const [n, request] of requests.entries()) {
    try {
      const index = resolve(engine, request);
      const routing = request.routing ?? index.aliases.get(request.index)?.index_routing;
      const shard = shardOfKey(index, request.id, routing);
      const group = groups.get(shard) ?? { index, items: [] };
      group.items.push({ n, request, routing });
      groups.set(shard, group);
    } catch (error) {
      outcomes[n] = failed(request, request.index, error);
    }
  }
  const results = await Promise.allSettled(
    [...groups].map(async ([shard, { index, items }]) => {
      await writeGroup(engine, { index, shard, items }, outcomes);
      if (refresh !== undefined && refresh !== 'false') await engine.refreshShard(index, shard);
    }),
  );
  const lost = results.find((result) => result.status === 'rejected');
  if (lost) throw lost.reason;
  return outcomes;
}

function resolve(engine: SimulatedEngine, { index: name, action, requireAlias }: WriteRequest): Index {
  const { indexes } = engine;
  const isAlias = indexes.withAlias(name).length > 0 || indexes.neverCloses(name);
  if (requireAlias && action !== 'delete' && !isAlias) throw notAnAlias(name);
  const index = indexes.write(name);
  if (index) return index;
  // an external version or not, a delete creates no index
  if (action === 'delete') throw noIndex(name);
  return engine.createIndex(name, {});
}

export function shardOfKey(index: Index, id: string, routing: string | undefined): Shard {
  const { shards, routingNumShards } = index;
  const n = shardOf({ id, routing }, { shards: shards.length, routingNumShards, partitionSize: 1 });
  return shards[n] as Shard;
}

const RETRIES = 3;

interface Group {
  readonly index: Index;
  readonly shard: Shard;
  readonly items: readonly Placed[];
}

async function writeGroup(engine: SimulatedEngine, group: Group, outcomes: WriteOutcome[]): Promise<void> {
  const { index, shard } = group;
  await engine.delay('toPrimary');
  for (let attempt = 0; ; attempt++) {
    if (index.deleted) return refuseAll(group, noIndex(index.name), outcomes);
    if (index.closed) return refuseAll(group, closedIndex(index.name), outcomes);
    if (index.writeBlocked && !engine.without.has('block'))
      return refuseAll(group, blocked(index.name), outcomes);
    index.inFlight++;
    try {
      if (await applyAndReplicate(engine, group, outcomes)) return;
    } finally {
      index.inFlight--;
      engine.wake();
    }
    // the primary is gone: the coordinating node tries the new one, or is gone too
    if (attempt >= RETRIES || engine.nodeIsLost()) throw new ConnectionLost('the node went away');
    await engine.delay('toPrimary');
    if (!index.shards.includes(shard)) return refuseAll(group, noIndex(index.name), outcomes);
  }
}

/** @returns false when the primary went away before the second copy had it */
async function applyAndReplicate(
  engine: SimulatedEngine,
  { index, shard, items }: Group,
  outcomes: WriteOutcome[],
): Promise<boolean> {
  const { generation } = shard;
  const done: (readonly [n: number, outcome: WriteOutcome])[] = [];
  const entries: Applied['entry'][] = [];
  for (const { n, request, routing } of items) {
    try {
      const applied = applyOne(engine, shard, request, routing);
      if (applied.entry) entries.push(applied.entry);
      done.push([n, succeeded(request, index, applied)]);
    } catch (error) {
      done.push([n, failed(request, index.name, error)]);
    }
  }
  engine.onApplied(index, entries);
  if (entries.length > 0) {
    await engine.delay('replicate');
    if (!shard.replicate(entries, generation)) return false;
    await engine.delay('replicate');
    if (!shard.acknowledge(generation)) return false;
  }
  for (const [n, outcome] of done) outcomes[n] = outcome;
  return true;
}

export interface AppliedWrite {
  readonly result: string;
  readonly status: number;
  readonly entry: Applied['entry'] | undefined;
  readonly at: { readonly seqNo: number; readonly term: number; readonly version: bigint };
  readonly source: string | undefined;
}

function applyOne(
  engine: SimulatedEngine,
  shard: Shard,
  request: WriteRequest,
  routing: string | undefined,
): AppliedWrite {
  if (request.action === 'update') return applyUpdate(shard, request, routing);
  if (engine.refuses(request.source)) throw invalid('failed to parse field', 'mapper_parsing_exception');
  const { action, id, source, version, versionType, ifSeqNo, ifTerm } = request;
  if (action === 'create' && versionType !== 'internal')
    throw invalid(
      'create operations only support internal versioning. use index instead',
      'action_request_validation_exception',
    );
  const { entry, result, status } = shard.applyOnPrimary({
    action,
    id,
    routing,
    source,
    version,
    versionType,
    ifSeqNo,
    ifTerm,
  });
  return { entry, result, status, at: entry, source };
}

function refuseAll({ index, items }: Group, error: EngineError, outcomes: WriteOutcome[]): void {
  for (const { n, request } of items) outcomes[n] = failed(request, index.name, error);
}

const SHARDS = '{"total":2,"successful":2,"failed":0}';

function succeeded(
  request: WriteRequest,
  index: Index,
  { result, status, at, source }: AppliedWrite,
): WriteOutcome {
  const got =
    request.action === 'update' && request.wantsSource
      ? `,"get":{"_seq_no":${at.seqNo},"_primary_term":${at.term},"found":true${source === undefined ? '' : `,"_source":${source}`}}`
      : '';
  const shards = result === 'noop' ? '{"total":0,"successful":0,"failed":0}' : SHARDS;
  const json =
    `{"_index":"${index.name}","_id":${JSON.stringify(request.id)},"_version":${at.version},"result":"${result}",` +
    `"_shards":${shards},"_seq_no":${at.seqNo},"_primary_term":${at.term}${got},"status":${status}}`;
  return { status, json };
}

function failed(request: WriteRequest, index: string, error: unknown): WriteOutcome {
  if (!(error instanceof EngineError)) throw error;
  const body = { _index: index, _id: request.id, status: error.status, error: error.cause_ };
  return { status: error.status, json: JSON.stringify(body) };
}

// -- the requests

export async function bulk(
  engine: SimulatedEngine,
  name: string | undefined,
  { query, body }: Parsed,
): Promise<EngineAnswer> {
  const requests = readBulk(engine, name, query, body ?? Buffer.alloc(0));
  const outcomes = await write(engine, requests, query.get('refresh'));
  const errors = outcomes.some(({ json }) => json.includes('"error":'));
  const items = outcomes.map(({ json }, n) => `{"${requests[n]?.action}":${json}}`);
  return { status: 200, body: `{"took":1,"errors":${errors},"items":[${items.join(',')}]}` };
}

function readBulk(
  engine: SimulatedEngine,
  name: string | undefined,
  query: ReadonlyMap<string, string>,
  body: Buffer,
): WriteRequest[] {
  const lines = body.toString().split('\n');
  if (lines.pop() !== '') throw invalid('The bulk request must be terminated by a newline [\\n]');
  const requests: WriteRequest[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (line === '') continue;
    const [[action, meta] = []] = Object.entries(JSON.parse(line) as Record<string, Json>);
    if (!action || !meta || !['index', 'create', 'update', 'delete'].includes(action))
      throw invalid('Malformed action/metadata line');
    const source = action === 'delete' ? undefined : (lines[++at] as string);
    const version = /"version":\s*"?(\d+)/.exec(line)?.[1];
    const params = new Map(query);
    for (const [key, value] of Object.entries(meta)) params.set(key, String(value));
    if (version !== undefined) params.set('version', version);
    const { _id } = meta as { _id?: string | number };
    const id = _id === undefined ? engine.newId() : String(_id);
    const index = (meta['_index'] as string | undefined) ?? name;
    if (index === undefined) throw invalid('index is missing', 'action_request_validation_exception');
    requests.push(writeOf(action as Action, { index, id }, params, source));
  }
  if (requests.length === 0) throw invalid('no requests added', 'action_request_validation_exception');
  return requests;
}

function writeOf(
  action: Action,
  { index, id }: { readonly index: string; readonly id: string },
  params: ReadonlyMap<string, string>,
  source: string | undefined,
): WriteRequest {
  const number = (key: string): number | undefined => {
    const value = params.get(key);
    return value === undefined ? undefined : Number(value);
  };
  const version = params.get('version');
  const update = action === 'update' ? (JSON.parse(source ?? '{}') as Update) : undefined;
  return {
    action,
    index,
    id,
    routing: params.get('routing'),
    source,
    update,
    version: version === undefined ? undefined : BigInt(version),
    versionType: (params.get('version_type') ?? 'internal') as WriteRequest['versionType'],
    ifSeqNo: number('if_seq_no'),
    ifTerm: number('if_primary_term'),
    requireAlias: isSet(params, 'require_alias'),
    wantsSource: (params.get('_source') ?? 'false') !== 'false' || update?.['_source'] === true,
  };
}

export async function writeDocument(
  engine: SimulatedEngine,
  action: Action,
  where: { readonly index: string; readonly id: string | undefined },
  { query, body }: Parsed,
): Promise<EngineAnswer> {
  if (action !== 'delete') jsonBody(body);
  const opType =
    query.get('op_type') === 'create' || (action === 'index' && where.id === undefined) ? 'create' : action;
  const request = writeOf(
    action === 'index' ? opType : action,
    { index: where.index, id: where.id ?? engine.newId() },
    query,
    action === 'delete' ? undefined : (body ?? Buffer.alloc(0)).toString(),
  );
  const [outcome] = (await write(engine, [request], query.get('refresh'))) as [WriteOutcome];
  if (!outcome.json.includes('"error":'))
    return { status: outcome.status, body: outcome.json.replace(/,"status":\d+}$/, '}') };
  const { error } = JSON.parse(outcome.json) as { error: { type: string; reason: string } };
  return { status: outcome.status, body: new EngineError(outcome.status, error.type, error.reason).body };
}
