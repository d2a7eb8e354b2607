// For `twindex init`: chooses the live indexes that get an index file, and their names, versions and aliases.
// Pure.
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import { liveVersion } from '../protocol/indexVersion.js';
import { aliasesOfClients, isOwnIndex } from '../protocol/names.js';
import { ownMeta } from '../protocol/ownMeta.js';

export interface Recognised {
  readonly live: LiveIndex;
  readonly name: string;
  readonly version: number;
  readonly aliases: { readonly read: string; readonly write: string };
  /** True if the aliases are a guess, which the user has to check. */
  readonly guessed: boolean;
  /** The tool that has created the index, if the name of the index shows it. */
  readonly tool?: 'Searchkick' | 'chewy' | undefined;
}

export interface LeftOut {
  readonly index: string;
  readonly reason: string;
}

export interface Recognition {
  readonly recognised: readonly Recognised[];
  readonly leftOut: readonly LeftOut[];
}

/** Indexes that tools use themselves. They do not belong to an application. */
const OF_TOOLS: readonly (readonly [name: RegExp, reason: string])[] = [
  [/^es_evolution$/, 'the history of elasticsearch-evolution'],
  [/^chewy_(specifications|journal)$/, 'an internal index of chewy'],
  [/^(security-auditlog|top_queries)-/, 'an internal index of OpenSearch'],
];

/** False for indexes of the engine, whose names begin with a dot, and of twindex. */
export const mayBeDeclared = (index: string): boolean => !index.startsWith('.') && !isOwnIndex(index);

/** Why `init` leaves an index out, unless the user asks for it by its full name. */
export const reasonToLeaveOut = (index: string): string | undefined =>
  OF_TOOLS.find(([name]) => name.test(index))?.[1];

/** True for one of a series of indexes, such as `logs-2026.01.31`, `metrics-000017`. */
export const isOneOfSeries = (index: string): boolean =>
  /[-_.](\d{4}[-_.]\d\d([-_.]\d\d)?|\d{6})$/.test(index);

/**
 * @param shared the number of indexes behind each alias. An alias of several indexes can't be migrated
 * @param asked the name that the user wants, if there is only one index
 */
export function recogniseIndexes(
  indexes: readonly LiveIndex[],
  shared: ReadonlyMap<string, number>,
  asked?: string,
): Recognition {
  const leftOut: LeftOut[] = [];
  const usable = indexes.map((live) => ({ live, aliases: aliasesOf(live, shared) }));
  const taken = new Set(usable.filter(({ aliases }) => aliases.length > 0).map(nameOf));
  const byName = new Map<string, Usable[]>();
  for (const one of usable) {
    const reason = reasonAgainst(one, shared);
    const name = asked ?? leftoverOf(one, taken) ?? nameOf(one);
    if (reason === undefined) byName.set(name, [...(byName.get(name) ?? []), one]);
    else leftOut.push({ index: one.live.index, reason });
  }
  const recognised = [...byName].map(([name, group]) => {
    const one = recognise(name, group);
    for (const { live, aliases } of group) {
      if (live !== one.live) leftOut.push({ index: live.index, reason: whyNotThis(one, aliases) });
    }
    return one;
  });
  return { recognised: recognised.sort((a, b) => (a.name < b.name ? -1 : 1)), leftOut };
}

interface Usable {
  readonly live: LiveIndex;
  /** The aliases of applications that point only to this index. */
  readonly aliases: readonly string[];
}

function aliasesOf({ aliases }: LiveIndex, shared: ReadonlyMap<string, number>): string[] {
  return Object.keys(aliasesOfClients(aliases)).filter((alias) => (shared.get(alias) ?? 1) === 1);
}

function reasonAgainst({ live, aliases }: Usable, shared: ReadonlyMap<string, number>): string | undefined {
  const all = Object.keys(aliasesOfClients(live.aliases));
  const capital = aliases.find((alias) => alias !== alias.toLowerCase());
  if (capital !== undefined)
    return `its alias ${capital} has capital letters, which twindex does not support`;
  const [first] = all;
  if (first === undefined || aliases.length > 0) return undefined;
  return `its alias ${first} leads to ${shared.get(first)} indexes, and twindex migrates one index behind an alias`;
}

/**
 * For an old index that has lost its aliases, such as `products_20240101`: its name (`products`), if another
 * index now has this name. Searchkick keeps such old indexes.
 */
