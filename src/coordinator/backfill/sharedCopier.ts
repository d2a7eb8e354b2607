// Gives windows to workers that have the coordinator's index file and a free slot, and copies the other windows
// in this process. If a worker does not answer, or a worker's write is not answered, the coordinator needs a
// new token (docs/protocol.md, "Back-fill").
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageVersion } from '../../packageVersion.js';
import type { Cluster } from '../../cluster/cluster.js';
import { isTwindexError } from '../../errors.js';
import type { Refused, Tally } from '../../protocol/replication.js';
import {
  changeWorker,
  type Comparison,
  type HandedOutWindow,
  type StoredWorker,
  type WorkerDocument,
} from '../../journal/workerDocuments.js';
import type { WorkersWatch } from '../../journal/workersWatch.js';
import type { Copier, CopyRun } from './copier.js';
import { finite, SharedRun } from './sharedRun.js';
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export interface SharedCopierOptions {
  readonly cluster: Cluster;
  /** Identifies the windows of this migration and token. */
  readonly mark: Pick<HandedOutWindow, 'migration' | 'name' | 'token'>;
  readonly local: { readonly copier: Copier; readonly slots: number };
  readonly workers: WorkersWatch;
  readonly tally: Tally;
  readonly keepRefused: (refused: readonly Refused[]) => Promise<void>;
  /** Wraps the journal write that gives a window to a worker (`Effects.run`), to notice a lost answer. */
  readonly around: <T>(change: () => Promise<T>) => Promise<T>;
  /** Called when writes of a worker may still arrive. @returns the error that ends the copy */
  readonly lost: (what: string) => Error;
  readonly tell: (text: string, level: 'info' | 'warn') => void;
}

/** A worker that has failed or is slow gets no windows for this long. */
const AVOID_MS = 5_000;
/** Longest wait for workers that compare index files. A slower worker gets its windows later. */
const COMPARED_MS = 3_000;
const LOOK_MS = 100;

export class SharedCopier implements Copier {
  readonly #options: SharedCopierOptions;
  readonly #runs = new Map<string, SharedRun>();
  readonly #told = new Set<string>();

  constructor(options: SharedCopierOptions) {
    this.#options = options;
  }

