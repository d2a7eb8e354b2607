// An index that is being migrated, with nobody to coordinate it: the test itself moves the aliases and writes the record.
import { onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Connection } from '../../../src/cluster/connection.js';
import type { Answer, Request } from '../../../src/cluster/request.js';
import { toTwindexError } from '../../../src/cluster/engineErrors.js';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { putDocument } from '../../../src/cluster/documents/putDocument.js';
import {
  type AliasAction,
  type AliasProperties,
  updateAliases,
} from '../../../src/cluster/indices/updateAliases.js';
import {
  type Replication,
  newTally,
  createReplication,
  type Reshape,
} from '../../../src/protocol/replication.js';
import { asTheyAre } from '../../../src/protocol/reshape.js';
import { PageReader } from '../../../src/documents/pageReader.js';
import { resync } from '../../../src/coordinator/follow/resync.js';
import { followRound, type RoundResult } from '../../../src/coordinator/follow/round.js';
import { createJournal } from '../../../src/journal/journal.js';
import {
  feedAlias,
  JOURNAL,
  ledgerAlias,
  ledgerIndex,
  mirrorAlias,
  recordId,
  writeAlias,
} from '../../../src/protocol/names.js';
import { leaderIndex, type MigrationRecord, followerIndex } from '../../../src/protocol/record.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import type { MirrorOptions } from '../../../src/writers/mirror/mirrorOptions.js';
import type { ClientReply } from '../../../src/writers/mirror/request/clientRequest.js';
import type {
  Upstream,
  UpstreamReply,
  UpstreamRequest,
} from '../../../src/writers/mirror/request/upstream.js';
import type { IndexDefinition, Migration } from '../../../src/schema/types.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { testRecord } from '../../testRecord.js';
import { engineUrls, liveDocuments, uniqueName } from '../engine.js';

export interface StageOptions {
  readonly mappings?: JsonObject;
  readonly targetMappings?: JsonObject;
  readonly settings?: JsonObject;
  readonly migrations?: Readonly<Record<number, Migration>>;
  readonly writeAlias?: AliasProperties;
  readonly record?: Partial<MigrationRecord>;
  readonly shards?: number;
}

export class Stage {
  readonly cluster: Cluster;
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly definition: IndexDefinition;
  record: MigrationRecord;

  private constructor(cluster: Cluster, options: StageOptions) {
    this.cluster = cluster;
    this.name = uniqueName('imi');
    this.source = `${this.name}-v1`;
    this.target = `${this.name}-v2`;
    const aliases = { read: `${this.name}-read`, write: `${this.name}-write` };
    this.definition = {
      name: this.name,
      version: 2,
      aliases,
      settings: {},
      mappings: {},
      migrations: options.migrations ?? {},
      file: 'index.ts',
    };
    this.record = testRecord({
      name: this.name,
      source: { index: this.source, version: 1 },
      target: { index: this.target, version: 2 },
      aliases,
      sourceAliases: { [aliases.read]: {}, [aliases.write]: { ...options.writeAlias } },
      hasTransform: options.migrations !== undefined,
      writers: { mode: 'mirror', generation: 1, pruned: 0, version: 1, moves: 0 },
      ...options.record,
    });
  }

  /** In the phase `mirror`, generation 1, unless the record says something else. */
  static async set(cluster: Cluster, options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(cluster, options);
    const { read, write } = stage.definition.aliases;
    const settings = { number_of_replicas: 0, number_of_shards: options.shards ?? 1, ...options.settings };
    const { mappings = {} } = options;
    await createJournal(cluster);
    await createIndex(cluster, stage.source, {
      settings,
      mappings,
      aliases: { [read]: {}, [write]: options.writeAlias ?? {} },
    });
    await createIndex(cluster, stage.target, {
      settings: { ...settings, number_of_shards: 2 },
      mappings: options.targetMappings ?? mappings,
    });
    await stage.createLedger();
    await stage.open(stage.record.writers.generation);
    await stage.aliases([{ add: { index: stage.target, alias: stage.feed, is_write_index: true } }]);
    await stage.save({});
    return stage;
  }

  get leader(): string {
    return leaderIndex(this.record);
  }

  get follower(): string {
    return followerIndex(this.record);
  }

  get feed(): string {
    return feedAlias(this.name, this.record.token);
  }

