// An application that writes through the write alias while a migration is killed and resumed, and its own record of
// what it was told. Each document has one writer, so what must be there at the end is exactly known.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Answer } from '../../src/cluster/request.js';

interface Expected {
  readonly routing: string | undefined;
  /** What may be there: `null` is missing. More than one value after a write that was not answered. */
  states: (number | null)[];
}

export interface Findings {
  readonly checked: number;
  readonly lost: string[];
  readonly resurrected: string[];
}

const RETRY_MS = 15;

export class Workload {
  readonly #cluster: Cluster;
  readonly #alias: string;
  readonly #documents: number;
  readonly #pauseMs: number;
  readonly #expected = new Map<string, Expected>();
  readonly #stop = new AbortController();
  #running: Promise<void>[] = [];
  #shape = 1;
  acknowledged = 0;
  refused = 0;
  readonly failures: string[] = [];

  constructor(cluster: Cluster, writeAlias: string, { documents = 40, pauseMs = 20 } = {}) {
    this.#cluster = cluster;
    this.#alias = writeAlias;
    this.#documents = documents;
    this.#pauseMs = pauseMs;
  }

  start(writers = 2): this {
    this.#running = Array.from({ length: writers }, (_, writer) => this.#write(writer));
    return this;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #write(writer: number): Promise<void> {
    for (let n = 0; !this.#stop.signal.aborted; n++) {
      // a stride that is no divisor: documents are indexed, deleted and created anew in changing order. (The deletes come in
      // another one, or they would always meet the same documents, which are not there.)
      const document = (n * 7) % this.#documents;
      const routing = document % 4 === 0 ? `r${document}` : undefined;
      await this.#change(`w${writer}-${document}`, routing, n % 7 === 3 ? null : n);
      await sleep(this.#pauseMs);
    }
  }

  /** One write, sent again as long as the engine says that it was not done. */
  async #change(id: string, routing: string | undefined, value: number | null): Promise<void> {
    const before = this.#expected.get(id)?.states ?? [null];
    for (;;) {
      const answer = await this.#send(id, routing, value).catch((error: unknown) => String(error));
      if (typeof answer === 'string') {
        this.failures.push(answer);
        this.#expected.set(id, { routing, states: [...before, value] });
        return;
      }
      const gone = isGone(answer);
      if (answer.status < 300 || (value === null && answer.status === 404 && !gone)) {
        this.#expected.set(id, { routing, states: [value] });
        this.acknowledged++;
        return;
      }
      if (answer.status !== 400 && answer.status !== 403 && !gone) {
        this.failures.push(answer.body.toString());
        return;
      }
      this.refused++;
      await sleep(RETRY_MS);
      await this.#lookAtVersion();
    }
  }

  #send(id: string, routing: string | undefined, value: number | null): Promise<Answer> {
    const query = routing === undefined ? {} : { routing };
    const path = `/${this.#alias}/_doc/${id}`;
    if (value === null) return this.#cluster.connection.send({ method: 'DELETE', path, query });
    const price = this.#shape === 1 ? `${value},50 EUR` : value + 0.5;
    return this.#cluster.connection.send({ method: 'PUT', path, query, body: { n: value, price } });
  }

  /** What an application does when its write is refused: which version is behind the alias now? */
  async #lookAtVersion(): Promise<void> {
    const found = await this.#cluster.connection.json<
      Record<string, { mappings: { _meta?: { twindex?: { version: number } } } }>
    >({ method: 'GET', path: `/${this.#alias}/_mapping`, repeat: 'always' });
    this.#shape = Object.values(found)[0]?.mappings._meta?.twindex?.version ?? 1;
  }

  /** Compares an index with the record. Call it after `stop`. */
  async compare(index: string): Promise<Findings> {
    const lost: string[] = [];
    const resurrected: string[] = [];
    for (const [id, { routing, states }] of this.#expected) {
      const query = routing === undefined ? {} : { routing };
      const answer = await this.#cluster.connection.send({
        method: 'GET',
        path: `/${index}/_doc/${id}`,
        query,
      });
      const found = JSON.parse(answer.body.toString()) as { found: boolean; _source?: { n: number } };
      const value = found.found ? (found._source?.n ?? Number.NaN) : null;
      if (states.includes(value)) continue;
      (states.includes(null) && value !== null ? resurrected : lost).push(
        `${id}: ${states.join(' or ')} expected, ${value} found`,
      );
    }
    return { checked: this.#expected.size, lost, resurrected };
  }

  /** How many documents there must be, besides those that were there before; undefined when it is not known. */
  get live(): number | undefined {
    const states = [...this.#expected.values()].map((expected) => expected.states);
    return states.some((known) => known.length > 1)
      ? undefined
      : states.filter(([only]) => only !== null).length;
  }
}

/** The index went while the write was on its way to it: a bare index is replaced by an alias (docs/limits.md). */
function isGone({ status, body }: Answer): boolean {
  return status === 404 && body.includes('"index_not_found_exception"');
}
