// Finds out why an engine does not answer, and shows the reason. This runs beside the state machine, since a
// request of the state machine is repeated and may fail only after minutes.
import { setTimeout as sleep } from 'node:timers/promises';
import { findTroubles } from '../../../cluster/troubles.js';
import { JOURNAL } from '../../../protocol/names.js';
import type { MigrationRecord, StateName } from '../../../protocol/record.js';
import type { IndexRef } from '../../../cluster/indexRef.js';
import type { Cluster } from '../../../cluster/cluster.js';

/** Interval of the checks. Including the check itself, a problem is shown within 5 s. */
const EVERY_MS = 1_500;

export interface WatchParts {
  readonly cluster: Cluster;
  readonly indexes: () => readonly IndexRef[];
  readonly record: () => MigrationRecord;
  readonly note: (text: string, level: 'info' | 'warn') => void;
  /** Sets the message that `status` shows after the next heartbeat. */
  readonly stage: (patch: Pick<MigrationRecord, 'message'>) => void;
}

export class ClusterWatch {
  readonly #parts: WatchParts;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #known: ReadonlySet<string> = new Set();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // Errors of this check are ignored, since the state machine meets the same errors itself.
      await this.#poll(signal).catch(() => undefined);
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { cluster, indexes, record, note, stage } = this.#parts;
    const byCluster = new Map<Cluster, string[]>([[cluster, [JOURNAL]]]);
    for (const at of indexes()) byCluster.set(at.cluster, [...(byCluster.get(at.cluster) ?? []), at.index]);
    const looks = [...byCluster].map(([at, names]) => findTroubles(at, names, signal));
    const found = (await Promise.all(looks)).flat();
    if (signal.aborted) return;
    const texts = found.filter((trouble) => !isOurs(trouble.text, record().state)).map(({ text }) => text);
    for (const text of texts) note(text, 'warn');
    for (const text of this.#known) if (!texts.includes(text)) note(`no longer the case: ${text}`, 'info');
    this.#known = new Set(texts);
    if (texts.length > 0) stage({ message: texts.join('; ') });
  }
}

const BLOCKED_BY_US: ReadonlySet<StateName> = new Set(['holding', 'settling', 'finalizing']);

/** Whether twindex itself has set this write block: in a hold, or on the old index during the grace. */
export const isOurs = (text: string, state: StateName): boolean =>
  BLOCKED_BY_US.has(state) && text.endsWith('(index.blocks.write)');
