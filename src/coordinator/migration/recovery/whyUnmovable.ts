// Checks, before readers or writers are moved, that their aliases are on one of the two indexes, and on no other index.
import { unmovableText } from './damage.js';
import type { Session } from '../session.js';
import { nextMove } from '../../../protocol/states.js';
import { surveyAliases } from './survey.js';

/**
 * While clients miss an alias, neither readers nor writers are moved, and the migration is not finalized.
 * @returns undefined when nothing is in the way, or no such move is asked for
 */
export async function whyUnmovable({ cluster, record }: Session): Promise<string | undefined> {
  const { type } = nextMove(record);
  if (type !== 'readers' && type !== 'writers' && type !== 'finalize') return undefined;
  return unmovableText(record, await surveyAliases(cluster, record));
}
