// An application that writes through the public alias, and its own record of what it was told. Each document has one
// writer, so that the order of its writes is known.
import { NotSent } from '../../src/cluster/connector.js';
import type { Timer } from './clock.js';
import type { Random } from './random.js';
import type { HttpAnswer, HttpRequest, Process, World } from './world.js';

export interface Write {
  /** Undefined: a delete. */
  readonly value: number | undefined;
  readonly began: number;
  ended: number;
  /** `unknown`: it may have been done, or be done yet; `refused`: it was not. */
  outcome: 'pending' | 'done' | 'refused' | 'unknown';
}

export interface Key {
  readonly id: string;
  /** As it is now. */
  routing: string | undefined;
  /** It was another one once. */
  moved?: boolean;
}

/** How requests of applications reach the cluster. */
export type Transport = (process: Process, request: HttpRequest) => Promise<HttpAnswer>;

export interface Habits {
  /** Between two writes of a burst. */
  readonly meanMs: number;
  /** Between two bursts. */
  readonly silenceMs: number;
  /** The share of deletes, and of scripts among them. */
  readonly deletes: number;
  readonly scripts: number;
  /** The share of writes before which a document is deleted, to be written under another routing. */
  readonly moves?: number;
  /** The transform throws at some documents. */
  readonly rejected?: boolean;
  readonly timeoutMs: number;
}

export class Application {
  readonly process: Process;
  readonly mirrored: boolean;
  /** By document. */
  readonly writes = new Map<Key, Write[]>();
  /** Answers that no application can make sense of. */
  readonly strange: string[] = [];
  readonly #world: World;
  readonly #random: Random;
  readonly #alias: string;
  readonly #habits: Habits;
  readonly #transport: Transport;
  readonly #version: () => number | undefined;
  readonly #isMigrated: () => boolean;
  readonly #onDone: (key: Key, writes: readonly Write[]) => void;
  readonly #bad = new Set<Key>();
  #stopped = false;
  #busyUntil = 0;

  constructor(parts: {
    readonly world: World;
    readonly name: string;
    readonly keys: readonly Key[];
    readonly alias: string;
    readonly habits: Habits;
    readonly transport: Transport;
    /** The version whose shape it writes; undefined: it names none. */
    readonly version: () => number | undefined;
    /** It is promised that the index which is read has what was acknowledged. */
    readonly mirrored: boolean;
    /** A migration could translate its documents now. */
    readonly isMigrated: () => boolean;
    /** A write was answered with success. */
    readonly onDone: (key: Key, writes: readonly Write[]) => void;
  }) {
    this.#world = parts.world;
    this.process = parts.world.startProcess(parts.name);
    this.#random = parts.world.random.fork();
    this.#alias = parts.alias;
    this.#habits = parts.habits;
    this.#transport = parts.transport;
    this.#version = parts.version;
    this.mirrored = parts.mirrored;
    this.#isMigrated = parts.isMigrated;
    this.#onDone = parts.onDone;
    for (const key of parts.keys) this.writes.set(key, []);
  }