  async createLedger(): Promise<void> {
    const { epoch } = this.record;
    await createIndex(this.cluster, ledgerIndex(this.name, epoch), {
      settings: { number_of_replicas: 0 },
      mappings: {
        properties: { g: { type: 'long' }, id: { type: 'keyword' }, routing: { type: 'keyword' } },
      },
      aliases: { [ledgerAlias(this.name, epoch)]: { is_write_index: true } },
    });
    const index = ledgerIndex(this.name, epoch);
    onTestFinished(async () => {
      await this.cluster.connection.send({ method: 'DELETE', path: `/${index}` });
    });
  }

  async aliases(actions: readonly AliasAction[]): Promise<void> {
    const done = await updateAliases(this.cluster, actions);
    if (done.type === 'missing') throw new Error(done.reason);
  }

  async open(generation: number): Promise<void> {
    const { mode } = this.record.writers;
    const open = { is_write_index: true, is_hidden: true };
    await this.aliases([
      { add: { index: this.leader, alias: writeAlias(this.name, generation), ...open } },
      ...(mode === 'mirror'
        ? [{ add: { index: this.follower, alias: mirrorAlias(this.name, generation), ...open } }]
        : []),
    ]);
  }

  async close(generation: number): Promise<void> {
    const closed = { is_write_index: false, is_hidden: true };
    const aliases = [writeAlias(this.name, generation), mirrorAlias(this.name, generation)];
    const actions: AliasAction[] = [];
    for (const index of [this.source, this.target]) {
      const there = (await indexAliases(this.cluster, index)) ?? {};
      for (const alias of aliases) if (there[alias]) actions.push({ add: { index, alias, ...closed } });
    }
    await this.aliases(actions);
  }

  async save(patch: Partial<MigrationRecord>): Promise<void> {
    this.record = { ...this.record, ...patch };
    await putDocument(this.cluster, { index: JOURNAL, id: recordId(this.name) }, this.record, 'any');
  }

  /** A rotation: the next generation is opened, written down, and the last one closed. */
  async rotate(): Promise<void> {
    const { writers } = this.record;
    await this.open(writers.generation + 1);
    await this.save({ writers: { ...writers, generation: writers.generation + 1 } });
    await this.close(writers.generation);
  }

  /** As the coordinator does: what writers are to do is written down first. */
  async hold(): Promise<void> {
    await this.save({ state: 'holding' });
    await this.close(this.record.writers.generation);
  }

  async goBack(): Promise<void> {
    const { writers } = this.record;
    await this.open(writers.generation + 1);
    await this.save({ state: 'mirroring', writers: { ...writers, generation: writers.generation + 1 } });
  }

  /** Everything is on the follower when this is called, in a hold. */
  async exchange(): Promise<void> {
    const { write } = this.definition.aliases;
    const { writers, epoch, leader } = this.record;
    const [from, to] = [this.leader, this.follower];
    await this.aliases([{ remove: { index: from, alias: write } }, { add: { index: to, alias: write } }]);
    this.record = { ...this.record, leader: leader === 'source' ? 'target' : 'source', epoch: epoch + 1 };
    await this.createLedger();
    await this.aliases([
      { remove: { index: to, alias: this.feed } },
      { add: { index: from, alias: this.feed, is_write_index: true } },
    ]);
    await this.open(writers.generation + 1);
    await this.save({ state: 'mirroring', writers: { ...writers, generation: writers.generation + 1 } });
  }

  /** One round of following from the beginning. */
  async follow(reshape = asTheyAre): Promise<RoundResult> {
    const replication = await this.#replication(reshape);
    return await followRound(replication, {
      cursors: Array.from({ length: replication.leader.shards }, () => -1),
      reader: new PageReader(this.cluster, 'source'),
      budgetMs: 60_000,
      feed: {},
      keepRefused: async () => {},
    });
  }

  /** Of all that is in the ledger: for copies of deletes that were given up. */
  async resyncLedger(): Promise<void> {
    const keys = (await this.ledger()).map(({ id, routing }) => ({ id, routing: routing ?? undefined }));
    await resync(await this.#replication(asTheyAre), keys, {});
  }

  async #replication(reshape: Reshape): Promise<Replication> {
    return await createReplication({
      leader: { cluster: this.cluster, index: this.leader },
      follower: { cluster: this.cluster, index: this.follower },
      feed: this.feed,
      epoch: this.record.epoch,
      reshape,
      reshapeBack: asTheyAre,
      roleStart: [],
      backfilled: [],
      tally: newTally(),
    });
  }

