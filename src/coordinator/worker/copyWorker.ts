// Runs `twindex worker`: polls the worker's document in the journal, copies the windows that coordinators enter
// there, and writes the progress to it. Each turn reads the document again, so an error only costs this turn.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { packageVersion } from '../../packageVersion.js';
import type { Cluster } from '../../cluster/cluster.js';
import { isTwindexError, messageOf } from '../../errors.js';
import { createJournal } from '../../journal/journal.js';
import {
  type Comparison,
  createWorker,
  type HandedOutWindow,
  loadWorker,
  removeWorker,
  replaceWorker,
  type StoredWorker,
  type WorkerDocument,
} from '../../journal/workerDocuments.js';
import type { IndexDefinition } from '../../schema/types.js';
import { RateMeter } from './rateMeter.js';
import type { WorkerEvent } from './workerEvents.js';
import { compareFiles, isOutdated, openServed, type Served } from './served.js';
import { WindowJob } from './windowJob.js';

export interface WorkerOptions {
  readonly cluster: Cluster;
  /** Names and patterns of migrations to copy for. */
  readonly serves: readonly string[];
  /** @throws TwindexError `not_found` */
  readonly definitionOf: (name: string) => Promise<IndexDefinition>;
  readonly slots: number;
  readonly leaseMs: number;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly signal: AbortSignal;
}

const TURN_MS = 250;
/** How often the progress of the windows is written. */
const PROGRESS_MS = 1_000;
/** If an ended window is not taken back for this time, the worker checks whether its token is in force. */
const TAKEN_BACK_MS = 5_000;
/**
 * After this time, an ended window that no coordinator takes back is removed. It stays if one of its writes
 * was not answered: that write may still arrive while the window's token is in force.
 */
const NOBODY_MS = 60_000;
const LEAVE_MS = 3_000;

export class Worker {
  readonly id = randomUUID();
  readonly #options: WorkerOptions;
  readonly #jobs = new Map<string, WindowJob>();
  /** Since when each ended window, by its id, waits to be taken back. */
  readonly #waiting = new Map<string, number>();
  readonly #served = new Map<string, Promise<Served>>();
  readonly #rate = new RateMeter();
  readonly #startedAt = new Date().toISOString();
  #beat = 0;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #registered = false;
  #leaving = false;
  #trouble = '';
  #wake: (() => void) | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Runs until the signal is aborted. Then finishes the pages in flight, and gives the windows back. */
  async run(): Promise<void> {
    const { cluster, signal, onEvent } = this.#options;
    await createJournal(cluster);
    await this.#register();
    onEvent({ event: 'ready', worker: this.id });
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
    while (!signal.aborted) {
      await this.#tryTurn();
      await this.#pause(TURN_MS);
    }
    await this.#leave();
  }

