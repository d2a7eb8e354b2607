// Brings about what needs no new index: the first creation, changes in place, and those that close the index for a
// moment. Every step can be repeated.
import type { Cluster } from '../cluster/cluster.js';
import { closeIndex } from '../cluster/operations/closeIndex.js';
import { createIndex } from '../cluster/operations/createIndex.js';
import { getIndexes, type LiveIndex } from '../cluster/operations/getIndex.js';
import { isClosed } from '../cluster/operations/isClosed.js';
import { openIndex } from '../cluster/operations/openIndex.js';
import { putMapping } from '../cluster/operations/putMapping.js';
import { putSettings } from '../cluster/operations/putSettings.js';
import { TwindexError } from '../errors.js';
import type { Change, IndexDefinition, Json, JsonObject } from '../schema/types.js';
import { indexName, type Plan } from './decidePlan.js';
import { isMarkedForReopening, metaWithMark } from './reopenMark.js';

/**
 * Carries out a plan of the kinds `create`, `in-place` and `close-and-open`.
 * @throws TwindexError `rejected` when the engine refuses a change; the index is open then
 */
export async function applyPlan(cluster: Cluster, definition: IndexDefinition, plan: Plan): Promise<void> {
  if (plan.kind === 'create') return create(cluster, definition);
  if (!plan.source)
    throw new TwindexError('failed', `${plan.name}: a plan of kind ${plan.kind} can't be applied`);
  const live = await findSource(cluster, plan.source.index);
  if (plan.kind === 'close-and-open') await changeClosed(cluster, definition, live, plan.changes);
  const dynamic = settingsOf(plan.changes, 'in-place');
  if (Object.keys(dynamic).length > 0) await putSettings(cluster, live.index, dynamic);
  if (plan.changes.some(({ path }) => path.startsWith('mappings'))) {
    await putMapping(cluster, live.index, mappingsFor(definition, live));
  }
}

async function create(cluster: Cluster, definition: IndexDefinition): Promise<void> {
  const { name, version, aliases, settings, mappings } = definition;
  const index = indexName(definition);
  const meta = { ...(mappings['_meta'] as JsonObject | undefined), twindex: { name, version } };
  const outcome = await createIndex(cluster, index, {
    settings,
    mappings: { ...mappings, _meta: meta },
    aliases: { [aliases.read]: {}, [aliases.write]: { is_write_index: true } },
  });
  if (outcome.type === 'exists') {
    throw new TwindexError(
      'conflict',
      `${index} has come into being meanwhile. Run \`twindex plan ${name}\` again.`,
    );
  }
}

/** The outage. It is not broken off half-way: whatever happens, the index is opened again. */
async function changeClosed(
  cluster: Cluster,
  definition: IndexDefinition,
  live: LiveIndex,
  changes: readonly Change[],
): Promise<void> {
  const userMeta = (live.mappings['_meta'] ?? {}) as JsonObject;
  const settings = settingsOf(changes, 'close-and-open');
  if (!(await isClosed(cluster, live.index))) {
    await putMapping(cluster, live.index, { _meta: metaWithMark(userMeta, live.mappings, true) });
    await closeIndex(cluster, live.index);
  } else if (!isMarkedForReopening(live)) {
    throw new TwindexError(
      'blocked',
      `${live.index} is closed, and not by twindex. Open it: POST /${live.index}/_open.`,
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
  if (!found) throw new TwindexError('not_found', `${index} has gone meanwhile. Run \`twindex plan\` again.`);
  return found;
}

/** Full dotted names; `null` puts one back to its default. */
function settingsOf(changes: readonly Change[], needs: Change['needs']): Record<string, Json> {
  const settings: Record<string, Json> = {};
  for (const change of changes) {
    if (change.needs !== needs || !change.path.startsWith('settings.')) continue;
    const name = change.path.slice('settings.'.length);
    settings[name.startsWith('index.') ? name : `index.${name}`] = change.after ?? null;
  }
  return settings;
}

/** Put as a whole: a parameter that is left out goes back to its default. */
function mappingsFor({ mappings }: IndexDefinition, live: LiveIndex): JsonObject {
  const meta = metaWithMark((mappings['_meta'] ?? {}) as JsonObject, live.mappings, false);
  return Object.keys(meta).length > 0 ? { ...mappings, _meta: meta } : mappings;
}
