// Tells the coordinator which workers are alive. A worker is alive while the counter in its document grows.
// The coordinator measures the time by its own clock.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { packageVersion } from '../packageVersion.js';
import { isTwindexError } from '../errors.js';
import { matchesWildcard } from '../cluster/indexExpression.js';
import { findWorkers, loadWorkers, removeWorker, type StoredWorker } from './workerDocuments.js';

const LOOK_EVERY_MS = 250;
const SEARCH_EVERY_MS = 2_000;

interface Seen {
  readonly worker: StoredWorker;
  readonly changedAt: number;
  /** Whether the counter was seen to grow. If not, the document may be left over from a dead worker. */
  readonly alive: boolean;
}

export class WorkersWatch {
  readonly #cluster: Cluster;
  readonly #name: string;
  #ids: readonly string[] = [];
  #seen = new Map<string, Seen>();
  #searchedAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  readonly #avoidedUntil = new Map<string, number>();

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.#name = name;
  }

  /** Polls at most every `LOOK_EVERY_MS`, and ignores a poll that fails. */
  async poll(): Promise<void> {
    if (performance.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    try {
      await this.#search();
      const found = await loadWorkers(this.#cluster, this.#ids);
      const now = performance.now();
      this.#seen = new Map([...found].map(([id, worker]) => [id, seenNow(worker, this.#seen.get(id), now)]));
      // oxlint-disable-next-line twindex/atomic-updates -- the instant of the last look, whichever that was
      this.#lookedAt = now;
    } catch (error) {
      if (!isTwindexError(error, 'overloaded', 'unanswered', 'unreachable')) throw error;
    }
    // Remove silent workers. A worker that was only suspended creates its document again.
    for (const { worker } of this.#seen.values())
      if (this.isSilent(worker.source.id)) await removeWorker(this.#cluster, worker);
  }

  /** At the first poll, waits until each worker had time to show that it is alive. */
  async awaitFirst(signal: AbortSignal): Promise<void> {
    if (this.#lookedAt > 0) return;
    const deadline = performance.now() + LOOK_EVERY_MS;
    for (;;) {
      await this.poll();
      const unknown = [...this.#seen.values()].filter(
        ({ alive, worker, changedAt }) =>
          !alive && this.#lookedAt - changedAt < beatMs(worker) + LOOK_EVERY_MS,
      );
      if (unknown.length === 0 && (this.#lookedAt > 0 || performance.now() > deadline)) return;
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  get(id: string): StoredWorker | undefined {
    return this.#seen.get(id)?.worker;
  }

  /** Notes a document that this process has just read or written, as if a poll had found it. */
  note(worker: StoredWorker): void {
    const seen = this.#seen.get(worker.source.id);
    if (seen) this.#seen.set(worker.source.id, seenNow(worker, seen, performance.now()));
  }

  get all(): readonly StoredWorker[] {
    return [...this.#seen.values()].map(({ worker }) => worker);
  }

  /** Whether the worker's lease had expired at the last poll. */
  isSilent(id: string): boolean {
    const seen = this.#seen.get(id);
    return seen !== undefined && this.#lookedAt - seen.changedAt > seen.worker.source.leaseMs;
  }

  get willing(): readonly StoredWorker[] {
    const now = performance.now();
    return [...this.#seen.values()]
      .filter(({ alive, worker: { source } }) => {
        if (!alive || this.isSilent(source.id) || source.twindex !== packageVersion()) return false;
        if (now < (this.#avoidedUntil.get(source.id) ?? 0)) return false;
        return source.serves.some((pattern) => matchesWildcard(pattern, this.#name));
      })
      .map(({ worker }) => worker);
  }

  avoid(id: string, ms: number): void {
    this.#avoidedUntil.set(id, performance.now() + ms);
  }

  async #search(): Promise<void> {
    const now = performance.now();
    if (now - this.#searchedAt < SEARCH_EVERY_MS) return;
    const found = (await findWorkers(this.#cluster)).map(({ id }) => id);
    this.#ids = [...new Set([...found, ...this.#seen.keys()])];
    // oxlint-disable-next-line twindex/atomic-updates -- the instant of the last search, whichever that was
    this.#searchedAt = now;
  }
}

/** A worker writes its document at least this often. */
const beatMs = ({ source }: StoredWorker): number => source.leaseMs / 4;

const isOlder = (a: StoredWorker, b: StoredWorker): boolean =>
  a.term < b.term || (a.term === b.term && a.seqNo < b.seqNo);

function seenNow(worker: StoredWorker, before: Seen | undefined, now: number): Seen {
  if (!before) return { worker, changedAt: now, alive: false };
  // A poll may return after a later poll, or after a write of this process. Its document is then too old.
  if (isOlder(worker, before.worker)) return before;
  if (worker.source.beat !== before.worker.source.beat) return { worker, changedAt: now, alive: true };
  return { worker, changedAt: before.changedAt, alive: before.alive };
}
