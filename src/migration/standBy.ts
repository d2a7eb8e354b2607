// A stand-by coordinator: takes over migrations whose coordinator has died, and goes on with them. Where it can't (its
// index file declares something else), it brings them out of a hold at least: no write block stays on.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { isTwindexError, messageOf } from '../errors.js';
import { EventBus } from '../events.js';
import { loadRecord } from '../journal/journal.js';
import { isOver, type MigrationRecord } from '../journal/record.js';
import type { IndexDefinition } from '../schema/types.js';
import { rescue } from './rescue.js';
import { type Border, runMigration } from './run.js';

const LOOK_MS = 1_000;
/** Before a migration is tried again that could not be taken over. */
const AGAIN_MS = 30_000;

export interface StandByOptions {
  readonly cluster: Cluster;
  readonly definitions: readonly IndexDefinition[];
  /** One line for whoever reads the log. */
  readonly onNote: (text: string) => unknown;
}

interface Watched {
  readonly definition: IndexDefinition;
  /** The last write of the record, and when it was seen first. */
  seen: string;
  seenAt: number;
  notBefore: number;
}

export class StandBy {
  readonly #options: StandByOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: StandByOptions) {
    this.#options = options;
    this.#running = Promise.all(options.definitions.map((definition) => this.#watch(definition))).then(
      () => undefined,
    );
  }

  /** Hands back what it coordinates. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    await this.#running;
  }

  async #watch(definition: IndexDefinition): Promise<void> {
    const watched: Watched = { definition, seen: '', seenAt: performance.now(), notBefore: 0 };
    while (!this.#stop.signal.aborted) {
      try {
        const found = await loadRecord(this.#options.cluster, definition.name);
        if (found && this.#isOrphaned(watched, found.source)) await this.#takeOver(watched, found.source);
        await sleep(LOOK_MS, undefined, { signal: this.#stop.signal });
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        watched.notBefore = performance.now() + AGAIN_MS;
        this.#options.onNote(`${definition.name}: ${messageOf(error)}`);
        await sleep(LOOK_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  /** Whoever has handed it back with all of its answers has left it as it should be. A hold is never to be left. */
  #isOrphaned(watched: Watched, record: MigrationRecord): boolean {
    const now = performance.now();
    if (record.writeId !== watched.seen) [watched.seen, watched.seenAt] = [record.writeId, now];
    if (isOver(record) || now < watched.notBefore) return false;
    if (!record.holder && record.clean && record.state !== 'holding') return false;
    return now - watched.seenAt > 1.25 * record.options.leaseMs;
  }

  async #takeOver({ definition }: Watched, record: MigrationRecord): Promise<void> {
    const { cluster, onNote } = this.#options;
    const { name, goal, options } = record;
    onNote(`${name}: the coordinator has not been seen for ${options.leaseMs} ms; taking over`);
    try {
      const { phase } = await runMigration(cluster, definition, {
        ...options,
        keepMs: options.keepMs ?? undefined,
        until: goal === 'aborted' ? 'ready' : (goal satisfies Border),
        bus: new EventBus().on('note', ({ text }) => onNote(`${name}: ${text}`)),
        signal: this.#stop.signal,
        stay: true,
      });
      onNote(`${name}: ${phase}`);
    } catch (error) {
      if (isTwindexError(error, 'lease_held')) return; // somebody was faster
      if (!this.#stop.signal.aborted) await rescue(cluster, name, 'a gateway');
      throw error;
    }
  }
}
