// Carries out the plans that copy no documents: they create the first index of a name, or change a live index,
// which may have to be closed for a moment.
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
 * @throws TwindexError `rejected` if the engine refuses a change. An index that was closed for the change is open again
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

/**
 * Closes the index, changes settings, and opens the index again, even if the change fails. If the process dies
 * in between, the mark of `reopenMark.ts` lets the next run open the index.
 */
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

/** Removes the mark for reopening: an interrupted run may have left it, and the update would set it again. */
function withoutMark(mappings: JsonObject, live: LiveIndex): JsonObject {
  const { _meta: meta } = mappings;
  return meta === undefined
    ? mappings
    : { ...mappings, _meta: metaWithMark(meta as JsonObject, live.mappings, false) };
}
