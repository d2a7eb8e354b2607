// Check: the name of the new index must be free, unless an earlier run of this migration created the index.
import { getIndexes, type LiveIndex } from '../../cluster/indices/getIndex.js';
import { isObject } from '../../json/plain.js';
import type { Check, Finding } from './check.js';

export const checkTargetFree: Check = async ({ cluster, target, migrationId }) =>
  target ? targetFindings(await getIndexes(cluster, target.index), target.index, migrationId) : [];

function targetFindings(
  existing: readonly LiveIndex[],
  target: string,
  migrationId: string | undefined,
): Finding[] {
  const [first] = existing;
  if (!first) return [];
  const owner = ownerOf(first);
  if (first.index === target && owner !== undefined && owner === migrationId) return [];
  const isAlias = first.index !== target;
  return [
    {
      check: 'target-free',
      level: 'block',
      message: isAlias
        ? `${target} is an alias (of ${existing.map(({ index }) => index).join(', ')}), but the new index needs this name. Remove the alias, or raise \`version\`.`
        : `${target} exists already, and ${owner === undefined ? 'twindex has not created it' : 'it belongs to no migration that is under way'}. Delete it if nobody needs it, or raise \`version\` to a free one.`,
    },
  ];
}

/** The id of the migration that created an index (`_meta.twindex.migration` in its mapping). */
export function ownerOf(index: LiveIndex): string | undefined {
  const meta = index.mappings['_meta'];
  const twindex = isObject(meta) ? meta['twindex'] : undefined;
  const owner = isObject(twindex) ? twindex['migration'] : undefined;
  return typeof owner === 'string' ? owner : undefined;
}
