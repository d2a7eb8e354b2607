// Before readers or writers are moved: their aliases have to be on one of the two indexes, and on no further one.
import { unmovableText } from './damage.js';
import type { Session } from './session.js';
import { nextMove } from './states.js';
import { surveyAliases } from './survey.js';

/** @returns undefined when nothing is to be moved, too */
export async function whyUnmovable({ cluster, record }: Session): Promise<string | undefined> {
  const { type } = nextMove(record);
  if (type !== 'readers' && type !== 'writers') return undefined;
  const { aliases, takenNames } = await surveyAliases(cluster, record);
  return unmovableText(record, aliases, takenNames);
}
