// Writes to the follower, only through the feed alias and with external versions. Checks each item of each
// answer, and repeats items for which the engine was too busy.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../../cluster/clusterConnection.js';
import { toItemError } from '../../cluster/engineErrors.js';
import { bulk } from '../../cluster/documents/bulk.js';
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { TwindexError } from '../../errors.js';
import { bulkSucceeded, mayBePermanent, parseBulkAnswer, sortOutcome } from '../../documents/bulkAnswer.js';
import { BulkBody } from '../../documents/bulkBody.js';
import type { Replication, Refused } from '../../protocol/replication.js';
import { paceOf } from './feedPace.js';

/** Without a source, the operation is a delete. */
export interface FeedOperation {
  readonly key: DocumentKey;
  readonly version: bigint;
  readonly source: Uint8Array | undefined;
}

export const feedIsMissing = (alias: string): string =>
  `the alias ${alias}, through which copies are written, is missing: another coordinator has taken over, or somebody has removed the alias`;

export interface FeedOptions {
  /** Whether to overwrite a document of the same version as well (`external_gte`), to repair it in place. */
  readonly orEqual?: boolean;
  /** Called for each operation that got 409: the follower has the same version or a larger one. */
  readonly onConflict?: ((operation: FeedOperation) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Wraps each request, to notice a lost answer. Tests stop the process here, before or after the request. */
  readonly around?: (<T>(send: () => Promise<T>) => Promise<T>) | undefined;
}

const MAX_BODY_BYTES = 8 << 20;
/** After this many attempts, a document counts as refused if its error may be permanent. */
const MAX_TRIES = 8;

/**
 * @returns the operations that the index will never accept
 * @throws TwindexError `fenced`, `blocked`, `unanswered`
 */
export async function feed(
  replication: Replication,
  operations: readonly FeedOperation[],
  options: FeedOptions = {},
): Promise<Refused[]> {
  remember(replication, operations);
  const refused: Refused[] = [];
  let batch: FeedOperation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    const size = operation.source?.length ?? 0;
    if (batch.length > 0 && bytes + size > MAX_BODY_BYTES) {
      refused.push(...(await feedBatch(replication, batch, options)));
      batch = [];
      bytes = 0;
    }
    batch.push(operation);
    bytes += size;
  }
  if (batch.length > 0) refused.push(...(await feedBatch(replication, batch, options)));
  return refused;
}

const MAX_REMEMBERED = 200_000;

function remember({ tally }: Replication, operations: readonly FeedOperation[]): void {
  if (!tally.fed) return;
  if (tally.fed.length + operations.length > MAX_REMEMBERED) tally.fed = undefined;
  else for (const { key, source } of operations) if (source) tally.fed.push(key);
}

async function feedBatch(
  replication: Replication,
  batch: readonly FeedOperation[],
  options: FeedOptions,
): Promise<Refused[]> {
  const refused: Refused[] = [];
  let waiting = batch;
  for (let attempt = 0; waiting.length > 0; attempt++) {
    if (attempt > 0) {
      replication.tally.busy++;
      await sleep(backoffMs(attempt), undefined, options.signal ? { signal: options.signal } : {});
    }
    // From the third attempt on, send smaller parts: the engine was too busy for the whole batch.
    const part =
      attempt > 1 ? waiting.slice(0, Math.max(1, waiting.length >> Math.min(attempt, 6))) : waiting;
    const outcome = await sendBatch(replication, part, { ...options, isLast: attempt + 1 >= MAX_TRIES });
    refused.push(...outcome.refused);
    waiting = [...outcome.busy, ...waiting.slice(part.length)];
    if (outcome.busy.length === 0) attempt = 0;
  }
  return refused;
}

async function sendBatch(
  replication: Replication,
  batch: readonly FeedOperation[],
  options: FeedOptions & { readonly isLast: boolean },
): Promise<{ readonly refused: Refused[]; readonly busy: readonly FeedOperation[] }> {
  const body = bodyOf(batch, options.orEqual ?? false);
  const { cluster } = replication.follower;
  const pace = paceOf(cluster);
  const load = { bytes: body.length, documents: batch.length };
  const send = async () => {
    const sentAt = performance.now();
    const timeoutMs = pace.allowedMs(load);
    const answered = await bulk(cluster, replication.feed, body, { signal: options.signal, timeoutMs });
    pace.answered(load, performance.now() - sentAt);
    return answered;
  };
  const answer = await (options.around ? options.around(send) : send());
  if (answer.type === 'busy') return { refused: [], busy: batch };
  if (bulkSucceeded(answer.body)) {
    replication.tally.copied += batch.length;
    return { refused: [], busy: [] };
  }
  return sortItems(replication, batch, answer.body, options);
}

function bodyOf(batch: readonly FeedOperation[], orEqual: boolean): Buffer {
  const body = new BulkBody(orEqual ? { versionType: 'external_gte' } : {});
  for (const { key, version, source } of batch) {
    if (source) body.index({ ...key, version, source });
    else body.delete({ ...key, version });
  }
  return body.take();
}

function sortItems(
  replication: Replication,
  batch: readonly FeedOperation[],
  body: Buffer,
  { isLast, onConflict }: FeedOptions & { readonly isLast: boolean },
): { readonly refused: Refused[]; readonly busy: readonly FeedOperation[] } {
  const refused: Refused[] = [];
  const busy: FeedOperation[] = [];
  const items = parseBulkAnswer(body);
  for (const [n, operation] of batch.entries()) {
    const item = items[n];
    if (!item)
      throw new TwindexError(
        'unanswered',
        `the answer to a _bulk request to ${replication.feed} has fewer items than the request`,
      );
    const { key, version } = operation;
    const reason = `${item.type}: ${item.reason}`;
    switch (sortOutcome(item)) {
      case 'done':
        replication.tally.copied++;
        break;
      case 'conflict': // the follower has this version or a newer one: a success, once confirmed
        replication.tally.conflicts++;
        onConflict?.(operation);
        break;
      case 'busy':
        if (isLast && mayBePermanent(item)) refused.push({ key, version, reason });
        else busy.push(operation);
        break;
      case 'refused':
        refused.push({ key, version, reason });
        break;
      case 'blocked':
        if (item.type === 'index_closed_exception')
          throw toItemError(replication.follower.index, { type: item.type, reason: item.reason ?? '' });
        throw new TwindexError('blocked', `${replication.follower.index} accepts no writes: ${item.reason}`);
      case 'fenced':
        throw new TwindexError('fenced', feedIsMissing(replication.feed));
    }
  }
  return { refused, busy };
}
