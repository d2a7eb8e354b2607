// Runs a stand-by coordinator, which takes over migrations whose coordinator has died. If it can't continue a
// migration, because the index file has changed, it at least ends the hold, so that no write block stays.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../cluster/cluster.js';
import { isTwindexError, messageOf } from '../../../errors.js';
import { EventBus } from '../../../events.js';
import { loadRecords } from '../../../journal/journal.js';
import { isOver, type MigrationRecord, readRecord } from '../../../protocol/record.js';
import type { IndexDefinition } from '../../../schema/types.js';
import { rescue } from './rescue.js';
import { type Gate, runMigration } from '../runMigration.js';
import { needsCoordinator } from '../../../protocol/states.js';

const LOOK_MS = 1_000;
/** Pause before a failed take-over is tried again. */
const AGAIN_MS = 30_000;

export interface StandByOptions {
  readonly cluster: Cluster;
  readonly definitions: readonly IndexDefinition[];
  readonly onNote: (text: string, level: 'info' | 'warn' | 'error') => unknown;
}

interface Watched {
  readonly definition: IndexDefinition;
  writeId: string;
  seenAt: number;
  notBefore: number;
  takeOver: Promise<void> | undefined;
}

export class StandBy {
  readonly #options: StandByOptions;
  readonly #stop = new AbortController();
  readonly #watched: readonly Watched[];
  readonly #running: Promise<void>;
  #reportedError = '';

  constructor(options: StandByOptions) {
    this.#options = options;
    this.#watched = options.definitions.map((definition) => ({
      definition,
      writeId: '',
      seenAt: performance.now(),
      notBefore: 0,
      takeOver: undefined,
    }));
    this.#running = this.#watch();
  }

  /** Gives back the leases of the migrations that were taken over. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    await this.#running;
  }

  /** Polls all migrations, perhaps hundreds, with one request. */
  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const waiting = this.#watched.filter(({ takeOver }) => !takeOver);
      try {
        const names = waiting.map(({ definition }) => definition.name);
        const found = await loadRecords(this.#options.cluster, names);
        for (const watched of waiting) this.#look(watched, found.get(watched.definition.name));
        this.#reportedError = '';
      } catch (error) {
        if (messageOf(error) !== this.#reportedError) this.#options.onNote(messageOf(error), 'warn');
        this.#reportedError = messageOf(error);
      }
      await sleep(LOOK_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
    await Promise.all(this.#watched.flatMap(({ takeOver }) => takeOver ?? []));
  }

  #look(watched: Watched, source: unknown): void {
    if (source === undefined || this.#stop.signal.aborted) return;
    try {
      const record = readRecord(source);
      if (!this.#isOrphaned(watched, record)) return;
      watched.takeOver = this.#takeOver(watched, record)
        .catch((error: unknown) => this.#putOff(watched, error))
        .finally(() => {
          watched.takeOver = undefined;
        });
    } catch (error) {
      if (performance.now() >= watched.notBefore) this.#putOff(watched, error);
    }
  }

  #putOff(watched: Watched, error: unknown): void {
    if (this.#stop.signal.aborted) return;
    watched.notBefore = performance.now() + AGAIN_MS;
    this.#options.onNote(`${watched.definition.name}: ${messageOf(error)}`, 'warn');
  }

  /** Whether to take over. After a clean end this is done only if applications need a coordinator. */
  #isOrphaned(watched: Watched, record: MigrationRecord): boolean {
    const now = performance.now();
    if (record.writeId !== watched.writeId) [watched.writeId, watched.seenAt] = [record.writeId, now];
    if (isOver(record) || now < watched.notBefore) return false;
    if (!record.holder && record.clean && !needsCoordinator(record)) return false;
    return now - watched.seenAt > 1.25 * record.options.leaseMs;
  }

  async #takeOver({ definition }: Watched, record: MigrationRecord): Promise<void> {
    const { cluster, onNote } = this.#options;
    const { name, goal, options } = record;
    onNote(
      record.holder
        ? `${name}: no sign of life from the coordinator for ${options.leaseMs} ms; taking over`
        : `${name}: no coordinator is running; taking over`,
      'warn',
    );
    try {
      const { phase } = await runMigration(cluster, definition, {
        ...options,
        keepMs: options.keepMs ?? undefined,
        until: goal === 'aborted' ? 'ready' : (goal satisfies Gate),
        bus: new EventBus().on('note', ({ text, level }) => onNote(`${name}: ${text}`, level)),
        signal: this.#stop.signal,
        stay: true,
        asItIs: true,
      });
      onNote(`${name}: ${phase}`, 'info');
    } catch (error) {
      if (isTwindexError(error, 'lease_held')) return; // Another process was faster
      if (!this.#stop.signal.aborted) await rescue(cluster, name, 'a gateway');
      throw error;
    }
  }
}
