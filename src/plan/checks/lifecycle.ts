// Check: a lifecycle policy may roll over, shrink, move or delete the source while it is copied.
import { findManagedPolicy } from '../../cluster/indices/findManagedPolicy.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Check, Finding } from './check.js';
import { readSetting } from './readSetting.js';

export const checkLifecycle: Check = async ({ sourceCluster: cluster, source }) => {
  if (!source) return [];
  return lifecycleFindings(source.index, source.settings, await findManagedPolicy(cluster, source.index));
};

/** @param managedPolicy the policy that OpenSearch has attached to the index; the settings do not show it */
export function lifecycleFindings(index: string, settings: JsonObject, managedPolicy?: string): Finding[] {
  const first = (...names: string[]) =>
    names.map((name) => readSetting(settings, name)).find((value) => value);
  const elasticPolicy = first('lifecycle.name');
  const policy =
    elasticPolicy ??
    managedPolicy ??
    first('plugins.index_state_management.policy_id', 'opendistro.index_state_management.policy_id');
  const rollover = first(
    'lifecycle.rollover_alias',
    'plugins.index_state_management.rollover_alias',
    'opendistro.index_state_management.rollover_alias',
  );
  const detach = elasticPolicy ? `POST /${index}/_ilm/remove` : `POST /_plugins/_ism/remove/${index}`;
  if (rollover) {
    return [
      finding(
        'block',
        `${index} rolls over through the alias ${rollover}${policy ? ` (policy ${policy})` : ''}: a new index would ` +
          `appear behind the alias in the middle of the migration. Detach the policy first: ${detach}.`,
      ),
    ];
  }
  if (!policy) return [];
  return [
    finding(
      'warn',
      `${index} is under the lifecycle policy ${policy}, which may shrink, move or delete it while it is copied. ` +
        `Make sure that the policy does nothing meanwhile, or detach it: ${detach}. twindex does not attach the policy to the new ` +
        'index: do this when the migration is over.',
    ),
  ];
}

function finding(level: Finding['level'], message: string): Finding {
  return { check: 'lifecycle', level, message };
}