  /** Writes in bursts, until it is stopped: what a burst left behind stands for a while. */
  async run(): Promise<void> {
    const { clock } = this.#world;
    const { meanMs } = this.#habits;
    while (!this.#stopped) {
      for (
        let left = this.#random.int(1, 10);
        (left > 0 || clock.now < this.#busyUntil) && !this.#stopped;
        left--
      ) {
        await this.#writeSome();
        await clock.sleep(this.#random.delay(meanMs, meanMs * 5));
      }
      await this.#silence();
    }
    await this.#correct();
  }

  /** Whatever nobody can translate is written anew. */
  async #correct(): Promise<void> {
    for (const key of this.#bad) {
      while (this.#bad.has(key)) {
        let value = this.#world.nextNumber();
        while (isRejected(value)) value = this.#world.nextNumber();
        await this.#write([key], [this.#begin(key, value)]);
        await this.#world.clock.sleep(100);
      }
    }
  }

  async #silence(): Promise<void> {
    const { clock } = this.#world;
    const until = clock.now + this.#random.delay(this.#habits.silenceMs, this.#habits.silenceMs * 4);
    while (clock.now < until && clock.now >= this.#busyUntil && !this.#stopped) await clock.sleep(50);
  }

  /** Something is going on: now is the time to write. */
  hurry(ms: number): void {
    this.#busyUntil = this.#world.clock.now + ms;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #writeSome(): Promise<void> {
    const all = [...this.writes.keys()];
    const first = this.#random.pick(all);
    const keys = this.#random.chance(0.2)
      ? all.filter((key) => key === first || this.#random.chance(0.5))
      : [first];
    const { moves = 0 } = this.#habits;
    if (moves > 0 && this.#random.chance(moves)) await this.#move(first);
    const writes = keys.map((key) =>
      this.#begin(key, this.#random.chance(this.#habits.deletes) ? undefined : this.#world.nextNumber()),
    );
    await this.#write(keys, writes);
  }

  /** Not after a write that may still arrive: it would make a second document of the id. */
  async #move(key: Key): Promise<void> {
    if ((this.writes.get(key) as Write[]).some(({ outcome }) => outcome === 'unknown')) return;
    const write = this.#begin(key, undefined);
    await this.#write([key], [write]);
    if (write.outcome !== 'done') return;
    key.routing = this.#random.pick([undefined, 'r', 's', 't', 'u']);
    key.moved = true;
  }

  #begin(key: Key, value: number | undefined): Write {
    const write: Write = {
      value,
      began: this.#world.clock.now,
      ended: Number.POSITIVE_INFINITY,
      outcome: 'pending',
    };
    (this.writes.get(key) as Write[]).push(write);
    return write;
  }

  async #write(keys: readonly Key[], writes: readonly Write[]): Promise<void> {
    const [first] = keys as [Key];
    const outcomes =
      keys.length === 1 ? [await this.#send(first, writes[0] as Write)] : await this.#sendBulk(keys, writes);
    for (const [n, write] of writes.entries()) {
      write.outcome = outcomes[n] as Write['outcome'];
      write.ended = this.#world.clock.now;
      const key = keys[n] as Key;
      if (this.#habits.rejected && isRejected(write.value) && write.outcome !== 'refused') this.#bad.add(key);
      else if (write.outcome === 'done') this.#bad.delete(key);
      if (write.outcome === 'done') this.#onDone(key, this.writes.get(key) as Write[]);
    }
  }

  async #sendBulk(keys: readonly Key[], writes: readonly Write[]): Promise<Write['outcome'][]> {
    const lines = keys.flatMap(({ id, routing }, n): object[] => {
      const { value } = writes[n] as Write;
      const meta = { _id: id, ...(routing === undefined ? {} : { routing }) };
      if (value === undefined) return [{ delete: meta }];
      return this.#random.chance(0.3)
        ? [{ update: meta }, { doc: this.#document(value), doc_as_upsert: true }]
        : [{ index: meta }, this.#document(value)];
    });
    const request: HttpRequest = {
      method: 'POST',
      path: `/${this.#alias}/_bulk`,
      headers: { 'content-type': 'application/x-ndjson', ...this.#named() },
      body: Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`),
    };
    const wasMigrated = this.#isMigrated();
    const answer = await this.#ask(request);
    if (typeof answer === 'string') return keys.map(() => answer);
    if (answer.status !== 200) return keys.map(() => this.#outcomeOf(answer, wasMigrated));
    const { items } = JSON.parse(answer.body.toString()) as { items: Record<string, { status: number }>[] };
    return items.map((item) => {
      const [one] = Object.values(item) as [{ status: number }];
      return this.#outcomeOf(
        { status: one.status, headers: {}, body: Buffer.from(JSON.stringify(one)) },
        wasMigrated,
      );
    });
  }

  async #send({ id, routing }: Key, { value }: Write): Promise<Write['outcome']> {
    const query = routing === undefined ? '' : `?routing=${routing}`;
    const updates =
      value === undefined ? this.#random.chance(this.#habits.scripts) : this.#random.chance(0.2);
    const document = value === undefined ? undefined : this.#document(value);
    const body = updates
      ? value === undefined
        ? { script: { source: "ctx.op = 'delete'" } }
        : { doc: document, doc_as_upsert: true }
      : document;
    const wasMigrated = this.#isMigrated();
    const answer = await this.#ask({
      method: updates ? 'POST' : value === undefined ? 'DELETE' : 'PUT',
      path: `/${this.#alias}/${updates ? '_update' : '_doc'}/${id}${query}`,
      headers: { 'content-type': 'application/json', ...this.#named() },
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
    });
    return typeof answer === 'string' ? answer : this.#outcomeOf(answer, wasMigrated);
  }

  #named(): Record<string, string> {
    const version = this.#version();
    return version === undefined ? {} : { 'x-twindex-version': String(version) };
  }

  /** The second version has a field more. */
  #document(value: number): object {
    return this.#version() === 2 ? { v: value, up: true } : { v: value };
  }

  async #ask(request: HttpRequest): Promise<HttpAnswer | 'refused' | 'unknown'> {
    let timer: Timer | undefined;
    const late = new Promise<'unknown'>((resolve) => {
      timer = this.#world.clock.schedule(this.#habits.timeoutMs, () => resolve('unknown'));
    });
    try {
      return await Promise.race([this.#transport(this.process, request), late]);
    } catch (error) {
      return error instanceof NotSent ? 'refused' : 'unknown';
    } finally {
      if (timer) timer.cancelled = true;
    }
  }

  /** @param wasMigrated when the write was sent */
  #outcomeOf({ status, body }: HttpAnswer, wasMigrated: boolean): Write['outcome'] {
    if (status < 300) return 'done';
    const text = body.toString();
    if (status === 404 && text.includes('"result":"not_found"')) return 'done';
    if (status === 404 && text.includes('document_missing_exception')) return 'done'; // a script that deletes
    if (text.includes('twindex_copy_unanswered')) return 'unknown'; // done on one index, and not on the other
    if (status === 429 || status === 503) return 'refused';
    if (status === 502 || status === 504) return 'unknown';
    if (status === 403 && text.includes('cluster_block_exception')) return 'refused';
    if (status === 400 && text.includes('no write index is defined')) return 'refused';
    if (status === 404 && text.includes('index_not_found_exception')) return 'refused'; // a bare index, on its way
    if (status === 400 && text.includes('index_closed_exception')) return 'refused';
    // it began after the write was refused, or was given up before
    const isMigrated = wasMigrated && this.#isMigrated();
    if (status === 400 && text.includes('no migration is running') && !isMigrated) return 'refused';
    if (status === 409) return 'refused'; // an update that met another one
    this.strange.push(`${status} ${text}`);
    return 'unknown';
  }
}

/** Whether the transform throws at a document of this value. */
export const isRejected = (value: unknown): boolean => typeof value === 'number' && value % 4 === 3;

/** What a document may be, going by what its writer was told. */
export function allowedValues(writes: readonly Write[]): Set<number | undefined> {
  const last = writes.findLast(({ outcome }) => outcome === 'done');
  const allowed = new Set<number | undefined>([last?.value]);
  for (const { outcome, value } of writes)
    if (outcome === 'unknown' || outcome === 'pending') allowed.add(value);
  return allowed;
}
