// Sends the copies of all clients' writes to the follower in batches. While a batch is in flight, copies are
// collected for the next batch. A copy contains the whole document and its stamp, so it may be sent twice
// without harm.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../cluster/cluster.js';
import { backoffMs } from '../../../cluster/clusterConnection.js';
import { bulk, type BulkAnswered, type BulkOptions } from '../../../cluster/documents/bulk.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { isTwindexError, messageOf } from '../../../errors.js';
import { bulkSucceeded, parseBulkAnswer, sortOutcome } from '../../../documents/bulkAnswer.js';
import { BulkBody } from '../../../documents/bulkBody.js';
import { BatchTrace } from '../trace/batchTrace.js';
import type { CopySpan } from '../trace/writeTrace.js';

/** Without `source`, the copy is a delete. */
export interface Copy {
  readonly key: DocumentKey;
  readonly version: bigint;
  readonly source: Uint8Array | undefined;
}

export type CopyOutcome =
  | { readonly type: 'done' }
  /** The follower has this operation or a newer one. This is certain only after the follower is confirmed. */
  | { readonly type: 'conflict' }
  /** The generation is closed, or the engine has refused the whole batch. The copy is given up. */
  | { readonly type: 'fenced'; readonly reason: string }
  /** The follower accepts no writes at all. The copy is given up. */
  | { readonly type: 'blocked'; readonly reason: string }
  | { readonly type: 'refused'; readonly status: number; readonly errorType: string; readonly reason: string }
  /** No answer came in time. The copy is given up, but may still arrive. */
  | { readonly type: 'unanswered'; readonly reason: string };

export interface CopyTarget {
  readonly cluster: Cluster;
  readonly index: string;
  /** The mirror alias of a generation. It is an alias of `index`. */
  readonly alias: string;
  readonly refresh: 'true' | 'wait_for' | undefined;
}

interface Queued {
  readonly copy: Copy;
  /** As a time of `performance.now()`. */
  readonly deadline: number;
  readonly span: CopySpan | undefined;
  readonly resolve: (outcome: CopyOutcome) => void;
}

const MAX_BYTES = 5 << 20;
/** High, so that a client's bulk becomes one request if possible: engines sync to disk once per request. */
const MAX_OPERATIONS = 10_000;
const MAX_IN_FLIGHT = 2;

export class CopyBatcher {
  readonly #targets = new Map<string, TargetBatches>();

