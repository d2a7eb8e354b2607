// For `twindex init` and `twindex types`: finds the live indexes that a user names, or suggests others.
import type { Cluster } from '../cluster/cluster.js';
import { matchesWildcard } from '../cluster/indexExpression.js';
import { getIndexes, type LiveIndex } from '../cluster/indices/getIndex.js';
import { type IndexNames, listAliases } from '../cluster/indices/listAliases.js';
import { TwindexError } from '../errors.js';
import {
  isOneOfSeries,
  type LeftOut,
  mayBeDeclared,
  reasonToLeaveOut,
  stemOf,
} from '../plan/recogniseIndexes.js';
import { versionInName } from '../protocol/indexVersion.js';
import { aliasesOfClients } from '../protocol/names.js';
import { nearest } from '../schema/nearestName.js';

export interface ChosenIndexes {
  readonly indexes: readonly LiveIndex[];
  /** The number of indexes behind each alias. */
  readonly shared: ReadonlyMap<string, number>;
  /** Indexes that a pattern matches, but that probably do not belong to an application. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * @param expressions names of indexes or aliases, and patterns; an empty list means all indexes
 * @throws TwindexError `not_found`, with suggestions; `usage` for an alias of several indexes
 */
export async function chooseIndexes(
  cluster: Cluster,
  expressions: readonly string[],
): Promise<ChosenIndexes> {
  const all = (await listAliases(cluster, ['*'])).filter(({ index }) => mayBeDeclared(index));
  const found = new Map<string, LiveIndex>();
  const leftOut: LeftOut[] = [];
  const parts = expressions.flatMap((text) => text.split(',')).filter((text) => text !== '');
  for (const part of parts.length === 0 ? ['*'] : parts) {
    const isPattern = part.includes('*');
    const names = isPattern ? matching(part, all, parts.length === 0, leftOut) : namedBy(part, all);
    for (const name of names) {
      const indexes = await getIndexes(cluster, name, { hidden: true });
      // an index that a pattern has found may be deleted before it is read
      if (isPattern && indexes.length === 0) continue;
      const live = theOne(name, indexes, all);
      found.set(live.index, live);
    }
  }
  return { indexes: [...found.values()], shared: countAliases(all), leftOut };
}

/** @throws TwindexError as `chooseIndexes` */
export async function chooseOne(cluster: Cluster, name: string): Promise<LiveIndex> {
  const { indexes } = await chooseIndexes(cluster, [name]);
  return theOne(name, indexes, []);
}

function countAliases(all: readonly IndexNames[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const alias of all.flatMap(({ aliases }) => aliases)) counts.set(alias, (counts.get(alias) ?? 0) + 1);
  return counts;
}

/**
 * @returns the index or alias of this name; if there is none, the versions of the name: `books-v1` for
 * `books`
 */
function namedBy(name: string, all: readonly IndexNames[]): string[] {
  if (all.some(({ index, aliases }) => index === name || aliases.includes(name))) return [name];
  const versions = all.filter(({ index, aliases }) => {
    const isServed = clientNames(aliases).length > 0;
    return stemOf(index) === name && (isServed || versionInName(name, index) !== undefined);
  });
  return versions.length === 0 ? [name] : versions.map(({ index }) => index);
}

/** @param everything true if the user named no index. Then indexes of a series, such as logs, are left out */
function matching(
  pattern: string,
  all: readonly IndexNames[],
  everything: boolean,
  leftOut: LeftOut[],
): string[] {
  const matched = all.filter(({ index, aliases }) =>
    [index, ...clientNames(aliases)].some((name) => matchesWildcard(pattern, name)),
  );
  if (matched.length === 0) throw notFound(pattern, all);
  return matched.flatMap(({ index, aliases }) => {
    const isSeries = everything && clientNames(aliases).length === 0 && isOneOfSeries(index);
    const reason =
      reasonToLeaveOut(index) ??
      (isSeries ? 'its name shows that it is one of a series of indexes, such as daily logs' : undefined);
    if (reason === undefined) return [index];
    leftOut.push({ index, reason });
    return [];
  });
}

const clientNames = (aliases: readonly string[]): string[] =>
  Object.keys(aliasesOfClients(Object.fromEntries(aliases.map((alias) => [alias, true]))));

function theOne(name: string, found: readonly LiveIndex[], all: readonly IndexNames[]): LiveIndex {
  const [live] = found;
  if (!live) throw notFound(name, all);
  if (found.length === 1) {
    if (mayBeDeclared(live.index)) return live;
    throw new TwindexError(
      'usage',
      `${live.index} is an index of the engine or of twindex, which can't be migrated`,
    );
  }
  const names = found.map(({ index }) => index).join(', ');
  throw new TwindexError('usage', `${name} stands for several indexes (${names}). Name one of them.`);
}

const SHOWN = 10;

function notFound(wanted: string, all: readonly IndexNames[]): TwindexError {
  const names = [...new Set(all.flatMap(({ index, aliases }) => [index, ...clientNames(aliases)]))].sort();
  if (names.length === 0)
    return new TwindexError(
      'not_found',
      'the cluster has no index yet, apart from those of the engine and of twindex',
    );
  const what = wanted.includes('*')
    ? `no index and no alias has a name like ${wanted}`
    : `there is no index or alias ${wanted}`;
  const meant = suggestions(wanted, names);
  const shown = names.slice(0, SHOWN).join(', ');
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  const hint = meant.length > 0 ? `Did you mean ${meant.join(', ')}?` : `The cluster has: ${shown}${more}.`;
  return new TwindexError('not_found', what, { hint });
}

/** @returns the name that differs in at most two letters; if there is none, names that contain or begin like `wanted` */
function suggestions(wanted: string, names: readonly string[]): readonly string[] {
  const text = wanted.replaceAll('*', '').toLowerCase();
  // the user may leave out the version: `boks` is close to the `books` of `books-v1`
  const known = new Map(
    [...names.map(stemOf), ...names].map((name, n) => [name, names[n % names.length] ?? name]),
  );
  const closest = nearest(text, known.keys());
  if (closest !== undefined) return [known.get(closest) ?? closest];
  const begin = text.slice(0, Math.max(4, text.length - 2));
  return names.filter((name) => text !== '' && (name.includes(text) || name.startsWith(begin))).slice(0, 5);
}
