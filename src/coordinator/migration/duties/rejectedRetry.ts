// Retries rejected documents from time to time: a document may have been corrected or deleted, or the transform
// changed.
import { isLeftOut } from '../../../journal/rejectedDocuments.js';
import type { Replication } from '../../../protocol/replication.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { resync } from '../../follow/resync.js';
import { retryable } from '../../follow/truthExemptions.js';
import type { Context } from '../context.js';
import { now } from '../../../clock.js';

const EVERY_MS = 3_000;
/** Retry interval for documents that the user has left out on purpose. */
const LEFT_OUT_EVERY_MS = 30_000;

export function retryingRejected(context: Context, replication: Replication): () => Promise<void> {
  let triedAt = Number.NEGATIVE_INFINITY;
  let leftOutTriedAt = 0;
  let commandSeen = 0;
  return async () => {
    const { record, feedOptions, effects } = context;
    const rejected = await context.rejected();
    // Retry after any new command, since it may be `replay`.
    const asked = record.commands.taken !== commandSeen;
    commandSeen = record.commands.taken;
    if (rejected.size === 0 || (!asked && now() - triedAt < EVERY_MS)) return;
    triedAt = now();
    const all = asked || now() - leftOutTriedAt > LEFT_OUT_EVERY_MS;
    if (all) leftOutTriedAt = now();
    const open = rejected.entries.filter(({ key }) => all || !isLeftOut(record.leftOut, key));
    const entries = await retryable(replication, open);
    if (entries.length === 0) return;
    const keys = entries.map(({ key }) => key);
    const result = await resync(replication, keys, feedOptions);
    if (!result) return;
    await context.keepRefused(result.refused);
    const still = new Set(result.refused.map(({ key }) => nameOf(key)));
    const taken = entries.filter(({ key }) => !still.has(nameOf(key)));
    if (taken.length > 0) await effects.run('forgetRejected', () => rejected.remove(taken));
  };
}

const nameOf = ({ id, routing }: DocumentKey): string => JSON.stringify([id, routing]);
