// The fencing token: an alias on the journal whose name holds the number. Swapping it refuses, from then on, every
// alias call of the coordinators before, and closes the feeds that they write through.
import { indexAliases } from '../cluster/operations/indexAliases.js';
import { type AliasAction, updateAliases } from '../cluster/operations/updateAliases.js';
import type { Cluster } from '../cluster/cluster.js';
import { TwindexError } from '../errors.js';
import { loadRecord } from '../journal/journal.js';
import { feedAlias, feedPrefix, JOURNAL, ledgerIndex, tokenAlias, tokenPrefix } from '../journal/names.js';
import { type MigrationRecord, secondIndex, type StateName } from '../journal/record.js';
import { isOurGeneration } from './aliasMoves.js';
import type { Effects } from './effects.js';

/** States in which the second index exists and is written by the coordinator. */
const FEEDING: ReadonlySet<StateName> = new Set([
  'copying',
  'restoring',
  'mirroring',
  'movingReaders',
  'holding',
]);

/** True where the second index is written by the coordinator. */
export const isFed = (state: StateName): boolean => FEEDING.has(state);

const TRIES = 5;

/**
 * Makes the record's token the one in force, closes all other feeds and, where documents are fed, opens this token's.
 * The record must hold the token already: from then on no other coordinator can write it.
 * @throws TwindexError `fenced` when a later token is in force
 */
export async function swapToken(cluster: Cluster, effects: Effects): Promise<void> {
  const { record } = effects.handle;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const found = await currentToken(cluster, record.name);
    if (found !== undefined && found > record.token) break;
    const actions = [...tokenActions(record, found), ...(await feedActions(cluster, record))];
    const result = await effects.run('swapToken', () => updateAliases(cluster, actions));
    if (result.type === 'done') return;
    // somebody else has swapped it in between: is it a successor of ours?
    if ((await loadRecord(cluster, record.name))?.source.token !== record.token) break;
  }
  throw new TwindexError('fenced', `another coordinator has taken over the migration of ${record.name}`);
}

async function currentToken(cluster: Cluster, name: string): Promise<number | undefined> {
  const prefix = tokenPrefix(name);
  const tokens = Object.keys((await indexAliases(cluster, JOURNAL)) ?? {})
    .filter((alias) => alias.startsWith(prefix))
    .map((alias) => Number(alias.slice(prefix.length)));
  return tokens.length === 0 ? undefined : Math.max(...tokens);
}

function tokenActions(record: MigrationRecord, found: number | undefined): AliasAction[] {
  const add: AliasAction = {
    add: { index: JOURNAL, alias: tokenAlias(record.name, record.token), is_hidden: true },
  };
  if (found === undefined) return [add];
  return [{ remove: { index: JOURNAL, alias: tokenAlias(record.name, found), must_exist: true } }, add];
}

async function feedActions(cluster: Cluster, record: MigrationRecord): Promise<AliasAction[]> {
  const actions: AliasAction[] = [];
  const ours = feedAlias(record.name, record.token);
  const target = isFed(record.state) ? secondIndex(record) : undefined;
  for (const { index } of [record.source, record.target]) {
    for (const [alias, properties] of Object.entries((await indexAliases(cluster, index)) ?? {})) {
      if (!alias.startsWith(feedPrefix(record.name))) continue;
      if (alias === ours && index === target) continue;
      if (properties.is_write_index === false) continue;
      actions.push({ add: { index, alias, is_hidden: true, is_write_index: false } });
    }
  }
  if (target !== undefined)
    actions.push({ add: { index: target, alias: ours, is_hidden: true, is_write_index: true } });
  return actions;
}

/** At the end nothing of ours stays: all that was written through. */
export async function removeOurAliases(
  cluster: Cluster,
  record: MigrationRecord,
  index: string,
): Promise<AliasAction[]> {
  return Object.keys((await indexAliases(cluster, index)) ?? {})
    .filter((alias) => alias.startsWith(feedPrefix(record.name)) || isOurGeneration(record, alias))
    .map((alias) => ({ remove: { index, alias } }));
}

/** Ledgers go in an alias call: a coordinator that was replaced can't delete its successor's. */
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
