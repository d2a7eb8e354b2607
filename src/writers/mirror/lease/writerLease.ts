// Keeps a writer's lease. The writer polls the records of its indexes in the journal, and reports in its own
// document there what it has read. If the polls or the reports fail for the lease time, the lease expires,
// and the writer admits no writes.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageVersion } from '../../../packageVersion.js';
import type { Cluster } from '../../../cluster/cluster.js';
import { backoffMs } from '../../../cluster/clusterConnection.js';
import { toItemError } from '../../../cluster/engineErrors.js';
import { getMany } from '../../../cluster/guardedReads.js';
import { isTwindexError, messageOf } from '../../../errors.js';
import { createJournal } from '../../../journal/journal.js';
import { JOURNAL, recordId } from '../../../protocol/names.js';
import { isOver, type MigrationRecord, readRecord } from '../../../protocol/record.js';
import { nextMove } from '../../../protocol/states.js';
import { putWriter, removeWriter, type WriterDocument } from '../../../journal/writerDocuments.js';
import type { ManagedIndex } from './managedIndex.js';
import { lostByJournal } from '../request/engineError.js';

const IDLE_MS = 1_000;
const RUNNING_MS = 200;
/** Poll interval when a hold may begin soon. The sooner all writers notice the hold, the shorter it is. */
const SOON_MS = 40;
const HOLDING_MS = 20;
/** Limit for the start, which may have to wait for the shard of a journal that was just created. */
const START_MS = 30_000;

export interface LeaseOptions {
  readonly type: WriterDocument['type'];
  readonly leaseMs: number;
  readonly onChange: () => void;
  readonly onWarning: (text: string) => void;
}

export class WriterLease {
  readonly id = randomUUID();
  readonly #cluster: Cluster;
  readonly #indexes: readonly ManagedIndex[];
  readonly #options: LeaseOptions;
  readonly #startedAt = new Date().toISOString();
  #pollSentAt = Number.NEGATIVE_INFINITY;
  #heartbeatSentAt = Number.NEGATIVE_INFINITY;
  #heartbeat = 0;
  #confirmed = '';
  #beating: Promise<void> | undefined;
  #looking: Promise<boolean> | undefined;
  #nextLook: Promise<boolean> | undefined;
  #waiting = 0;
  #stopped = false;
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;

  constructor(cluster: Cluster, indexes: readonly ManagedIndex[], options: LeaseOptions) {
    this.#cluster = cluster;
    this.#indexes = indexes;
    this.#options = options;
  }

