// Enters deletes in the ledger, durably, before they are sent. Entries that arrive while a request is in
// flight share the next request.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../cluster/cluster.js';
import { backoffMs } from '../../../cluster/clusterConnection.js';
import { bulk } from '../../../cluster/documents/bulk.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { isTwindexError, messageOf } from '../../../errors.js';
import {
  type BulkOutcome,
  bulkSucceeded,
  parseBulkAnswer,
  sortOutcome,
} from '../../../documents/bulkAnswer.js';
import { entryId, entrySource, type LedgerEntry } from '../../../journal/ledger.js';
import type { EngineError } from '../request/engineError.js';
import type { Roles } from '../../../protocol/writerRoles.js';

const ENTRIES_AT_ONCE = 2_000;
const WAIT_MS = 10_000;

export type Entered =
  /** The delete may be sent, but only through the aliases of this generation. */
  | { readonly type: 'entered' }
  /** The ledger is gone, since the roles have changed. No entry was written. */
  | { readonly type: 'closed' }
  | { readonly type: 'failed'; readonly error: EngineError };

const failed = (reason: string): Entered => ({
  type: 'failed',
  error: {
    status: 503,
    type: 'twindex_ledger',
    reason: `not deleted, because the delete could not be noted in the ledger of twindex: ${reason}`,
  },
});

interface Waiting {
  readonly line: string;
  readonly resolve: (entered: Entered) => void;
}

interface Queue {
  waiting: Waiting[];
  sending: boolean;
}

export class Ledger {
  readonly #cluster: Cluster;
  readonly #queues = new Map<string, Queue>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Never throws. */
  enter(
    { ledgerAlias, generation }: Pick<Roles, 'ledgerAlias' | 'generation'>,
    key: DocumentKey,
  ): Promise<Entered> {
    return new Promise((resolve) => {
      const queue = this.#queues.get(ledgerAlias) ?? { waiting: [], sending: false };
      this.#queues.set(ledgerAlias, queue);
      queue.waiting.push({ line: lineOf({ generation, key }), resolve });
      if (!queue.sending) void this.#send(ledgerAlias, queue);
    });
  }

  async #send(alias: string, queue: Queue): Promise<void> {
    queue.sending = true;
    await Promise.resolve(); // lets the entries of one bulk share a request
    while (queue.waiting.length > 0) {
      const part = queue.waiting.splice(0, ENTRIES_AT_ONCE);
      await this.#enterAll(alias, part);
    }
    this.#queues.delete(alias);
  }

  async #enterAll(alias: string, entries: readonly Waiting[]): Promise<void> {
    const deadline = performance.now() + WAIT_MS;
    let left = entries;
    for (let attempt = 0; ; attempt++) {
      const { busy, reason } = await this.#attempt(alias, left, deadline);
      left = busy;
      if (left.length === 0) return;
      if (performance.now() >= deadline) {
        for (const { resolve } of left) resolve(failed(reason));
        return;
      }
      await sleep(backoffMs(attempt));
    }
  }

  /** Makes one request. If no answer comes, the caller repeats it: writing an entry twice does no harm. */
  async #attempt(
    alias: string,
    entries: readonly Waiting[],
    deadline: number,
  ): Promise<{ readonly busy: readonly Waiting[]; readonly reason: string }> {
    try {
      const body = Buffer.from(entries.map(({ line }) => line).join(''));
      const timeoutMs = Math.max(1, Math.ceil(deadline - performance.now()));
      const answer = await bulk(this.#cluster, alias, body, { timeoutMs });
      if (answer.type === 'busy') return { busy: entries, reason: `${alias} is too busy` };
      if (bulkSucceeded(answer.body)) {
        for (const { resolve } of entries) resolve({ type: 'entered' });
        return { busy: [], reason: '' };
      }
      return sortEntries(entries, answer.body);
    } catch (error) {
      if (isTwindexError(error, 'not_found')) {
        for (const { resolve } of entries) resolve({ type: 'closed' });
        return { busy: [], reason: '' };
      }
      return { busy: entries, reason: messageOf(error) };
    }
  }
}

function sortEntries(
  entries: readonly Waiting[],
  body: Buffer,
): { readonly busy: readonly Waiting[]; readonly reason: string } {
  const busy: Waiting[] = [];
  let reason = '';
  const items = parseBulkAnswer(body);
  for (const [n, entry] of entries.entries()) {
    const item = items[n];
    const outcome: BulkOutcome = item ? sortOutcome(item) : 'busy';
    if (outcome === 'done') entry.resolve({ type: 'entered' });
    else if (outcome === 'fenced') entry.resolve({ type: 'closed' });
    else if (outcome === 'refused') entry.resolve(failed(`${item?.type}: ${item?.reason}`));
    else {
      busy.push(entry);
      reason = `${item?.type ?? 'no answer'}: ${item?.reason ?? ''}`;
    }
  }
  return { busy, reason };
}

/** The lines of an entry in a `_bulk`. In each generation, one entry stands for all deletes of a document. */
function lineOf(entry: LedgerEntry): string {
  const action = { index: { _id: entryId(entry), require_alias: true } };
  return `${JSON.stringify(action)}\n${JSON.stringify(entrySource(entry))}\n`;
}
