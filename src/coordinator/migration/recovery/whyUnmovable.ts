// Checks that aliases are on one of the two indexes, and on no other, before they are moved.
import { unmovableText } from './damage.js';
import type { Session } from '../session.js';
import { nextMove } from '../../../protocol/states.js';
import { surveyAliases } from './survey.js';

/**
 * Why a requested move, or finalize, is not made: an alias is missing, or on a third index.
 * @returns undefined when nothing blocks it, or no such move is requested
 */
export async function whyUnmovable({ cluster, record }: Session): Promise<string | undefined> {
  const { type } = nextMove(record);
  if (type !== 'readers' && type !== 'writers' && type !== 'finalize') return undefined;
  return unmovableText(record, await surveyAliases(cluster, record));
}
