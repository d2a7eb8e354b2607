// Before readers or writers are moved: their aliases have to be on one of the two indexes, and on no further one.
import { unmovableText } from './damage.js';
import type { Session } from '../session.js';
import { nextMove } from '../../../protocol/states.js';
import { surveyAliases } from './survey.js';

/**
 * As long as clients miss an alias, no readers or writers are moved, and the way back is not given up.
 * @returns undefined where nothing stands in the way, and where neither is asked for
 */
export async function whyUnmovable({ cluster, record }: Session): Promise<string | undefined> {
  const { type } = nextMove(record);
  if (type !== 'readers' && type !== 'writers' && type !== 'finalize') return undefined;
  return unmovableText(record, await surveyAliases(cluster, record));
}
