// The engine of the simulation against a real one: the same requests, one after the other, and the same answers as far
// as twindex and its users look at them.
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { SimulatedEngine } from '../simulation/engine/engine.js';
import { Random } from '../simulation/random.js';
import { engineName, testCluster, uniqueName } from './engine.js';

const SEQUENCES = Number(process.env['TWINDEX_SEQUENCES'] ?? 10);
const STEPS = 60;

interface Step {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object | string | undefined;
}

interface Shown {
  readonly status: number;
  readonly body: unknown;
}

it('answers as the real engine does', { timeout: 600_000 }, async () => {
  const cluster = await testCluster();
  const firstSeed = Number(process.env['TWINDEX_SEED'] ?? 1);
  for (let seed = firstSeed; seed < firstSeed + SEQUENCES; seed++) await compare(cluster, seed);
});

async function compare(cluster: Cluster, seed: number): Promise<void> {
  const random = new Random(seed);
  const engine = new SimulatedEngine({ random: random.fork(), delay: async () => undefined });
  const script = new Script(random, uniqueName('sim'));
  const done: string[] = [];
  const both = async (step: Step): Promise<void> => {
    const [theirs, ours] = await Promise.all([askReal(cluster, step), askSimulated(engine, step)]);
    done.push(
      `${step.method} ${step.path} ${typeof step.body === 'string' ? step.body : JSON.stringify(step.body ?? '')}`,
    );
    const story = `seed ${seed}, the last requests:\n${done.slice(-8).join('\n')}\nanswer: ${JSON.stringify(theirs)}`;
    expect(ours, story).toEqual(theirs);
    script.learn(theirs.body);
  };
  for (const step of script.begin()) await both(step);
  for (let n = 0; n < STEPS; n++) for (const step of script.next()) await both(step);
  for (const step of script.end()) await both(step);
}

async function askReal(cluster: Cluster, { method, path, body }: Step): Promise<Shown> {
  const answer = await cluster.connection.send({ method, path, body });
  return shown(answer.status, answer.body);
}

async function askSimulated(engine: SimulatedEngine, { method, path, body }: Step): Promise<Shown> {
  const bytes =
    body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const answer = await engine.handle({ method, path, headers: {}, body: bytes });
  return shown(answer.status, answer.body);
}

/** Times, counts of shards and the exact words of errors are left out; the words for a closed alias are not. */
function shown(status: number, body: Buffer): Shown {
  const parsed = body.length === 0 ? {} : (JSON.parse(body.toString()) as unknown);
  const { acknowledged, ...rest } = parsed as { acknowledged?: boolean };
  return { status, body: acknowledged === undefined ? essence(rest) : { acknowledged } };
}

const LEFT_OUT = new Set([
  'took',
  '_shards',
  'root_cause',
  'index_uuid',
  'shard',
  'caused_by',
  'resource.id',
  'resource.type',
  'max_score',
  '_score',
  'forced_refresh',
  'ingest_took',
  'shards_acknowledged',
  'indices',
  'total',
  '_index',
  'meta',
]);

function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essence);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !LEFT_OUT.has(key) && !(key === 'index' && typeof inner === 'string'))
      .map(([key, inner]) => [key, key === 'reason' ? closedAlias(inner) : essence(inner)]),
  );
}

const closedAlias = (reason: unknown): boolean =>
  String(reason).startsWith('no write index is defined for alias');

/** Draws requests; remembers numbers of answers, for the conditions of later ones. */
class Script {
  readonly #random: Random;
  readonly #name: string;
  readonly #shards: number;
  #seen: { seqNo: number; term: number }[] = [];
  #version = 1;

  constructor(random: Random, name: string) {
    this.#random = random;
    this.#name = name;
    this.#shards = random.pick([1, 2, 3]);
  }