  async #leave(): Promise<void> {
    this.#leaving = true;
    for (const job of this.#jobs.values()) job.cancel();
    await Promise.all([...this.#jobs.values()].map(({ ended }) => ended));
    const deadline = performance.now() + LEAVE_MS;
    for (;;) {
      const left = await this.#tryTurn();
      if (left?.source.windows.length === 0) {
        await removeWorker(this.#options.cluster, left).catch(() => undefined);
        return;
      }
      // The document stays, so that the coordinator finds out how its windows ended.
      if (performance.now() > deadline) return;
      await this.#pause(TURN_MS);
    }
  }

  /** @returns the worker's document; undefined if the turn has failed, or the document is gone */
  async #tryTurn(): Promise<StoredWorker | undefined> {
    try {
      const stored = await this.#turn();
      this.#trouble = '';
      return stored;
    } catch (error) {
      const text = messageOf(error);
      if (text !== this.#trouble) this.#options.onEvent({ event: 'trouble', text });
      this.#trouble = text;
      return undefined;
    }
  }

  async #turn(): Promise<StoredWorker | undefined> {
    const { cluster } = this.#options;
    const stored = await loadWorker(cluster, this.id);
    if (!stored) {
      await this.#beginAnew();
      return undefined;
    }
    const comparisons = await this.#compare(stored.source.comparisons);
    this.#take(stored.source.windows);
    const outdated = await this.#outdated(stored.source.windows);
    const windows = stored.source.windows
      .filter(({ id }) => !outdated.has(id))
      .map((entry) => this.#jobs.get(entry.id)?.answered(entry) ?? this.#declined(entry));
    const ended = windows.some(({ state }, n) => state !== stored.source.windows[n]?.state);
    const compared = comparisons.some(({ result }, n) => result !== stored.source.comparisons[n]?.result);
    if (!ended && !compared && outdated.size === 0 && !this.#isDue(windows)) return stored;
    // When idle, remove comparisons that are outdated.
    const kept = windows.length === 0 ? await this.#inForce(comparisons) : comparisons;
    const written = await replaceWorker(cluster, stored, this.#document(windows, kept));
    if (written) this.#writtenAt = performance.now();
    return written;
  }

  /** Answers the comparisons of index files that coordinators request before they give out windows. */
  async #compare(comparisons: readonly Comparison[]): Promise<readonly Comparison[]> {
    const { cluster, definitionOf, onEvent } = this.#options;
    return await Promise.all(
      comparisons.map(async (asked) => {
        if (asked.result !== 'asked') return asked;
        try {
          const compared = await compareFiles(cluster, asked, definitionOf);
          const { name, reason } = compared;
          if (compared.result === 'differs') onEvent({ event: 'differs', name, reason });
          return compared;
        } catch (error) {
          // The coordinator was replaced, so nobody waits for this answer.
          if (isTwindexError(error, 'fenced')) return asked;
          throw error;
        }
      }),
    );
  }

  async #inForce(comparisons: readonly Comparison[]): Promise<readonly Comparison[]> {
    const outdated = await Promise.all(comparisons.map((asked) => isOutdated(this.#options.cluster, asked)));
    return comparisons.filter((_, n) => !outdated[n]);
  }

  #take(entries: readonly HandedOutWindow[]): void {
    for (const entry of entries) {
      const job = this.#jobs.get(entry.id);
      if (job) job.follow(entry);
      else if (entry.state === 'open' && !this.#leaving) this.#begin(entry);
    }
    const wanted = new Set(entries.map(({ id }) => id));
    for (const [id, job] of this.#jobs) {
      if (wanted.has(id)) continue;
      job.cancel();
      if (job.state !== 'open') this.#jobs.delete(id);
    }
    for (const id of this.#waiting.keys()) if (!wanted.has(id)) this.#waiting.delete(id);
  }

  /** Gives back a window that came while the worker was stopping. */
  #declined(entry: HandedOutWindow): HandedOutWindow {
    return this.#leaving && entry.state === 'open' ? { ...entry, state: 'stopped' } : entry;
  }

  #begin(entry: HandedOutWindow): void {
    const { name, shard, after, upTo } = entry;
    const part = { name, shard, after, upTo };
    const job = new WindowJob(entry, () => this.#serve(entry));
    this.#jobs.set(entry.id, job);
    this.#options.onEvent({ event: 'taken', ...part });
    void job.ended.then(() => {
      const { state, reason, handled, beganAt } = job;
      const ms = Math.round(performance.now() - beganAt);
      this.#options.onEvent({ event: 'ended', ...part, state, reason, documents: handled, ms });
      this.#wake?.();
      return undefined;
    });
  }

  /** Opens the replication once for all windows of a token. */
  #serve(entry: HandedOutWindow): Promise<Served> {
    const { cluster, definitionOf } = this.#options;
    const key = `${entry.migration} ${entry.token}`;
    const known = this.#served.get(key);
    if (known) return known;
    for (const old of this.#served.keys())
      if (old.startsWith(`${entry.migration} `)) this.#served.delete(old);
    const opening = openServed(cluster, entry, definitionOf);
    this.#served.set(key, opening);
    opening.catch(() => this.#served.delete(key));
    return opening;
  }

  /** The ended windows that will not be taken back, because their coordinator has died or was replaced. */
  async #outdated(entries: readonly HandedOutWindow[]): Promise<ReadonlySet<string>> {
    const outdated = new Set<string>();
    const now = performance.now();
    for (const entry of entries) {
      const job = this.#jobs.get(entry.id);
      if (entry.state === 'open' && (!job || job.state === 'open')) continue;
      const since = this.#waiting.get(entry.id) ?? now;
      this.#waiting.set(entry.id, since);
      if (now - since < TAKEN_BACK_MS) continue;
      const nobody = now - since > NOBODY_MS && entry.state !== 'unanswered';
      if (nobody || (await isOutdated(this.#options.cluster, entry))) outdated.add(entry.id);
    }
    return outdated;
  }

  #isDue(windows: readonly HandedOutWindow[]): boolean {
    const idle = windows.every(({ state }) => state !== 'open');
    const everyMs = idle ? this.#options.leaseMs / 4 : Math.min(PROGRESS_MS, this.#options.leaseMs / 4);
    return this.#leaving || performance.now() - this.#writtenAt >= everyMs - TURN_MS / 2;
  }

  #document(windows: readonly HandedOutWindow[], comparisons: readonly Comparison[] = []): WorkerDocument {
    const { serves, slots, leaseMs } = this.#options;
    this.#rate.set([...this.#jobs].map(([id, { handled }]) => [id, handled]));
    return {
      kind: 'worker',
      id: this.id,
      host: hostname(),
      pid: process.pid,
      twindex: packageVersion(),
      serves: [...serves],
      slots: this.#leaving ? 0 : slots,
      leaseMs,
      beat: ++this.#beat,
      startedAt: this.#startedAt,
      updatedAt: new Date().toISOString(),
      docsPerSecond: this.#rate.perSecond,
      comparisons: [...comparisons],
      windows: [...windows],
    };
  }

  async #register(): Promise<void> {
    await createWorker(this.#options.cluster, this.#document([]));
    this.#writtenAt = performance.now();
    this.#registered = true;
  }

  /** Registers again after the worker's document was lost. Its windows end: nobody can take them back. */
  async #beginAnew(): Promise<void> {
    if (this.#leaving || !this.#registered) return;
    for (const job of this.#jobs.values()) job.cancel();
    await Promise.all([...this.#jobs.values()].map(({ ended }) => ended));
    this.#jobs.clear();
    await createJournal(this.#options.cluster);
    await this.#register();
  }

  async #pause(ms: number): Promise<void> {
    if (this.#options.signal.aborted && !this.#leaving) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
