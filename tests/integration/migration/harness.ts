// An index of two versions on the real engine, and its migration run in this process: begun, steered, stopped, looked at.
import { onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Answer } from '../../../src/cluster/request.js';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import type { AliasProperties } from '../../../src/cluster/indices/updateAliases.js';
import { EventBus } from '../../../src/events.js';
import { loadRecord } from '../../../src/journal/journal.js';
import type { CommandName, MigrationRecord, Route } from '../../../src/protocol/record.js';
import {
  type Gate,
  type MigrateOptions,
  type MigrateResult,
  runMigration,
} from '../../../src/coordinator/migration/runMigration.js';
import { getStatus, type MigrationStatus } from '../../../src/coordinator/migration/steering/getStatus.js';
import {
  steer,
  type Steered,
  type SteerOptions,
} from '../../../src/coordinator/migration/steering/sendCommand.js';
import type { IndexDefinition, Migration } from '../../../src/schema/types.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { engineUrls, liveDocuments, uniqueName } from '../engine.js';
import { eventually } from '../../eventually.js';

const QUICK = {
  graceMs: 300,
  leaseMs: 5_000,
  maxWritePauseMs: 5_000,
  maxLagMs: 5_000,
  dropRejected: false,
  maxRejected: 100,
  stay: false,
} as const;

const WAIT_MS = 180_000;

/**
 * `price` was text and becomes a number: what the workload of the chaos tests writes. A document that has the shape
 * already is left as it is: a writer may be just behind the switch (docs/concepts.md).
 */
export const PRICES = {
  before: { properties: { n: { type: 'long' }, price: { type: 'keyword' } } },
  after: { properties: { n: { type: 'long' }, price: { type: 'double' } } },
  migrations: {
    2: {
      up: (doc) =>
        typeof doc['price'] === 'number'
          ? doc
          : { ...doc, price: Number.parseFloat((doc['price'] as string).replace(',', '.')) },
      down: (doc) =>
        typeof doc['price'] === 'string'
          ? doc
          : { ...doc, price: `${(doc['price'] as number).toFixed(2).replace('.', ',')} EUR` },
    },
  },
} as const satisfies { before: JsonObject; after: JsonObject; migrations: Record<number, Migration> };

export interface Declaration {
  readonly layout?: MigrationRecord['layout'];
  readonly before?: {
    readonly settings?: JsonObject;
    readonly mappings?: JsonObject;
    /** Instead of those that the layout has. */
    readonly aliases?: Readonly<Record<string, AliasProperties>>;
  };
  readonly version?: number;
  readonly settings?: JsonObject;
  readonly mappings?: JsonObject;
  readonly migrations?: Readonly<Record<number, Migration>>;
  /** Default: `client`. */
  readonly route?: Route;
}

export interface Running {
  readonly ended: Promise<MigrateResult>;
  readonly notes: readonly string[];
  /** As a signal from outside does. */
  stop(): Promise<void>;
  isStopped(): boolean;
}

/** One name with its leader, and what is to become of it. */
export class Subject {
  readonly cluster: Cluster;
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly layout: MigrationRecord['layout'];
  readonly declaration: Declaration;
  /** May be replaced between two runs, as a user edits the file. */
  definition: IndexDefinition;

  private constructor(cluster: Cluster, declaration: Declaration) {
    const { layout = 'two-aliases', version = 2, settings = {}, mappings = {} } = declaration;
    this.cluster = cluster;
    this.declaration = declaration;
    this.layout = layout;
    this.name = uniqueName('imt');
    this.source = layout === 'bare-index' ? this.name : `${this.name}-v1`;
    this.target = `${this.name}-v${version}`;
    const [read, write] =
      layout === 'two-aliases' ? [`${this.name}-read`, `${this.name}-write`] : [this.name, this.name];
    this.definition = {
      name: this.name,
      version,
      aliases: { read, write },
      settings: { number_of_replicas: 0, ...settings },
      mappings,
      migrations: declaration.migrations ?? {},
      file: 'index.ts',
    };
  }

  static async create(cluster: Cluster, declaration: Declaration = {}): Promise<Subject> {
    const subject = new Subject(cluster, declaration);
    const { read, write } = subject.definition.aliases;
    const { settings = {}, mappings = {}, aliases } = declaration.before ?? {};
    await createIndex(cluster, subject.source, {
      settings: { number_of_replicas: 0, ...settings },
      mappings,
      aliases: aliases ?? (subject.layout === 'bare-index' ? {} : { [read]: {}, [write]: {} }),
    });
    return subject;
  }

  /** @returns the engine's answer, whatever its status */
  send(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object | string): Promise<Answer> {
    return this.cluster.connection.send({ method, path, body });
  }