  get #first(): string {
    return `${this.#name}-v1`;
  }

  get #second(): string {
    return `${this.#name}-v2`;
  }

  get #alias(): string {
    return `${this.#name}-write`;
  }

  begin(): Step[] {
    const settings = { number_of_shards: this.#shards, number_of_replicas: 0, refresh_interval: '-1' };
    return [
      {
        method: 'PUT',
        path: `/${this.#first}`,
        body: { settings, aliases: { [this.#alias]: {}, [`${this.#name}-read`]: {} } },
      },
      { method: 'PUT', path: `/${this.#second}`, body: { settings: { ...settings, number_of_shards: 1 } } },
      { method: 'PUT', path: `/${this.#second}`, body: { settings } },
    ];
  }

  end(): Step[] {
    return [this.#first, this.#second].flatMap((index) => [
      { method: 'POST', path: `/${index}/_open` },
      ...this.#look(index),
    ]);
  }

  learn(body: unknown): void {
    const { _seq_no: seqNo, _primary_term: term } = body as { _seq_no?: number; _primary_term?: number };
    if (seqNo !== undefined && term !== undefined && seqNo >= 0) this.#seen.push({ seqNo, term });
  }

  next(): Step[] {
    const random = this.#random;
    const drawn = random.next();
    if (drawn < 0.55) return [this.#write()];
    if (drawn < 0.7) return [this.#bulk()];
    if (drawn < 0.8) return [this.#changeAliases()];
    if (drawn < 0.84) return [{ method: 'PUT', path: `/${this.#index()}/_block/write` }];
    if (drawn < 0.88)
      return [{ method: 'PUT', path: `/${this.#index()}/_settings`, body: { 'index.blocks.write': null } }];
    if (drawn < 0.9) {
      const index = this.#index();
      return [
        { method: 'POST', path: `/${index}/_close` },
        // one term for closing and one for opening, when they don't follow each other at once
        { method: 'GET', path: `/_cluster/health/${index}?wait_for_status=green&filter_path=status` },
        { method: 'PUT', path: `/${index}/_doc/1`, body: {} },
        { method: 'GET', path: `/${index}/_doc/1` },
        { method: 'POST', path: `/${index}/_open` },
      ];
    }
    return this.#look(this.#index());
  }

  #index(): string {
    return this.#random.pick([this.#first, this.#second]);
  }

  #target(): string {
    return this.#random.pick([this.#alias, this.#alias, this.#first, this.#second]);
  }

  #id(): string {
    return String(this.#random.int(1, 5));
  }

  /** Conditions and versions, as a query or as the metadata of a bulk item. */
  #conditions(deletes: boolean, creates: boolean): Record<string, string | number | boolean> {
    const random = this.#random;
    const drawn = random.next();
    const routing: Record<string, string> = random.chance(0.1) ? { routing: 'r' } : {};
    const alias: Record<string, boolean> = !deletes && random.chance(0.15) ? { require_alias: true } : {};
    if (drawn < 0.25 && !creates) {
      this.#version += random.int(0, 3);
      const version = random.chance(0.7) ? this.#version : random.int(1, this.#version);
      return { ...routing, ...alias, version, version_type: random.pick(['external', 'external_gte']) };
    }
    if (drawn < 0.45 && !creates && this.#seen.length > 0) {
      const { seqNo, term } = random.chance(0.5)
        ? (this.#seen.at(-1) as { seqNo: number; term: number })
        : random.pick(this.#seen);
      return { ...routing, ...alias, if_seq_no: seqNo, if_primary_term: term };
    }
    return { ...routing, ...alias };
  }

  #write(): Step {
    const random = this.#random;
    const kind = random.pick(['index', 'index', 'create', 'delete', 'delete', 'update', 'update', 'get']);
    const where = (api: string): string => `/${this.#target()}/${api}/${this.#id()}`;
    const query = (params: object): string => {
      const text = new URLSearchParams(
        Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)])),
      ).toString();
      return text === '' ? '' : `?${text}`;
    };
    if (kind === 'get') return { method: 'GET', path: `/${this.#index()}/_doc/${this.#id()}` };
    if (kind === 'delete')
      return { method: 'DELETE', path: `${where('_doc')}${query(this.#conditions(true, false))}` };
    if (kind === 'create') {
      const conditions = this.#conditions(false, true);
      return random.chance(0.5)
        ? { method: 'PUT', path: `${where('_create')}${query(conditions)}`, body: this.#document() }
        : {
            method: 'PUT',
            path: `${where('_doc')}${query({ ...conditions, op_type: 'create' })}`,
            body: this.#document(),
          };
    }
    if (kind === 'index')
      return {
        method: 'PUT',
        path: `${where('_doc')}${query(this.#conditions(false, false))}`,
        body: this.#document(),
      };
    const { version: _, version_type: __, ...conditions } = this.#conditions(false, false);
    return {
      method: 'POST',
      path: `${where('_update')}${query({ ...conditions, ...(random.chance(0.5) ? { _source: true } : {}) })}`,
      body: this.#update('if_seq_no' in conditions),
    };
  }

  #document(): object {
    const { int } = { int: (to: number) => this.#random.int(1, to) };
    return { n: int(3), inner: { a: int(2) } };
  }

  #update(conditional: boolean): object {
    const random = this.#random;
    const scripts = engineName === 'opensearch'; // this build of Elasticsearch has no scripts
    const drawn = random.next();
    if (scripts && drawn < 0.2)
      return {
        script: {
          source: random.pick(["ctx.op = 'delete'", "ctx.op = 'none'", 'ctx._source.n += params.by']),
          params: { by: 2 },
        },
        ...(conditional ? {} : { upsert: { n: 1 } }),
      };
    if (drawn < 0.4 && !conditional) return { doc: this.#document(), doc_as_upsert: true };
    if (drawn < 0.5 && !conditional) return { doc: { n: 9 }, upsert: this.#document() };
    return {
      doc: random.chance(0.5) ? { inner: { b: random.int(1, 2) } } : { n: random.int(1, 3) },
      ...(random.chance(0.2) ? { detect_noop: false } : {}),
    };
  }

  #bulk(): Step {
    const random = this.#random;
    const lines: object[] = [];
    for (let n = random.int(1, 5); n > 0; n--) {
      const action = random.pick(['index', 'index', 'create', 'delete', 'update'] as const);
      const conditions = this.#conditions(action === 'delete', action === 'create');
      const { version, version_type: type, ...others } = conditions;
      const versions = action === 'update' || version === undefined ? {} : { version, version_type: type };
      const meta = {
        _id: this.#id(),
        ...(random.chance(0.3) ? { _index: this.#target() } : {}),
        ...others,
        ...versions,
      };
      lines.push({
        [action]: { ...meta, ...(action === 'update' && random.chance(0.5) ? { _source: true } : {}) },
      });
      if (action === 'update') lines.push(this.#update('if_seq_no' in others));
      else if (action !== 'delete') lines.push(this.#document());
    }
    return {
      method: 'POST',
      path: `/${this.#target()}/_bulk`,
      body: `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`,
    };
  }

  #changeAliases(): Step {
    const random = this.#random;
    const [from, to] = random.chance(0.5) ? [this.#first, this.#second] : [this.#second, this.#first];
    const write = this.#alias;
    const remove = { remove: { index: from, alias: write, must_exist: true } };
    const actions = random.pick([
      [{ add: { index: from, alias: write, is_write_index: false } }],
      [{ add: { index: from, alias: write } }],
      [{ add: { index: from, alias: write, is_write_index: true } }],
      [remove, { add: { index: to, alias: write } }],
      [remove, { add: { index: to, alias: write } }],
      [
        { add: { index: to, alias: `${this.#name}-t` } },
        { remove: { index: from, alias: `${this.#name}-never`, must_exist: true } },
      ],
    ]);
    return { method: 'POST', path: '/_aliases', body: { actions } };
  }

  /** What twindex reads of an index. */
  #look(index: string): Step[] {
    const shard = this.#random.int(0, index === this.#first ? this.#shards - 1 : 0);
    const after = this.#random.int(-1, 10);
    const range = { _seq_no: { gt: after, ...(this.#random.chance(0.5) ? { lte: after + 10 } : {}) } };
    const ids = ['1', '2', '3', '4', '5'];
    return [
      { method: 'POST', path: `/${index}/_refresh` },
      { method: 'GET', path: `/${index}/_count` },
      {
        method: 'POST',
        path: `/${index}/_search?preference=_shards:${shard}&allow_partial_search_results=false`,
        body: {
          size: 4,
          query: { range },
          sort: [{ _seq_no: { order: 'asc', unmapped_type: 'long' } }],
          seq_no_primary_term: true,
          version: true,
          track_total_hits: false,
          _source: true,
        },
      },
      { method: 'POST', path: `/${index}/_mget?_source=true`, body: { docs: ids.map((_id) => ({ _id })) } },
      {
        method: 'POST',
        path: `/${index}/_mget?_source=false&stored_fields=_routing`,
        body: { docs: [...ids.map((_id) => ({ _id })), { _id: '1', routing: 'r' }] },
      },
      {
        method: 'POST',
        path: `/${index}/_search?filter_path=aggregations,_shards.failed`,
        body: {
          size: 0,
          track_total_hits: false,
          aggs: {
            groups: {
              filters: { filters: [{ ids: { values: ['1', '2'] } }, { ids: { values: ['3', '9'] } }] },
            },
          },
        },
      },
      {
        method: 'GET',
        path: `/${index}/_stats/indexing?level=shards&filter_path=indices.*.shards.*.seq_no,indices.*.shards.*.indexing.delete_total`,
      },
      {
        method: 'GET',
        path: `/_cluster/state/metadata/${index}?filter_path=metadata.indices.*.primary_terms,metadata.indices.*.routing_num_shards,metadata.indices.*.state`,
      },
      { method: 'GET', path: `/${index}/_alias?expand_wildcards=all` },
      { method: 'GET', path: `/${index}/_settings?filter_path=*.settings.index.blocks.write` },
    ];
  }
}