  /** Every live document by `id` or `id routing`, with its source. */
  async documents(index: string): Promise<Record<string, unknown>> {
    return Object.fromEntries(await liveDocuments(this.cluster, index));
  }

  async get(
    index: string,
    id: string,
    query = '',
  ): Promise<{ found: boolean; _version: number; _source: unknown }> {
    const answer = await this.cluster.connection.send({
      method: 'GET',
      path: `/${index}/_doc/${id}${query}`,
    });
    return JSON.parse(answer.body.toString()) as { found: boolean; _version: number; _source: unknown };
  }

  async ledger(): Promise<{ g: number; id: string; routing: string | null }[]> {
    const index = ledgerIndex(this.name, this.record.epoch);
    return Object.values(await this.documents(index)) as { g: number; id: string; routing: string | null }[];
  }

  /** Unless the options say something else, every write waits for its copy. */
  async writer(options: Partial<MirrorOptions> = {}, upstream: Upstream = new Direct()): Promise<Writer> {
    const mirror = await Mirror.start({
      cluster: this.cluster,
      definitions: [this.definition],
      type: 'client',
      copyLimits: { unawaited: 0, followerNotReadMs: 60_000, readMs: 60_000 },
      ...options,
    });
    onTestFinished(() => mirror.stop());
    return new Writer(mirror, upstream);
  }
}

/** What the engine answers to a write, alone or as an item of a bulk; it has what the test looks at. */
interface Result {
  readonly _index: string;
  readonly _id: string;
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly result: string;
  readonly status: number;
  readonly get: { readonly _source: unknown };
  readonly error: { readonly type: string; readonly root_cause: readonly { readonly type: string }[] };
  readonly errors: boolean;
  readonly items: readonly Record<string, Result>[];
}

interface Answered {
  readonly status: number;
  readonly headers: ClientReply['headers'];
  readonly json: Result;
  readonly text: string;
}

/** A client of one mirror. */
export class Writer {
  readonly mirror: Mirror;
  readonly #upstream: Upstream;

  constructor(mirror: Mirror, upstream: Upstream) {
    this.mirror = mirror;
    this.#upstream = upstream;
  }

  async send(
    method: string,
    url: string,
    body?: object | string,
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const type =
      typeof body === 'string' && url.includes('_bulk') ? 'application/x-ndjson' : 'application/json';
    const all = { ...(body === undefined ? {} : { 'content-type': type }), ...headers };
    const bytes = text === undefined ? undefined : Buffer.from(text);
    const decision = this.mirror.decide(method, url, all);
    const reply = await this.mirror.perform(
      decision,
      { method, url, headers: all, body: bytes },
      this.#upstream,
    );
    const answer = reply.body.toString();
    return {
      status: reply.status,
      headers: reply.headers,
      text: answer,
      json: JSON.parse(answer) as Result,
    };
  }

  async bulk(url: string, lines: readonly object[], headers: Record<string, string> = {}) {
    const body = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    const { status, json } = await this.send('POST', url, body, headers);
    return { status, json, items: (json.items ?? []).map((item) => Object.values(item)[0] as Result) };
  }
}

/** The same cluster, whose requests a test can count, hold up, or lose. */
export function intercepted(
  cluster: Cluster,
  around: (request: Request, send: () => Promise<Answer>) => Promise<Answer>,
): Cluster {
  const { urls } = cluster.connection;
  const connection = Object.create(cluster.connection, { urls: { value: urls } }) as Connection;
  const send = (request: Request): Promise<Answer> => around(request, () => cluster.connection.send(request));
  const json = async <T>(request: Request): Promise<T> => {
    const answer = await send(request);
    if (answer.status >= 300) throw toTwindexError(request, answer);
    return JSON.parse(answer.body.toString()) as T;
  };
  return { ...cluster, connection: Object.assign(connection, { send, json }) };
}

/** To the engine itself. */
export class Direct implements Upstream {
  readonly requests: UpstreamRequest[] = [];

  to(): this {
    return this;
  }

  async send(request: UpstreamRequest): Promise<UpstreamReply> {
    this.requests.push(request);
    const { method, path, body } = request;
    const headers = Object.entries(request.headers).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const bytes = Buffer.isBuffer(body) ? body : body && Buffer.concat(body);
    const answer = await fetch(engineUrls[0] + path, { method, headers, body: bytes ?? null });
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    };
  }
}