  /** Never throws. */
  copy(to: CopyTarget, copy: Copy, deadline: number, span?: CopySpan): Promise<CopyOutcome> {
    const key = `${to.alias} ${to.refresh ?? ''}`;
    let batches = this.#targets.get(key);
    if (!batches) {
      batches = new TargetBatches(to, () => this.#targets.delete(key));
      this.#targets.set(key, batches);
    }
    return batches.add(copy, deadline, span);
  }

  /** Gives up all copies to this index, waiting or in flight, and closes their connections. */
  giveUp(index: string, reason: string): void {
    for (const batches of this.#targets.values()) if (batches.index === index) batches.giveUpAll(reason);
  }

  get pending(): number {
    let pending = 0;
    for (const batches of this.#targets.values()) pending += batches.pending;
    return pending;
  }
}

class TargetBatches {
  readonly #to: CopyTarget;
  readonly #onEmpty: () => void;
  readonly #batchesInFlight = new Map<readonly Queued[], AbortController>();
  #queue: Queued[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #bytes = 0;
  #inFlight = 0;
  #underWay = 0;
  #scheduled = false;
  #failures = 0;

  constructor(to: CopyTarget, onEmpty: () => void) {
    this.#to = to;
    this.#onEmpty = onEmpty;
  }

  get index(): string {
    return this.#to.index;
  }

  get pending(): number {
    return this.#queue.length + this.#underWay;
  }

  add(copy: Copy, deadline: number, span: CopySpan | undefined): Promise<CopyOutcome> {
    return new Promise((resolve) => {
      this.#queue.push({ copy, deadline, span, resolve });
      this.#bytes += copy.source?.length ?? 0;
      this.#giveUpAt(deadline);
      this.#schedule();
    });
  }

  /** Waits for the next turn of the event loop, so that copies which arrive together share a request. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#mayBegin()) void this.#run(this.#take());
    });
  }

  #giveUpAt(deadline: number): void {
    if (deadline >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    this.#timer = setTimeout(() => this.#giveUpLate(), Math.max(0, Math.ceil(deadline - performance.now())));
  }

  #giveUpLate(): void {
    const now = performance.now();
    this.#timerAt = Number.POSITIVE_INFINITY;
    const tell = ({ deadline, resolve }: Queued): void => {
      if (deadline <= now) resolve({ type: 'unanswered', reason: 'no answer in time' });
      else this.#giveUpAt(deadline);
    };
    for (const batch of this.#batchesInFlight.keys()) for (const queued of batch) tell(queued);
    for (const queued of this.#queue) tell(queued);
    this.#queue = this.#queue.filter(({ deadline }) => deadline > now);
    this.#bytes = this.#queue.reduce((sum, { copy }) => sum + (copy.source?.length ?? 0), 0);
  }

  giveUpAll(reason: string): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#bytes = 0;
    for (const { resolve } of queue) resolve({ type: 'unanswered', reason });
    for (const [batch, closing] of this.#batchesInFlight) {
      for (const { resolve } of batch) resolve({ type: 'unanswered', reason });
      closing.abort();
    }
  }

  #mayBegin(): boolean {
    if (this.#queue.length === 0) return false;
    if (this.#inFlight === 0) return true;
    // after a failure, send one request at a time, since the follower may be overloaded
    if (this.#failures > 0 || this.#inFlight >= MAX_IN_FLIGHT) return false;
    return this.#queue.length >= MAX_OPERATIONS || this.#bytes >= MAX_BYTES;
  }

  #take(): Queued[] {
    let count = 0;
    let bytes = 0;
    for (const { copy } of this.#queue) {
      const size = copy.source?.length ?? 0;
      if (count > 0 && (count >= MAX_OPERATIONS || bytes + size > MAX_BYTES)) break;
      count++;
      bytes += size;
    }
    this.#bytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #run(batch: Queued[]): Promise<void> {
    this.#inFlight++;
    this.#underWay += batch.length;
    const busy = await this.#attempt(batch);
    this.#failures = busy.left.length === 0 ? 0 : this.#failures + 1;
    if (busy.left.length > 0) await this.#putBack(busy.left, busy.reason);
    this.#underWay -= batch.length;
    this.#inFlight--;
    if (this.#queue.length > 0) this.#schedule();
    else if (this.#inFlight === 0) this.#end();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#onEmpty();
  }

  async #putBack(left: readonly Queued[], reason: string): Promise<void> {
    const waitMs = backoffMs(this.#failures - 1);
    const last = Math.max(...left.map(({ deadline }) => deadline));
    await sleep(Math.max(0, Math.min(waitMs, last - performance.now())));
    const now = performance.now();
    const alive = left.filter(({ deadline }) => deadline > now);
    for (const { deadline, resolve } of left) if (deadline <= now) resolve({ type: 'unanswered', reason });
    for (const { copy } of alive) this.#bytes += copy.source?.length ?? 0;
    this.#queue = [...alive, ...this.#queue];
  }

  /** @returns the copies that have to be sent again */
  async #attempt(batch: readonly Queued[]): Promise<{ left: readonly Queued[]; reason: string }> {
    const now = performance.now();
    const last = Math.max(...batch.map(({ deadline }) => deadline));
    if (last <= now) return { left: batch, reason: 'the copy waited in the queue for too long' };
    const closing = new AbortController();
    this.#batchesInFlight.set(batch, closing);
    try {
      const answer = await this.#send(batch, {
        refresh: this.#to.refresh,
        // this closes the connection: a copy that was given up must not arrive after the next resync
        timeoutMs: Math.max(1, Math.ceil(last - now)),
        signal: closing.signal,
      });
      if (answer.type === 'busy') return { left: batch, reason: `too busy (${answer.status})` };
      if (!bulkSucceeded(answer.body)) return sortItems(batch, answer.body);
      for (const { resolve } of batch) resolve({ type: 'done' });
      return { left: [], reason: '' };
    } catch (error) {
      if (closing.signal.aborted) return { left: [], reason: '' };
      return failed(batch, error);
    } finally {
      this.#batchesInFlight.delete(batch);
    }
  }

  #send(batch: readonly Queued[], options: BulkOptions): Promise<BulkAnswered> {
    const { cluster, alias } = this.#to;
    const send = (headers?: BulkOptions['headers']): Promise<BulkAnswered> =>
      bulk(cluster, alias, bodyOf(batch), { ...options, headers });
    return BatchTrace.of(batch)?.send(batch.length, send) ?? send();
  }
}

function bodyOf(batch: readonly Queued[]): Buffer {
  const body = new BulkBody();
  for (const { copy } of batch) {
    if (copy.source) body.index({ ...copy.key, version: copy.version, source: copy.source });
    else body.delete({ ...copy.key, version: copy.version });
  }
  return body.take();
}

function sortItems(batch: readonly Queued[], body: Buffer): { left: readonly Queued[]; reason: string } {
  const left: Queued[] = [];
  let reason = '';
  const items = parseBulkAnswer(body);
  for (const [n, queued] of batch.entries()) {
    const item = items[n];
    const outcome = item ? sortOutcome(item) : 'busy';
    const said = `${item?.type ?? 'no answer'}: ${item?.reason ?? ''}`;
    if (outcome === 'done' || outcome === 'conflict') queued.resolve({ type: outcome });
    else if (outcome === 'fenced' || outcome === 'blocked') queued.resolve({ type: outcome, reason: said });
    else if (outcome === 'refused')
      queued.resolve({
        type: 'refused',
        status: item?.status ?? 400,
        errorType: item?.type ?? 'exception',
        reason: item?.reason ?? '',
      });
    else {
      left.push(queued);
      reason = said;
    }
  }
  return { left, reason };
}

function failed(batch: readonly Queued[], error: unknown): { left: readonly Queued[]; reason: string } {
  const reason = messageOf(error);
  if (!isTwindexError(error) || isTwindexError(error, 'unanswered', 'unreachable', 'overloaded', 'failed'))
    return { left: batch, reason };
  // the whole batch was refused: bad credentials, a block of the cluster, or a body that is too large
  const type = isTwindexError(error, 'unauthorized', 'forbidden', 'blocked') ? 'blocked' : 'fenced';
  for (const { resolve } of batch) resolve({ type, reason });
  return { left: [], reason: '' };
}
