// Check: an index that can't be written to, or that chooses the ids of its documents itself, can't be
// migrated.
import type { LiveIndex } from '../../cluster/indices/getIndex.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Check, Finding } from './check.js';
import { readSetting } from './readSetting.js';

export const checkSpecialIndex: Check = async ({ source, target }) => [
  ...(source ? specialIndexFindings(source) : []),
  ...(target ? appendOnlyFindings(target.index, target.settings, ', as declared,') : []),
];

/** An append-only index refuses deletes, updates, and writes with an external version, such as twindex's copies. */
function appendOnlyFindings(index: string, settings: JsonObject, how: string): Finding[] {
  if (readSetting(settings, 'append_only.enabled') !== 'true') return [];
  const message =
    `${index}${how} is append-only (index.append_only.enabled is true): the engine refuses documents with ids of their own, ` +
    'updates and deletes, so twindex can neither fill it nor keep it in sync with another index. ' +
    (how
      ? 'Remove the setting from the index file.'
      : 'Reindex it by hand into an index without the setting.');
  return [{ check: 'special-index', level: 'block', message }];
}

export function specialIndexFindings({ index, settings }: LiveIndex): Finding[] {
  const read = (name: string) => readSetting(settings, name);
  const messages: string[] = [];
  if (read('store.type') === 'snapshot' || read('store.type') === 'remote_snapshot') {
    messages.push(
      `${index} is a searchable snapshot: it is mounted read-only. Restore the snapshot as an ordinary index first.`,
    );
  }
  if (read('frozen') === 'true') {
    messages.push(`${index} is frozen. Unfreeze it first: POST /${index}/_unfreeze.`);
  }
  const leader = read('plugins.replication.follower.leader_index');
  if (read('xpack.ccr.following_index') === 'true' || leader !== undefined) {
    messages.push(
      `${index} follows ${leader ?? 'an index'} of another cluster, so it can't be written here. Migrate the leader, or stop the replication first.`,
    );
  }
  if (read('mode') === 'time_series') {
    messages.push(
      `${index} has index.mode time_series: the engine makes the ids from the dimensions. twindex can't migrate such an index; reindex it.`,
    );
  }
  return [
    ...messages.map((message): Finding => ({ check: 'special-index', level: 'block', message })),
    ...appendOnlyFindings(index, settings, ''),
  ];
}
