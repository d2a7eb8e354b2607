// Carries out plans that need no new index for live documents: the first creation, changes in place, and
// changes that close the index for a moment. Every step can be repeated.
import type { Cluster } from '../cluster/cluster.js';
import { closeIndex } from '../cluster/indices/closeIndex.js';
import { createIndex } from '../cluster/indices/createIndex.js';
import { getIndexes, type LiveIndex } from '../cluster/indices/getIndex.js';
import { isClosed } from '../cluster/indices/isClosed.js';
import { openIndex } from '../cluster/indices/openIndex.js';
import { putMapping } from '../cluster/indices/putMapping.js';
import { putSettings } from '../cluster/indices/putSettings.js';
import { TwindexError } from '../errors.js';
import type { IndexDefinition } from '../schema/types.js';
import type { JsonObject } from '../json/jsonTypes.js';
import { notAsDeclared } from '../schema/asDeclared.js';
import { settingsToCreate } from '../schema/normaliseSettings.js';
import { schemaUpdate } from '../schema/update.js';
import { withUndeclared } from '../schema/undeclared.js';
import { firstAliases, indexName, type Plan } from './decidePlan.js';
import { isMarkedForReopening, metaWithMark } from './reopenMark.js';

/**
 * Carries out a plan of the kinds `create`, `in-place` and `close-and-open`.
 * @throws TwindexError `rejected` if the engine refuses a change. A closed index is opened again before this
 */
export async function applyPlan(cluster: Cluster, definition: IndexDefinition, plan: Plan): Promise<void> {
  if (plan.kind === 'create') return create(cluster, definition);
  if (!plan.source)
    throw new TwindexError('failed', `${plan.name}: a plan of kind ${plan.kind} can't be applied`);
  const live = await findSource(cluster, plan.source.index);
  const { schema } = withUndeclared(live, definition, { engine: cluster.engine });
  const { closedSettings, openSettings, mappings } = schemaUpdate(live, schema, cluster.engine);
  if (plan.kind === 'close-and-open') await changeClosed(cluster, live, closedSettings);
  if (Object.keys(openSettings).length > 0) await putSettings(cluster, live.index, openSettings);
  if (mappings) await putMapping(cluster, live.index, withoutMark(mappings, live));
}

async function create(cluster: Cluster, definition: IndexDefinition): Promise<void> {
  const { name, version, aliases, settings, mappings } = definition;
  const index = indexName(definition);
  const meta = { ...(mappings['_meta'] as JsonObject | undefined), twindex: { name, version } };
  const outcome = await createIndex(cluster, index, {
    settings: settingsToCreate(settings),
    mappings: { ...mappings, _meta: meta },
    aliases: firstAliases(aliases),
  });
  if (outcome.type === 'exists') {
    throw new TwindexError(
      'conflict',
      `${index} was created by somebody else meanwhile. Run \`twindex plan ${name}\` again.`,
    );
  }
  const found = notAsDeclared(await findSource(cluster, index), definition, cluster.engine);
  if (found.length > 0)
    throw new TwindexError(
      'unsafe',
      `the engine has created ${index}, but not as declared: ${found.slice(0, 5).join('; ')}. It has no documents yet. Correct ` +
        `these parts of the index file, delete the index (DELETE /${index}), and run the command again.`,
    );
}

/** Changes settings while the index is closed. Whatever happens, the index is opened again. */
async function changeClosed(cluster: Cluster, live: LiveIndex, settings: object): Promise<void> {
  const userMeta = (live.mappings['_meta'] ?? {}) as JsonObject;
  if (!(await isClosed(cluster, live.index))) {
    await putMapping(cluster, live.index, { _meta: metaWithMark(userMeta, live.mappings, true) });
    await closeIndex(cluster, live.index);
  } else if (!isMarkedForReopening(live)) {
    throw new TwindexError(
      'blocked',
      `${live.index} was closed, but not by twindex. Open it: POST /${live.index}/_open.`,
    );
  }
  try {
    if (Object.keys(settings).length > 0) await putSettings(cluster, live.index, settings);
  } finally {
    await openIndex(cluster, live.index);
    await putMapping(cluster, live.index, { _meta: metaWithMark(userMeta, live.mappings, false) });
  }
}

async function findSource(cluster: Cluster, index: string): Promise<LiveIndex> {
  const found = (await getIndexes(cluster, index)).find((live) => live.index === index);
  if (!found)
    throw new TwindexError('not_found', `${index} was deleted meanwhile. Run \`twindex plan\` again.`);
  return found;
}

/**
 * Removes the mark for reopening before the mapping is updated. Otherwise the update would set the mark
 * again.
 */
function withoutMark(mappings: JsonObject, live: LiveIndex): JsonObject {
  const { _meta: meta } = mappings;
  return meta === undefined
    ? mappings
    : { ...mappings, _meta: metaWithMark(meta as JsonObject, live.mappings, false) };
}
