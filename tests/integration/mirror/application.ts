// Clients that write through gateways while a migration runs, and their own record of what they were told. Each document
// has one writer, so every answer is exactly known: anything else is a failure, a refusal too.
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { type Gateway, startGateway } from '../../../src/writers/gateway/gatewayServer.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import type { MirrorOptions } from '../../../src/writers/mirror/mirrorOptions.js';
import type { IndexDefinition } from '../../../src/schema/types.js';
import { Random } from '../../simulation/random.js';

export interface RunningGateway extends Gateway {
  readonly mirror: Mirror;
  readonly troubles: readonly string[];
}

/** As `twindex gateway` starts it, in this process. Stopped when the test ends. */
export async function openWritersGateway(
  cluster: Cluster,
  definition: IndexDefinition,
  {
    leaseMs = 10_000,
    breakerLimits,
  }: { readonly leaseMs?: number; readonly breakerLimits?: MirrorOptions['breakerLimits'] } = {},
): Promise<RunningGateway> {
  const troubles: string[] = [];
  const onWarning = (text: string): void => void troubles.push(text);
  const mirror = await Mirror.start({
    cluster,
    definitions: [definition],
    type: 'gateway',
    leaseMs,
    breakerLimits,
    onWarning,
  });
  const gateway = await startGateway({ cluster, mirror, port: 0, onWarning, times: { stopMs: 5_000 } });
  onTestFinished(() => gateway.stop());
  return { ...gateway, mirror, troubles };
}

export interface Answered {
  readonly status: number;
  // an engine's answer: read where its shape is known
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

export async function request(
  url: string,
  method: string,
  path: string,
  body?: object | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
  const answer = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': type }), ...headers },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
}

interface State {
  readonly n: number;
  readonly price: number;
}

interface Place {
  readonly id: string;
  readonly routing: string | undefined;
}

export interface ClientOptions {
  /** The gateway that it writes through; may be changed. */
  url: string;
  readonly write: string;
  readonly read: string;
  /** The shape of its documents: `price` is text in version 1, and a number in version 2. */
  shape: 1 | 2;
  /** Says so in each request. */
  named: boolean;
  readonly name: string;
  readonly seed: number;
  readonly documents?: number;
  readonly pauseMs?: number;
}

type Operation = 'put' | 'create' | 'delete' | 'update' | 'upsert';

interface Planned {
  readonly operation: Operation;
  readonly place: Place;
  readonly next: State;
}

const OPERATIONS: readonly Operation[] = ['put', 'put', 'create', 'delete', 'delete', 'update', 'upsert'];

export class Client {
  readonly options: ClientOptions;
  readonly #random: Random;
  readonly #expected = new Map<string, State | null>();
  readonly #stop = new AbortController();
  readonly #waits: number[] = [];
  #counter = 0;
  #running: Promise<void> | undefined;
  acknowledged = 0;
  /** Answers that were not to be. */
  readonly failures: string[] = [];
  /** Reads that did not show what was acknowledged. */
  readonly stale: string[] = [];

  constructor(options: ClientOptions) {
    this.options = options;
    this.#random = new Random(options.seed);
  }

  start(): this {
    this.#running = this.#work();
    return this;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** What must be there, by `id` or `id routing`; null: must not. */
  get expected(): ReadonlyMap<string, State | null> {
    return this.#expected;
  }

  get longestMs(): number {
    return Math.round(Math.max(0, ...this.#waits));
  }

  async #work(): Promise<void> {
    const { pauseMs = 20 } = this.options;
    while (!this.#stop.signal.aborted) {
      const began = performance.now();
      try {
        await this.#step();
      } catch (error) {
        this.#fail(`${String(error)} ${error instanceof Error ? String(error.cause) : ''}`);
      }
      this.#waits.push(performance.now() - began);
      await sleep(pauseMs);
    }
  }

  async #step(): Promise<void> {
    const kind = this.#random.int(0, 9);
    if (kind < 5) await this.#single(this.#plan(this.#place()));
    else if (kind < 7) await this.#bulk();
    else if (kind < 8) await this.#withoutId();
    else await this.#look(this.#place());
  }

  #place(): Place {
    const { documents = 30, name } = this.options;
    const number = this.#random.int(0, documents - 1);
    return { id: `${name}-${number}`, routing: number % 4 === 0 ? `r${number}` : undefined };
  }

  #plan(place: Place): Planned {
    const n = ++this.#counter;
    return { operation: this.#random.pick(OPERATIONS), place, next: { n, price: n + 0.5 } };
  }

  #shaped({ n, price }: State): object {
    return this.options.shape === 2 ? { n, price } : { n, price: `${Math.floor(price)},50 EUR` };
  }

