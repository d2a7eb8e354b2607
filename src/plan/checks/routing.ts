// Check: a new index whose mapping requires a routing refuses every document that has none.
import { countDocuments } from '../../cluster/documents/countDocuments.js';
import { countUnrouted } from '../../cluster/documents/countUnrouted.js';
import { isClosed } from '../../cluster/indices/isClosed.js';
import { isObject } from '../../json/plain.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Check } from './check.js';

export const checkRouting: Check = async ({ sourceCluster: cluster, source, target }) => {
  if (!source || !target || requiresRouting(source.mappings) === requiresRouting(target.mappings)) return [];
  if (requiresRouting(source.mappings))
    return [
      {
        check: 'routing',
        level: 'info',
        message:
          `${source.index} requires a routing for every document, and ${target.index} does not. After the switch, ${source.index} ` +
          'would reject documents that are written without a routing, so a rollback would lose them. Write with a routing until ' +
          'the migration is finalized.',
      },
    ];
  if (await isClosed(cluster, source.index)) return [];
  const unrouted = await countUnrouted(cluster, source.index);
  if (unrouted === 0) return [];
  const all = await countDocuments(cluster, source.index);
  return [
    {
      check: 'routing',
      level: 'warn',
      message:
        `${unrouted} of ${all} documents of ${source.index} have no routing, and ${target.index}, as declared, requires one ` +
        '(mappings._routing.required): they would be rejected, and block the cut-over. Write them again with a routing, remove ' +
        'the requirement from the index file, or continue without these documents: --drop-rejected.',
    },
  ];
};

function requiresRouting(mappings: JsonObject): boolean {
  const routing = mappings['_routing'];
  return isObject(routing) && (routing['required'] === true || routing['required'] === 'true');
}
