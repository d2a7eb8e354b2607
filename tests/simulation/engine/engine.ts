// A cluster of two data nodes that is made of nothing: what twindex and its users ask of an engine, with the order of
// everything that the engine leaves open drawn at random.
import type { AliasProperties } from '../../../src/cluster/indices/updateAliases.js';
import type { Random } from '../random.js';
import type { HttpAnswer, HttpRequest } from '../world.js';
import * as admin from './admin.js';
import { EngineError, invalid } from './errors.js';
import { filterByPaths } from './filterPath.js';
import { flatSettings, Index, Indexes, type Json } from './index.js';
import * as reads from './reads.js';
import { type EngineAnswer, parseRequest, type Parsed } from './request.js';
import type { Entry, Shard } from './shard.js';
import * as writes from './writes.js';

/** What takes time inside the cluster. */
export type Moment = 'toPrimary' | 'replicate' | 'refresh' | 'read' | 'recover';

export interface EngineOptions {
  readonly random: Random;
  /** Passes when this has taken its time. */
  readonly delay: (moment: Moment) => Promise<void>;
  /** The node that a client talks to goes away with the primary. */
  readonly nodeIsLost?: () => boolean;
  /** Rules of the engine, or demands on it, that are taken out: see ablations. */
  readonly without?: ReadonlySet<string>;
}

export class SimulatedEngine {
  readonly indexes = new Indexes();
  readonly random: Random;
  readonly without: ReadonlySet<string>;
  readonly delay: EngineOptions['delay'];
  readonly nodeIsLost: () => boolean;
  /** Names of indexes that a write has made. */
  readonly autoCreated: string[] = [];
  /** Called around each change of aliases. */
  onAliases: (when: 'before' | 'after') => void = () => undefined;
  /** Called when a primary has applied operations. */
  onApplied: (index: Index, entries: readonly Entry[]) => void = () => undefined;
  /** Documents that no index takes. */
  refuses: (source: string | undefined) => boolean = () => false;
  #waiting: (() => void)[] = [];
  #ids = 0;
  readonly scrolls = new Map<string, reads.Scroll>();

  constructor({ random, delay, nodeIsLost = () => false, without = new Set() }: EngineOptions) {
    this.random = random;
    this.delay = delay;
    this.nodeIsLost = nodeIsLost;
    this.without = without;
    this.indexes.neverCloses = (alias) =>
      (without.has('feeds are closed') && alias.includes('.Feed.')) ||
      (without.has('generations are closed') && /\.(Write|Mirror)\./.test(alias));
  }

  /** @throws ConnectionLost */
  async handle(request: HttpRequest): Promise<HttpAnswer> {
    let answer: EngineAnswer;
    const parsed = parseRequest(request);
    const paths = parsed.query.get('filter_path');
    try {
      answer = await this.#route(parsed);
      // answers with versions are texts, and go as they are
      if (paths !== undefined && typeof answer.body === 'object')
        answer = { ...answer, body: filterByPaths(answer.body, paths) };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      answer = { status: error.status, body: error.body };
    }
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    return {
      status: answer.status,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(text),
    };
  }