  /** Gives the registered workers time to compare their index files, so that they copy from the beginning. */
  async awaitComparisons(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + COMPARED_MS;
    for (;;) {
      await this.poll();
      const { willing } = this.#options.workers;
      if (willing.every(({ source }) => (this.#comparisonOf(source)?.result ?? 'asked') !== 'asked')) return;
      if (performance.now() > deadline) return;
      await sleep(LOOK_MS, undefined, { signal });
    }
  }

  get slots(): number {
    const room = this.#options.workers.willing.reduce((sum, { source }) => sum + this.#roomOf(source), 0);
    return this.#options.local.slots + this.#runs.size + room;
  }

  async start(window: SeqNoRange, docsPerSecond: number): Promise<CopyRun> {
    const { workers, local } = this.#options;
    const free = workers.willing.filter(({ source }) => this.#roomOf(source) > 0);
    free.sort((a, b) => a.source.windows.length - b.source.windows.length);
    for (const { source } of free) {
      const run = await this.#handOut(source.id, window, docsPerSecond);
      if (run) return run;
    }
    return await local.copier.start(window, docsPerSecond);
  }

  async poll(): Promise<void> {
    const { workers } = this.#options;
    await workers.poll();
    this.#sayOtherVersions();
    for (const run of this.#runs.values()) await this.#follow(run, workers.get(run.worker));
    for (const worker of workers.willing) {
      const compared = this.#comparisonOf(worker.source);
      if (compared?.result === 'differs') this.#avoid(worker, compared.reason, Number.POSITIVE_INFINITY);
    }
    await Promise.all(workers.all.map((worker) => this.#write(worker)));
    for (const run of this.#runs.values())
      if (run.over && !entryOf(workers.get(run.worker), run.id)) this.#runs.delete(run.id);
  }

  /** @returns the running copy; undefined when the worker is gone or has no free slot any more */
  async #handOut(id: string, window: SeqNoRange, docsPerSecond: number): Promise<SharedRun | undefined> {
    const { cluster, mark, workers, around, tally, keepRefused } = this.#options;
    const entry: HandedOutWindow = {
      ...mark,
      ...window,
      id: randomUUID(),
      docsPerSecond: finite(docsPerSecond),
      stop: false,
      state: 'open',
      cursor: window.after,
      handled: 0,
      conflicts: 0,
      dropped: 0,
      busy: 0,
      refused: [],
      reason: '',
    };
    const stored = await around(() =>
      changeWorker(cluster, id, (worker) => {
        const has = worker.windows.some((each) => each.id === entry.id);
        return has || this.#roomOf(worker) <= 0
          ? undefined
          : { ...worker, windows: [...worker.windows, entry] };
      }),
    );
    if (stored) workers.note(stored);
    if (!entryOf(stored, entry.id)) return undefined;
    const run = new SharedRun({ worker: id, window: entry, tally, keepRefused });
    this.#runs.set(run.id, run);
    return run;
  }

  async #follow(run: SharedRun, worker: StoredWorker | undefined): Promise<void> {
    if (run.over) return;
    const { workers, lost } = this.#options;
    if (!worker) {
      run.lose(lost(`the worker that copied windows is no longer in the journal`));
      return;
    }
    const entry = entryOf(worker, run.id);
    if (entry) await run.see(entry);
    else run.letGo();
    if (entry?.state === 'stopped' && run.late) workers.avoid(run.worker, AVOID_MS);
    if (entry?.state === 'failed') this.#avoid(worker, entry.reason, AVOID_MS);
    if (entry?.state === 'unfit') this.#avoid(worker, entry.reason, Number.POSITIVE_INFINITY);
    if (entry?.state === 'unanswered')
      run.lose(lost(`a write of the ${nameOf(worker)} was not answered (${entry.reason})`));
    if (!run.over && workers.isSilent(run.worker))
      run.lose(
        lost(
          `the ${nameOf(worker)} has shown no sign of life for ${worker.source.leaseMs / 1_000} s; its windows are copied again`,
        ),
      );
  }

  #avoid(worker: StoredWorker, reason: string, ms: number): void {
    this.#options.workers.avoid(worker.source.id, ms);
    this.#tellOnce(`the ${nameOf(worker)} does not copy: ${reason}`);
  }

  #sayOtherVersions(): void {
    for (const worker of this.#options.workers.all) {
      const { twindex } = worker.source;
      if (twindex !== packageVersion())
        this.#tellOnce(
          `the ${nameOf(worker)} gets no windows: it runs twindex ${twindex}, but this coordinator runs ${packageVersion()}`,
        );
    }
  }

  #tellOnce(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#options.tell(text, 'warn');
  }

  /** Writes the coordinator's changes to the worker's document. If this fails, the next `poll` repeats it. */
  async #write({ source }: StoredWorker): Promise<void> {
    const { cluster, workers } = this.#options;
    if (!this.#changed(source)) return;
    try {
      const stored = await changeWorker(cluster, source.id, (worker) => this.#changed(worker));
      if (stored) workers.note(stored);
    } catch (error) {
      if (!isTwindexError(error, 'overloaded', 'unanswered', 'unreachable')) throw error;
    }
  }

  /** @returns the changed document; undefined when nothing has to change */
  #changed(worker: WorkerDocument): WorkerDocument | undefined {
    const { migration, token } = this.#options.mark;
    const windows = worker.windows.flatMap((entry) => {
      if (entry.migration !== migration || entry.token > token) return entry;
      const run = this.#runs.get(entry.id);
      // Remove entries of an earlier token: their feed alias was removed, so their copies can't write.
      if (entry.token < token || run?.over) return [];
      if (run) return run.wanted(entry);
      // The copy that has handed out this window has ended, so the worker has to stop.
      return entry.state === 'open' ? { ...entry, stop: true } : [];
    });
    const comparisons = this.#asked(worker);
    const same =
      windows.length === worker.windows.length &&
      windows.every((entry, n) => isSame(entry, worker.windows[n])) &&
      comparisons.length === worker.comparisons.length &&
      comparisons.every((one, n) => one === worker.comparisons[n]);
    return same ? undefined : { ...worker, comparisons, windows };
  }

  /** The comparisons to request from the worker: none for earlier tokens, and one for the present token. */
  #asked(worker: WorkerDocument): Comparison[] {
    const { mark, workers } = this.#options;
    const isAsked =
      this.#comparisonOf(worker) || !workers.willing.some(({ source }) => source.id === worker.id);
    return [
      ...worker.comparisons.filter((one) => one.migration !== mark.migration || one.token >= mark.token),
      ...(isAsked ? [] : [{ ...mark, result: 'asked' as const, reason: '' }]),
    ];
  }

  #comparisonOf({ comparisons }: WorkerDocument): Comparison | undefined {
    const { migration, token } = this.#options.mark;
    return comparisons.find((one) => one.migration === migration && one.token === token);
  }

  /** How many more windows the worker may get. */
  #roomOf(worker: WorkerDocument): number {
    if (this.#comparisonOf(worker)?.result !== 'same') return 0;
    return Math.max(0, worker.slots - worker.windows.length);
  }
}

const nameOf = ({ source: { pid, host } }: StoredWorker): string => `worker ${pid} on ${host}`;

function entryOf(worker: StoredWorker | undefined, id: string): HandedOutWindow | undefined {
  return worker?.source.windows.find((entry) => entry.id === id);
}

function isSame(a: HandedOutWindow, b: HandedOutWindow | undefined): boolean {
  return a.id === b?.id && a.stop === b.stop && a.docsPerSecond === b.docsPerSecond;
}
