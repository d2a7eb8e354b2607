// Finds where the progress of a copy continues after another coordinator has ended, perhaps by a crash.
import { countDocuments } from '../../../cluster/documents/countDocuments.js';
import { refresh } from '../../../cluster/indices/refresh.js';
import { isTwindexError } from '../../../errors.js';
import type { Context } from '../context.js';
import type { ProgressStart } from '../progressMeter.js';

/**
 * After a crash, the journal lacks the progress of the last seconds, which users have seen. So the documents
 * that are already in the target are counted as well.
 */
export async function copyResumed(context: Context): Promise<ProgressStart> {
  const { progress, evidence, documents } = context.record;
  // The copy has not begun, or was begun by a version of twindex that saves no progress.
  if (progress.task !== 'copy') return { counted: evidence.copied };
  return { counted: progress.confirmed, shown: Math.min(documents, await countTarget(context)) };
}

/** @returns 0 if the documents can't be counted now: the number is only shown */
async function countTarget({ target }: Context): Promise<number> {
  try {
    await refresh(target.cluster, target.index);
    return await countDocuments(target.cluster, target.index);
  } catch (error) {
    if (!isTwindexError(error)) throw error;
    return 0;
  }
}
