// A family: one index file for many indexes, `name: 'tenant-*'`. Which live indexes belong to it, and what is declared of
// each of them. Pure.
import type { IndexDefinition, IndexFamily } from './types.js';

/** A live index with the names that clients may know it by. */
export interface FoundIndex {
  readonly index: string;
  readonly aliases: readonly string[];
}

export interface Expansion {
  /** One for each member, by name. */
  readonly members: readonly IndexDefinition[];
  /** Indexes of which it can't be told what they are; left out. */
  readonly unclear: readonly { readonly index: string; readonly names: readonly string[] }[];
  /** Families without a member. */
  readonly empty: readonly IndexFamily[];
}

export function isPattern(name: string): boolean {
  return name.includes('*');
}

/** What stands for the one `*` of a pattern: `a` for `tenant-*` and `tenant-a`. As in a shell it begins with no dot. */
export function partOf(pattern: string, name: string): string | undefined {
  const [before = '', after = ''] = pattern.split('*');
  if (name.length <= before.length + after.length) return undefined;
  if (!name.startsWith(before) || !name.endsWith(after)) return undefined;
  const part = name.slice(before.length, name.length - after.length);
  return before === '' && part.startsWith('.') ? undefined : part;
}

export function memberOf({ pattern, aliases, ...rest }: IndexFamily, part: string): IndexDefinition {
  const filled = (text: string): string => text.replace('*', () => part);
  return {
    ...rest,
    name: filled(pattern),
    aliases: { read: filled(aliases.read), write: filled(aliases.write) },
  };
}

/** @param own what has an index file of its own: that goes before a family */
export function expandFamilies(
  families: readonly IndexFamily[],
  own: readonly IndexDefinition[],
  found: readonly FoundIndex[],
): Expansion {
  const taken = new Set(own.flatMap(({ name, aliases }) => [name, aliases.read, aliases.write]));
  const members = new Map<string, Candidate>();
  const unclear: { index: string; names: readonly string[] }[] = [];
  for (const live of found) {
    if ([live.index, baseOf(live.index), ...live.aliases].some((name) => taken.has(name ?? ''))) continue;
    const candidates = families
      .flatMap((family) => candidatesOf(family, live))
      .filter(({ definition: { name, aliases } }) =>
        [name, aliases.read, aliases.write].every((each) => !taken.has(each)),
      );
    const names = [...new Set(candidates.map(({ definition }) => definition.name))].sort();
    if (names.length > 1) unclear.push({ index: live.index, names });
    for (const candidate of names.length === 1 ? candidates : []) {
      const { name } = candidate.definition;
      const before = members.get(name);
      if (!before || literals(candidate.family) > literals(before.family)) members.set(name, candidate);
    }
  }
  const chosen = [...members.values()];
  return {
    members: chosen.map(({ definition }) => definition).sort((a, b) => (a.name < b.name ? -1 : 1)),
    unclear,
    empty: families.filter((family) => !chosen.some((candidate) => candidate.family === family)),
  };
}

interface Candidate {
  readonly family: IndexFamily;
  readonly definition: IndexDefinition;
}

function candidatesOf(family: IndexFamily, live: FoundIndex): Candidate[] {
  return partsOf(family, live).map((part) => ({ family, definition: memberOf(family, part) }));
}

/** `tenant-eu-*` says more than `tenant-*`. */
const literals = ({ pattern }: IndexFamily): number => pattern.length;

/** By its aliases, since those are what clients use; else by its name. More than one: it can't be told. */
function partsOf({ pattern, aliases }: IndexFamily, { index, aliases: known }: FoundIndex): string[] {
  const base = baseOf(index);
  const byName = partOf(pattern, base ?? index);
  // clients may use the own name of an index that has no version, as if it were an alias
  const names = base === undefined ? [index, ...known] : known;
  const readers = partsIn(aliases.read, names);
  const writers = partsIn(aliases.write, names);
  const any = new Set([...readers, ...writers]);
  if (byName !== undefined && (any.size === 0 || (base !== undefined && any.has(byName)))) return [byName];
  const both = [...readers].filter((part) => writers.has(part));
  const served = both.length > 0 ? both : [...any];
  const hasAlias = [aliases.read, aliases.write].some((each) => partsIn(each, known).size > 0);
  return hasAlias || byName === undefined ? served : [...new Set([byName, ...served])];
}

function partsIn(pattern: string, names: readonly string[]): Set<string> {
  return new Set(names.flatMap((name) => partOf(pattern, name) ?? []));
}

/** `tenant-a` for `tenant-a-v3`; undefined without a version. */
function baseOf(index: string): string | undefined {
  return /^(.+)-v[1-9]\d*$/.exec(index)?.[1];
}