function leftoverOf(one: Usable, taken: ReadonlySet<string>): string | undefined {
  if (one.aliases.length > 0) return undefined;
  const stem = stemOf(one.live.index);
  return stem !== one.live.index && taken.has(stem) ? stem : undefined;
}

const whyNotThis = ({ name, live }: Recognised, aliases: readonly string[]): string =>
  aliases.length === 0
    ? `it has no alias, and ${live.index} is the present index of ${name}`
    : `its aliases and those of ${live.index} belong to ${name}: a migration may be under way`;

function nameOf({ live, aliases }: Usable): string {
  const own = ownMeta(live.mappings)?.name;
  if (typeof own === 'string') return own;
  const version = /^(.+)-v[1-9]\d*$/.exec(live.index);
  if (version?.[1] !== undefined) return version[1];
  const [only] = aliases;
  if (only === undefined) return live.index;
  if (aliases.length === 1) return only;
  const common = commonBeginning(aliases);
  return common !== '' && live.index.startsWith(common) ? common : stemOf(live.index);
}

/** For example `products` for `products_20240101120000000`, `products-v2`, `products-000001`. */
export const stemOf = (index: string): string => /^(.*?[^-_.])[-_.]v?\d[\d._-]*$/.exec(index)?.[1] ?? index;

/** For example `products` for `products-read` and `products-write`. */
function commonBeginning(names: readonly string[]): string {
  const [first = '', ...others] = names;
  const parts = first.split(/(?=[-_.])/);
  while (parts.length > 0 && !others.every((other) => other.startsWith(parts.join('')))) parts.pop();
  return parts.join('');
}

function recognise(name: string, group: readonly Usable[]): Recognised {
  const served = group.filter(({ aliases }) => aliases.length > 0);
  const of = served.length > 0 ? served : group;
  const marked = new Set(of.flatMap(({ live, aliases }) => aliases.filter((one) => isMarked(live, one))));
  const names = of.flatMap(({ aliases }) => aliases);
  const newest = [...of]
    .sort((a, b) => liveVersion(name, a.live) - liveVersion(name, b.live))
    .at(-1) as Usable;
  const aliases = rolesOf(names, marked) ?? withoutRoles(name, newest.live.index, names);
  const { live } = of.find((one) => one.aliases.includes(aliases.write)) ?? newest;
  return {
    live,
    name,
    version: liveVersion(name, live),
    aliases: { read: aliases.read, write: aliases.write },
    guessed: aliases.guessed,
    tool: toolOf(live.index, aliases.write),
  };
}

const isMarked = ({ aliases }: LiveIndex, alias: string): boolean => aliases[alias]?.is_write_index === true;

interface Roles {
  readonly read: string;
  readonly write: string;
  readonly guessed: boolean;
}

/**
 * The alias that readers use, and the one that writers use. @returns undefined if the aliases do not show
 * this
 */
function rolesOf(names: readonly string[], marked: ReadonlySet<string>): Roles | undefined {
  const [only] = names;
  if (only !== undefined && names.length === 1) return { read: only, write: only, guessed: false };
  const write =
    oneOf(names.filter((alias) => marked.has(alias) || /write|index/.test(alias))) ??
    oneOf(names.filter((alias) => marked.has(alias)));
  const others = names.filter((alias) => alias !== write);
  const read = oneOf(others) ?? oneOf(others.filter((alias) => /read|search/.test(alias)));
  return read !== undefined && write !== undefined ? { read, write, guessed: false } : undefined;
}

/**
 * The aliases to declare if the live ones do not show who reads and who writes. The first of several aliases
 * is used for both, because they move together at the switch. Applications use an index without aliases by
 * its own name. An index such as `NAME-v1` gets the default aliases, which the user has to check.
 */
function withoutRoles(name: string, index: string, [first]: readonly string[]): Roles {
  if (first !== undefined) return { read: first, write: first, guessed: true };
  if (index === name) return { read: name, write: name, guessed: false };
  return { read: `${name}-read`, write: `${name}-write`, guessed: true };
}

const oneOf = (names: readonly string[]): string | undefined => (names.length === 1 ? names[0] : undefined);

/**
 * Searchkick appends date and time to the name of the alias; chewy appends seconds or milliseconds since
 * 1970.
 */
function toolOf(index: string, alias: string): Recognised['tool'] {
  const suffix = index.startsWith(`${alias}_`) ? index.slice(alias.length + 1) : '';
  if (/^\d{14,17}$/.test(suffix)) return 'Searchkick';
  return /^\d{10}(\d{3})?$/.test(suffix) ? 'chewy' : undefined;
}