  #headers(): Record<string, string> {
    return this.options.named ? { 'x-twindex-version': String(this.options.shape) } : {};
  }

  #send(method: string, path: string, body?: object | string): Promise<Answered> {
    return request(this.options.url, method, path, body, this.#headers());
  }

  async #single(planned: Planned): Promise<void> {
    const { operation, place, next } = planned;
    const { write } = this.options;
    const query = place.routing === undefined ? '' : `?routing=${place.routing}`;
    const document = this.#shaped(next);
    const api = { put: '_doc', create: '_create', delete: '_doc', update: '_update', upsert: '_update' };
    const path = `/${write}/${api[operation]}/${place.id}${query}`;
    const bodies = { put: document, create: document, delete: undefined };
    const answer =
      operation === 'update' || operation === 'upsert'
        ? await this.#send('POST', path, { doc: document, doc_as_upsert: operation === 'upsert' })
        : await this.#send(operation === 'delete' ? 'DELETE' : 'PUT', path, bodies[operation]);
    this.#note(planned, answer.status, answer.json);
    if (this.#random.chance(0.3)) await this.#look(place);
  }

  async #bulk(): Promise<void> {
    const places = new Map(Array.from({ length: 5 }, () => this.#place()).map((place) => [place.id, place]));
    const all = [...places.values()].map((place) => this.#plan(place));
    const names = { put: 'index', create: 'create', delete: 'delete', update: 'update', upsert: 'update' };
    const lines = all.flatMap(({ operation, place: { id, routing }, next }) => {
      const action = JSON.stringify({ [names[operation]]: { _id: id, routing } });
      if (operation === 'delete') return [action];
      const document = this.#shaped(next);
      const isUpdate = operation === 'update' || operation === 'upsert';
      const body = isUpdate ? { doc: document, doc_as_upsert: operation === 'upsert' } : document;
      return [action, JSON.stringify(body)];
    });
    const answer = await this.#send('POST', `/${this.options.write}/_bulk`, `${lines.join('\n')}\n`);
    if (answer.status !== 200) return this.#fail(`bulk: ${answer.status} ${JSON.stringify(answer.json)}`);
    for (const [at, planned] of all.entries()) {
      const item = Object.values(answer.json.items[at] as object)[0] as { status: number; result?: string };
      this.#note(planned, item.status, item);
    }
  }

  async #withoutId(): Promise<void> {
    const n = ++this.#counter;
    const next = { n, price: n + 0.5 };
    const answer = await this.#send('POST', `/${this.options.write}/_doc`, this.#shaped(next));
    if (answer.status !== 201)
      return this.#fail(`without id: ${answer.status} ${JSON.stringify(answer.json)}`);
    this.acknowledged++;
    this.#expected.set(answer.json._id as string, next);
  }

  /** What the engine must have answered to the only writer of this document. */
  #note({ operation, place, next }: Planned, status: number, json: { result?: string }): void {
    const key = keyOf(place);
    const there = (this.#expected.get(key) ?? null) !== null;
    const wanted = {
      put: there ? 200 : 201,
      create: there ? 409 : 201,
      delete: there ? 200 : 404,
      update: there ? 200 : 404,
      upsert: there ? 200 : 201,
    }[operation];
    const isDelete = operation === 'delete';
    if (status !== wanted || (isDelete && json.result !== (there ? 'deleted' : 'not_found')))
      this.#fail(`${operation} ${key} (${there ? 'there' : 'not there'}): ${status} ${JSON.stringify(json)}`);
    if (status >= 300 && !(isDelete && status === 404)) return;
    this.acknowledged++;
    this.#expected.set(key, isDelete ? null : next);
  }

  /** Whoever's index the readers have: what was acknowledged through a gateway is there. */
  async #look(place: Place): Promise<void> {
    const expected = this.#expected.get(keyOf(place));
    if (expected === undefined) return;
    const query = place.routing === undefined ? '' : `?routing=${place.routing}`;
    const path = `/${this.options.read}/_doc/${place.id}${query}`;
    const { status, json } = await this.#send('GET', path);
    if (status !== 200 && status !== 404) return this.#fail(`get: ${status} ${JSON.stringify(json)}`);
    const found = json.found === true ? stateOf(json._source as Record<string, unknown>) : null;
    if (!sameState(found, expected))
      this.stale.push(
        `${keyOf(place)} on ${json._index}: ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`,
      );
  }

  #fail(text: string): void {
    this.failures.push(`${new Date().toISOString()} ${this.options.name} v${this.options.shape}: ${text}`);
  }
}

const keyOf = ({ id, routing }: Place): string => (routing === undefined ? id : `${id} ${routing}`);

function stateOf({ n, price }: Record<string, unknown>): State {
  return {
    n: Number(n),
    price: typeof price === 'number' ? price : Number.parseFloat(String(price).replace(',', '.')),
  };
}

function sameState(a: State | null, b: State | null): boolean {
  return a === b || (a !== null && b !== null && a.n === b.n && a.price === b.price);
}

/**
 * Compares what an index holds with what its clients were told, and with the shape that its documents must have.
 * @returns one line for each difference
 */
export function compareWith(
  clients: readonly Client[],
  documents: ReadonlyMap<string, Record<string, unknown>>,
  shape: 1 | 2,
): string[] {
  const differences: string[] = [];
  for (const { expected } of clients)
    for (const [key, state] of expected) {
      const document = documents.get(key);
      const found = document ? stateOf(document) : null;
      if (!sameState(found, state))
        differences.push(`${key}: ${JSON.stringify(state)} expected, ${JSON.stringify(document)} found`);
    }
  const type = shape === 1 ? 'string' : 'number';
  for (const [key, { price }] of documents)
    if (typeof price !== type) differences.push(`${key}: price ${JSON.stringify(price)} is no ${type}`);
  return differences;
}

/** How many documents of the clients must be there. */
export const liveOf = (clients: readonly Client[]): number =>
  clients.reduce(
    (sum, { expected }) => sum + [...expected.values()].filter((state) => state !== null).length,
    0,
  );
