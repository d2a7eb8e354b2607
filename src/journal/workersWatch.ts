// Which workers there are for one name, as its coordinator sees them: each document's beat on the coordinator's own clock.
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
  /** Its beat has been seen to change: it is no leftover. */
  readonly alive: boolean;
}

export class WorkersWatch {
  readonly #cluster: Cluster;
  readonly #name: string;
  #ids: readonly string[] = [];
  #seen = new Map<string, Seen>();
  #searchedAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Until then they are given nothing. */
  readonly #avoided = new Map<string, number>();

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.#name = name;
  }

  /** Not more often than makes sense. A look that fails tells nothing. */
  async look(): Promise<void> {
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
    // One that has died has not taken its document away. One that stands still makes a new one when it goes on.
    for (const { worker } of this.#seen.values())
      if (this.isSilent(worker.source.id)) await removeWorker(this.#cluster, worker);
  }

  /** The first time: those that there are get the time to show that they are alive. */
  async awaitFirst(signal: AbortSignal): Promise<void> {
    if (this.#lookedAt > 0) return;
    const deadline = performance.now() + LOOK_EVERY_MS;
    for (;;) {
      await this.look();
      const unknown = [...this.#seen.values()].filter(
        ({ alive, worker, changedAt }) =>
          !alive && this.#lookedAt - changedAt < beatMs(worker) + LOOK_EVERY_MS,
      );
      if (unknown.length === 0 && (this.#lookedAt > 0 || performance.now() > deadline)) return;
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  /** As it was seen last. */
  get(id: string): StoredWorker | undefined {
    return this.#seen.get(id)?.worker;
  }

  /** What we have just read and written: its beat is a sign of life, too. */
  note(worker: StoredWorker): void {
    const seen = this.#seen.get(worker.source.id);
    if (seen) this.#seen.set(worker.source.id, seenNow(worker, seen, performance.now()));
  }

  get all(): readonly StoredWorker[] {
    return [...this.#seen.values()].map(({ worker }) => worker);
  }

  /** Its lease has run out. As of the last look: nothing is known of the time since. */
  isSilent(id: string): boolean {
    const seen = this.#seen.get(id);
    return seen !== undefined && this.#lookedAt - seen.changedAt > seen.worker.source.leaseMs;
  }

  /** Those that windows may be given to. */
  get willing(): readonly StoredWorker[] {
    const now = performance.now();
    return [...this.#seen.values()]
      .filter(({ alive, worker: { source } }) => {
        if (!alive || this.isSilent(source.id) || source.twindex !== packageVersion()) return false;
        if (now < (this.#avoided.get(source.id) ?? 0)) return false;
        return source.serves.some((pattern) => matchesWildcard(pattern, this.#name));
      })
      .map(({ worker }) => worker);
  }

  /** Gives it nothing for so long. */
  avoid(id: string, ms: number): void {
    this.#avoided.set(id, performance.now() + ms);
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

/** It is written so often, at least. */
const beatMs = ({ source }: StoredWorker): number => source.leaseMs / 4;

const isOlder = (a: StoredWorker, b: StoredWorker): boolean =>
  a.term < b.term || (a.term === b.term && a.seqNo < b.seqNo);

function seenNow(worker: StoredWorker, before: Seen | undefined, now: number): Seen {
  if (!before) return { worker, changedAt: now, alive: false };
  // looks may overtake each other, and what we have written
  if (isOlder(worker, before.worker)) return before;
  if (worker.source.beat !== before.worker.source.beat) return { worker, changedAt: now, alive: true };
  return { worker, changedAt: before.changedAt, alive: before.alive };
}