  /** @throws for everything but a 2xx answer */
  json<T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object | string): Promise<T> {
    return this.cluster.connection.json<T>({ method, path, body });
  }

  /** Documents `d0`, `d1`, ... through the write alias. */
  async fill(count: number, make: (n: number) => object): Promise<void> {
    const lines = Array.from(
      { length: count },
      (_, n) => `{"index":{"_id":"d${n}"}}\n${JSON.stringify(make(n))}\n`,
    );
    const { errors } = await this.json<{ errors: boolean }>(
      'POST',
      `/${this.definition.aliases.write}/_bulk`,
      lines.join(''),
    );
    if (errors) throw new Error(`not all documents were taken by ${this.source}`);
  }

  /** As it is written, byte by byte. @throws when the engine does not take it */
  async put(id: string, source: object | string, routing?: string): Promise<void> {
    const body = typeof source === 'string' ? source : JSON.stringify(source);
    const headers = { 'content-type': 'application/json' };
    const url = engineUrls[0] + pathOf(this.definition.aliases.write, '_doc', id, routing);
    const answer = await fetch(url, { method: 'PUT', headers, body });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** The bytes of a document; undefined when there is none. */
  async sourceOf(index: string, id: string, routing?: string): Promise<string | undefined> {
    const { status, body } = await this.send('GET', pathOf(index, '_source', id, routing));
    return status === 404 ? undefined : body.toString();
  }

  async delete(id: string, routing?: string): Promise<void> {
    await this.json('DELETE', pathOf(this.definition.aliases.write, '_doc', id, routing));
  }

  /** Every live document by `id` or `id routing`, with its source. */
  documents(index: string): Promise<Map<string, Record<string, unknown>>> {
    return liveDocuments(this.cluster, index);
  }

  /** Begins, or goes on. Stopped when the test ends. */
  start(until: Gate, options: Partial<MigrateOptions> = {}, cluster = this.cluster): Running {
    const bus = new EventBus();
    const notes: string[] = [];
    bus.on('note', ({ text }) => notes.push(text));
    const stopping = new AbortController();
    const ended = runMigration(
      cluster,
      this.definition,
      { ...QUICK, until, bus, signal: stopping.signal, ...options },
      {
        source: { index: this.source, version: 1 },
        target: { index: this.target, version: this.definition.version },
        layout: this.layout,
        route: this.declaration.route,
      },
    );
    const stop = async () => {
      stopping.abort(new Error('stopped'));
      await ended.catch(() => undefined);
    };
    onTestFinished(stop);
    ended.catch(() => undefined);
    return { ended, notes, stop, isStopped: () => stopping.signal.aborted };
  }

  /** Stays, and so waits for documents to be corrected, until the migration has come there. */
  startPatient(until: Gate, options: Partial<MigrateOptions> = {}, cluster = this.cluster): Running {
    const running = this.start(until, { stay: true, ...options }, cluster);
    const arrived = this.until(until, ({ phase }) => phase === until);
    const stopped = arrived.then(async ({ phase, record }) => {
      await running.stop();
      return { phase, record };
    });
    // it ends by itself where it is finalized, or fails; not where it is stopped here
    const failed = running.ended.catch(async (error: unknown) => {
      if (running.isStopped()) return await stopped;
      throw error;
    });
    const ended = Promise.race([failed, stopped]);
    for (const promise of [ended, stopped]) promise.catch(() => undefined);
    return { ...running, ended };
  }

  run(until: Gate, options: Partial<MigrateOptions> = {}): Promise<MigrateResult> {
    return this.start(until, options).ended;
  }

  steer(command: CommandName, more: Pick<SteerOptions, 'force' | 'leftOut'> = {}): Promise<Steered> {
    return steer(this.cluster, this.name, command, { signal: AbortSignal.timeout(WAIT_MS), ...more });
  }

  async status(): Promise<MigrationStatus> {
    const [status] = await getStatus(this.cluster, this.name);
    if (!status) throw new Error(`the journal has no migration of ${this.name}`);
    return status;
  }

  /** Waits until the journal says so. */
  async until(what: string, holds: (status: MigrationStatus) => boolean): Promise<MigrationStatus> {
    let status: MigrationStatus | undefined;
    const found = (): string =>
      `${this.name} is ${what}; it is ${status?.phase}, ${status?.record.state}, ${status?.record.message}`;
    const statusThatHolds = async (): Promise<MigrationStatus | undefined> => {
      if (!(await loadRecord(this.cluster, this.name))) return undefined;
      [status] = await getStatus(this.cluster, this.name);
      return status && holds(status) ? status : undefined;
    };
    return eventually(found, statusThatHolds, WAIT_MS);
  }
}

export function pathOf(index: string, api: string, id: string, routing?: string): string {
  const query = routing === undefined ? '' : `?routing=${encodeURIComponent(routing)}`;
  return `/${index}/${api}/${encodeURIComponent(id)}${query}`;
}
