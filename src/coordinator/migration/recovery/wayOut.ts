// Before a command is asked for: whether the migration can carry it out at all. Where somebody has taken away what it needs, the
// command that leads out is named, or is what was asked for already.
import type { Cluster } from '../../../cluster/cluster.js';
import { TwindexError } from '../../../errors.js';
import { type CommandName, isOver, other } from '../../../protocol/record.js';
import { findLostIndex } from './damage.js';
import { findOrRecover } from '../../../journal/recoverRecord.js';
import { surveyIndexes } from './survey.js';

/** These move or end something; the others are noted only. */
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
 * @returns the index to be given up, where the command comes to that: `abort` without the new index, `finalize` without the old one
 * @throws TwindexError that names the command which leads out
 */
export async function demandWayOn(
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
    // what is being ended by whoever coordinates needs nothing of the follower
    return isEnding ? undefined : record[lost.giveUp].index;
  }
  if (isEnding && !lost.isLeader) return undefined;
  throw new TwindexError('not_found', lost.text);
}
