// Checks, before a command is sent, whether a coordinator can carry it out. If an index is lost, names
// another command that helps.
import type { Cluster } from '../../../cluster/cluster.js';
import { TwindexError } from '../../../errors.js';
import { type CommandName, isOver, other } from '../../../protocol/record.js';
import { findLostIndex } from './damage.js';
import { findOrRecover } from '../../../journal/recoverRecord.js';
import { surveyIndexes } from './survey.js';

/** Commands that need both indexes. All other commands only change the record. */
const NEEDS_INDEXES: ReadonlySet<CommandName> = new Set([
  'resume',
  'cutover',
  'switch',
  'rollback',
  'finalize',
  'abort',
  'verify',
]);

/**
 * @returns the lost index, if the command gives it up: `abort` the new index, `finalize` the old one
 * @throws TwindexError `not_found` that names the command to use instead
 */
export async function requireWayOn(
  cluster: Cluster,
  name: string,
  command: CommandName,
): Promise<string | undefined> {
  const found = await findOrRecover(cluster, name);
  if (!found || isOver(found.source)) return undefined;
  const { source: record } = found;
  if (record.detached || !NEEDS_INDEXES.has(command)) return undefined;
  const lost = findLostIndex(record, await surveyIndexes(cluster, record));
  if (!lost) return undefined;
  if (lost.giveUp === undefined) {
    if (command === 'abort') return undefined;
    throw new TwindexError('not_found', lost.text);
  }
  const isAsked = command === (record.leader === 'source' ? 'abort' : 'finalize');
  const isEnding = record.state === 'finalizing' || record.state === 'aborting';
  if (isAsked && !lost.isLeader && lost.giveUp === other(record.leader)) {
    // A migration that is already ending does not need the follower.
    return isEnding ? undefined : record[lost.giveUp].index;
  }
  if (isEnding && !lost.isLeader) return undefined;
  throw new TwindexError('not_found', lost.text);
}
