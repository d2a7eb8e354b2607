// Checks, before a move, that no alias is missing or on a third index.
import { unmovableText } from './damage.js';
import type { Session } from '../session.js';
import { nextMove } from '../../../protocol/states.js';
import { surveyAliases } from './survey.js';

/** @returns undefined if nothing blocks the requested move, or no move is requested */
export async function whyUnmovable({ cluster, record }: Session): Promise<string | undefined> {
  const { type } = nextMove(record);
  if (type !== 'readers' && type !== 'writers' && type !== 'finalize') return undefined;
  return unmovableText(record, await surveyAliases(cluster, record));
}
