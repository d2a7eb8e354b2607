// Replaces the fencing token, an alias on the journal with a number in its name, and removes the feed aliases of
// earlier coordinators. After that, the engine refuses their alias calls and their writes to the follower.
import { indexAliases } from '../../../cluster/indices/indexAliases.js';
import { type AliasAction, updateAliases } from '../../../cluster/indices/updateAliases.js';
import type { Cluster } from '../../../cluster/cluster.js';
import { TwindexError } from '../../../errors.js';
import { loadRecord } from '../../../journal/journal.js';
import {
  feedAlias,
  feedPrefix,
  JOURNAL,
  ledgerIndex,
  readersAlias,
  tokenAlias,
} from '../../../protocol/names.js';
import { clusterOf, isBetweenClusters, indexRefOf } from '../../../protocol/clusterSides.js';
import {
  isSourceGivenUp,
  type MigrationRecord,
  followerIndex,
  type StateName,
} from '../../../protocol/record.js';
import { isOurGeneration } from './aliasMoves.js';
import type { Effects } from './effects.js';
import { currentToken } from '../../../journal/currentToken.js';

/** States in which the coordinator writes to the follower. */
const FEEDING: ReadonlySet<StateName> = new Set([
  'copying',
  'restoring',
  'mirroring',
  'movingReaders',
  'holding',
]);

export const isFed = (state: StateName): boolean => FEEDING.has(state);

const TRIES = 5;

/**
 * Puts the record's token into force, removes all other feeds, and creates the token's feed if the state
 * needs one. The record must contain the token already, so that no other coordinator can save the record.
 * @throws TwindexError `fenced` if a later token is in force
 */
export async function swapToken(cluster: Cluster, effects: Effects): Promise<void> {
  const { record } = effects.handle;
  // Begin in the journal's cluster, which decides who may have the token in the other cluster.
  await swapTokenIn(cluster, cluster, effects);
  if (isBetweenClusters(record) && !isSourceGivenUp(record))
    await swapTokenIn(indexRefOf(cluster, record, 'source').cluster, cluster, effects);
}

/** @param cluster the cluster of the journal */
async function swapTokenIn(swapped: Cluster, cluster: Cluster, effects: Effects): Promise<void> {
  const { record } = effects.handle;
  const name = swapped === cluster ? 'swapToken' : 'swapTokenToo';
  const inIt = [record.source, record.target].filter(
    ({ index }) => clusterOf(cluster, record, index) === swapped,
  );
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const found = await currentToken(swapped, record.name);
    if (found !== undefined && found > record.token) break;
    const actions = [...tokenActions(record, found), ...(await feedActions(swapped, record, inIt))];
    const result = await effects.run(name, () => updateAliases(swapped, actions));
    if (result.type === 'done') return;
    // Another process has swapped the token meanwhile. Stop if it is a successor.
    if ((await loadRecord(cluster, record.name))?.source.token !== record.token) break;
  }
  throw new TwindexError('fenced', `another coordinator has taken over the migration of ${record.name}`);
}

function tokenActions(record: MigrationRecord, found: number | undefined): AliasAction[] {
  const add: AliasAction = {
    add: { index: JOURNAL, alias: tokenAlias(record.name, record.token), is_hidden: true },
  };
  if (found === undefined) return [add];
  return [{ remove: { index: JOURNAL, alias: tokenAlias(record.name, found), must_exist: true } }, add];
}

async function feedActions(
  cluster: Cluster,
  record: MigrationRecord,
  indexes: readonly { readonly index: string }[],
): Promise<AliasAction[]> {
  const actions: AliasAction[] = [];
  const ours = feedAlias(record.name, record.token);
  const target = isFed(record.state) ? followerIndex(record) : undefined;
  for (const { index } of indexes) {
    for (const alias of Object.keys((await indexAliases(cluster, index)) ?? {})) {
      if (!alias.startsWith(feedPrefix(record.name))) continue;
      if (alias === ours && index === target) continue;
      // The engine refuses late requests to a removed feed: it can't create an index with this name, since
      // the name has a capital letter.
      actions.push({ remove: { index, alias } });
    }
  }
  if (target !== undefined && indexes.some(({ index }) => index === target))
    actions.push({ add: { index: target, alias: ours, is_hidden: true, is_write_index: true } });
  return actions;
}

export async function removeOurAliases(
  cluster: Cluster,
  record: MigrationRecord,
  index: string,
): Promise<AliasAction[]> {
  const at = clusterOf(cluster, record, index);
  return Object.keys((await indexAliases(at, index)) ?? {})
    .filter((alias) => isOurs(record, alias))
    .map((alias) => ({ remove: { index, alias } }));
}

const isOurs = (record: MigrationRecord, alias: string): boolean =>
  alias.startsWith(feedPrefix(record.name)) ||
  alias === readersAlias(record.name) ||
  isOurGeneration(record, alias);

/** Deletes ledgers by alias calls: a replaced coordinator must not delete the next coordinator's ledger. */
export async function removeLedgers(
  cluster: Cluster,
  { name }: MigrationRecord,
  epochs: readonly number[],
): Promise<AliasAction[]> {
  const actions: AliasAction[] = [];
  for (const epoch of epochs) {
    const index = ledgerIndex(name, epoch);
    if ((await indexAliases(cluster, index)) !== undefined) actions.push({ remove_index: { index } });
  }
  return actions;
}