  async #route(request: Parsed): Promise<EngineAnswer> {
    const { method, segments } = request;
    const [first = '', api = '', id] = segments;
    if (first.startsWith('_')) return await this.#routeCluster(request);
    switch (api) {
      case '':
        if (method === 'PUT') return admin.createIndex(this, first, request);
        if (method === 'DELETE') return admin.deleteIndex(this, first);
        return admin.getIndexes(this, first);
      case '_doc':
        if (method === 'GET') return await reads.getDocument(this, first, id ?? '', request);
        return await writes.writeDocument(
          this,
          method === 'DELETE' ? 'delete' : 'index',
          { index: first, id },
          request,
        );
      case '_create':
        return await writes.writeDocument(this, 'create', { index: first, id }, request);
      case '_update':
        return await writes.writeDocument(this, 'update', { index: first, id }, request);
      case '_source':
        return await reads.getSource(this, first, id ?? '', request);
      case '_bulk':
        return await writes.bulk(this, first, request);
      case '_mget':
        return await reads.multiGet(this, first, request);
      case '_search':
        return await reads.search(this, first, request);
      case '_count':
        return await reads.count(this, first, request);
      case '_refresh':
        return await admin.refresh(this, first);
      case '_flush':
        return await admin.flush(this, first);
      case '_stats':
        return await admin.stats(this, first);
      case '_alias':
        return admin.getAliases(this, first);
      case '_settings':
        return method === 'PUT' ? admin.putSettings(this, first, request) : admin.getSettings(this, first);
      case '_mapping':
        return admin.putMapping(this, first, request);
      case '_field_caps':
        // no document adds fields here
        return { status: 200, body: { fields: {} } };
      case '_block':
        return await admin.addWriteBlock(this, first);
      case '_close':
        return await admin.closeIndex(this, first);
      case '_open':
        return admin.openIndex(this, first);
      default:
        throw invalid(`no handler found for uri [/${segments.join('/')}] and method [${method}]`);
    }
  }

  async #routeCluster(request: Parsed): Promise<EngineAnswer> {
    const { method, segments } = request;
    const [api, what, expression] = segments;
    if (api === '_nodes')
      return { status: 200, body: { nodes: { node: { version: '3.8.0', build_type: 'zip' } } } };
    if (api === '_bulk') return await writes.bulk(this, undefined, request);
    if (api === '_mget') return await reads.multiGet(this, undefined, request);
    if (api === '_search' && what === 'scroll')
      return method === 'DELETE' ? await reads.clearScroll(this, request) : await reads.scroll(this, request);
    if (api === '_alias') return admin.getAliasesNamed(this, (what ?? '').split(','));
    if (api === '_aliases' && method === 'POST') return admin.updateAliases(this, request);
    if (api === '_cluster' && what === 'health') return admin.health(this, expression);
    if (api === '_cluster' && what === 'state') return admin.clusterState(this, segments[3] ?? '*');
    throw invalid(`no handler found for uri [/${segments.join('/')}] and method [${method}]`);
  }

  createIndex(name: string, { settings = {}, mappings = {}, aliases = {} }: Json): Index {
    if (name !== name.toLowerCase())
      throw invalid(`Invalid index name [${name}], must be lowercase`, 'invalid_index_name_exception');
    const flat = new Map<string, string>();
    for (const [key, value] of flatSettings(settings as Json)) if (value !== null) flat.set(key, value);
    const index = new Index(name, flat, mappings as Json);
    for (const [alias, properties] of Object.entries(aliases as Record<string, AliasProperties>))
      index.aliases.set(alias, properties);
    this.indexes.byName.set(name, index);
    return index;
  }

  removeIndex(index: Index): void {
    index.deleted = true;
    this.indexes.byName.delete(index.name);
    this.wake();
  }

  newId(): string {
    return `auto-${this.#ids++}`;
  }

  async refreshShard(index: Index, shard: Shard): Promise<void> {
    await Promise.all([
      this.delay('refresh').then(() => shard.primary.refresh()),
      index.hasReplica ? this.delay('refresh').then(() => shard.second.refresh()) : undefined,
    ]);
  }

  /** The replicas of an index that had none. */
  buildReplicas(index: Index): void {
    for (const shard of index.shards) void this.#recover(shard);
  }

  /** The primary's node goes away. */
  failOver(index: Index, shard: Shard): void {
    if (shard.recovering) return;
    if (index.hasReplica) {
      shard.failOver();
      void this.#recover(shard);
    } else {
      shard.restartNode();
    }
  }

  async #recover(shard: Shard): Promise<void> {
    shard.recovering = true;
    const { generation } = shard;
    await this.delay('recover');
    if (generation === shard.generation) shard.recovered();
  }

  async waitUntil(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Something has changed that others may wait for. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