  /** @throws TwindexError when the cluster is unreachable, or refuses writes to the journal */
  async start(): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (let attempt = 0; ; attempt++) {
      try {
        // this creates the journal if it is missing
        await this.#pollOnce();
        await this.#beat();
        // poll again: a coordinator that did not know this writer yet may have saved a decision since
        await this.#pollOnce();
        break;
      } catch (error) {
        if (!isTwindexError(error, 'overloaded', 'unanswered') || performance.now() > deadline) throw error;
        await sleep(backoffMs(attempt));
      }
    }
    this.#loop = this.#run();
  }

  /** The lease is measured from when the last successful requests were sent, not from their answers. */
  get isValid(): boolean {
    return performance.now() < Math.min(this.#pollSentAt, this.#heartbeatSentAt) + this.#options.leaseMs;
  }

  /** Polls the journal by a request sent after this call. Never throws. @returns whether an answer came */
  poll(): Promise<boolean> {
    if (!this.#looking) {
      this.#looking = this.#tryLook().finally(() => {
        this.#looking = undefined;
      });
      return this.#looking;
    }
    this.#nextLook ??= this.#looking.then(() => {
      this.#nextLook = undefined;
      return this.poll();
    });
    return this.#nextLook;
  }

  /** Polls until the condition holds or the deadline (`performance.now()`) has passed. */
  async waitUntil(holds: () => boolean, deadline: number): Promise<boolean> {
    this.#waiting++;
    try {
      while (!holds()) {
        if (performance.now() >= deadline || this.#stopped) return false;
        await this.poll();
        if (holds()) return true;
        await sleep(HOLDING_MS);
      }
      return true;
    } finally {
      this.#waiting--;
    }
  }

  /** Sends a heartbeat soon if the last heartbeat does not contain the present state. */
  changed(): void {
    if (this.#viewText() !== this.#confirmed) this.#wake?.();
  }

  /** Removes the writer's document, so that no coordinator waits for it. Call this after all writes. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#loop;
    await this.#looking;
    await this.#beating?.catch(() => undefined);
    await removeWriter(this.#cluster, this.id, ++this.#heartbeat);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.poll();
      const due = performance.now() - this.#heartbeatSentAt >= this.#options.leaseMs / 4;
      const current = performance.now() - this.#pollSentAt < this.#options.leaseMs / 2;
      if (current && !this.#beating && (due || this.#viewText() !== this.#confirmed)) this.#beatSoon();
      await this.#pause(this.#intervalMs());
    }
  }

  #intervalMs(): number {
    if (this.#waiting > 0) return HOLDING_MS;
    const running = this.#indexes.flatMap(({ record }) => (record && !isOver(record) ? [record] : []));
    const soon = running.some((record) => nextMove(record).type === 'writers');
    const ms = soon ? SOON_MS : running.length > 0 ? RUNNING_MS : IDLE_MS;
    return Math.min(ms, this.#options.leaseMs / 4);
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      // the timer must not keep an application alive that does not close its client
      if (this.#options.type === 'client') timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  async #tryLook(): Promise<boolean> {
    try {
      await this.#pollOnce();
      return true;
    } catch (error) {
      this.#options.onWarning(`the journal could not be read: ${messageOf(error)}`);
      return false;
    }
  }

  async #pollOnce(): Promise<void> {
    const sentAt = performance.now();
    const records = await this.#readRecords();
    const updates = await Promise.allSettled(
      this.#indexes.map((index) => index.update(records.get(index.definition.name))),
    );
    if (updates.some((update) => update.status === 'fulfilled' && update.value)) this.#options.onChange();
    const failed = updates.find((update) => update.status === 'rejected');
    if (failed) throw failed.reason;
    for (const { phase, definition } of this.#indexes)
      if (phase.type === 'hold' && phase.isLost)
        this.#options.onWarning(lostByJournal(definition.name).reason);
    this.#pollSentAt = sentAt;
  }

  /** Reads the records, and creates a missing journal. (`ManagedIndex` notices a lost migration.) */
  async #readRecords(): Promise<Map<string, MigrationRecord>> {
    const names = this.#indexes.map(({ definition }) => definition.name);
    if (names.length === 0) return new Map();
    const answer = await getMany(this.#cluster, {
      index: JOURNAL,
      docs: names.map((name) => ({ _id: recordId(name) })),
      source: true,
      repeat: 'never',
      timeoutMs: this.#options.leaseMs,
    });
    const { docs } = JSON.parse(answer.toString()) as { docs: FoundRecord[] };
    if (docs.some(({ error }) => error?.type === 'index_not_found_exception')) {
      await createJournal(this.#cluster);
      return new Map();
    }
    const failed = docs.find(({ error }) => error !== undefined);
    if (failed?.error) throw toItemError(JOURNAL, failed.error);
    return new Map(
      docs.flatMap(({ found, _source }, n) =>
        found ? [[names[n] as string, readRecord(_source)] as const] : [],
      ),
    );
  }

  #beatSoon(): void {
    this.#beating = this.#beat()
      .catch((error: unknown) => {
        this.#options.onWarning(`the journal could not be written: ${messageOf(error)}`);
      })
      .finally(() => {
        this.#beating = undefined;
        this.changed();
      });
  }

  async #beat(): Promise<void> {
    const sentAt = performance.now();
    const text = this.#viewText();
    await putWriter(this.#cluster, this.#document(), { timeoutMs: this.#options.leaseMs });
    // after the lease had expired, a coordinator may have decided without this writer: poll again first
    if (performance.now() - this.#heartbeatSentAt > this.#options.leaseMs)
      this.#pollSentAt = Number.NEGATIVE_INFINITY;
    this.#heartbeatSentAt = sentAt;
    this.#confirmed = text;
  }

  #document(): WriterDocument {
    return {
      kind: 'writer',
      id: this.id,
      type: this.#options.type,
      host: hostname(),
      pid: process.pid,
      twindex: packageVersion(),
      names: this.#indexes.map(({ definition }) => definition.name),
      leaseMs: this.#options.leaseMs,
      heartbeat: ++this.#heartbeat,
      startedAt: this.#startedAt,
      updatedAt: new Date().toISOString(),
      migrations: Object.fromEntries(
        this.#indexes.map((index) => [index.definition.name, index.view()] as const),
      ),
    };
  }

  /** The reported values that a coordinator may wait for. When they change, a heartbeat is sent at once. */
  #viewText(): string {
    return this.#indexes
      .map(({ generation, holds, awaitsCopies, readers, moves, away }) =>
        [generation, holds, awaitsCopies, readers, moves, away?.since].join(' '),
      )
      .join();
  }
}

interface FoundRecord {
  readonly _id: string;
  readonly found?: boolean;
  readonly _source?: unknown;
  readonly error?: { readonly type: string; readonly reason: string };
}
