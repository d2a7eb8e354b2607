// Finds the live indexes that belong to a family (one index file for many indexes, `name: 'tenant-*'`), and builds
// a definition for each. Pure.
import type { IndexDefinition, IndexFamily } from './types.js';

export interface FoundIndex {
  readonly index: string;
  readonly aliases: readonly string[];
}

export interface Expansion {
  readonly members: readonly IndexDefinition[];
  /** Indexes that are left out, because they could belong to several members or families. */
  readonly unclear: readonly { readonly index: string; readonly names: readonly string[] }[];
  readonly empty: readonly IndexFamily[];
}

export function isPattern(name: string): boolean {
  return name.includes('*');
}

/** The text that matches `*` in `name`: `a` for `tenant-a`. A leading `*` matches no leading dot. */
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

/** @param own indexes with an index file of their own, which takes precedence over the file of a family */
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
      if (!before || specificity(candidate.family) > specificity(before.family)) members.set(name, candidate);
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

/** `tenant-eu-*` is more specific than `tenant-*`, so it takes precedence. */
const specificity = ({ pattern }: IndexFamily): number => pattern.length;

/** The texts that `*` may stand for, from the aliases or, if none fits, from the name. Several are ambiguous. */
function partsOf({ pattern, aliases }: IndexFamily, { index, aliases: known }: FoundIndex): string[] {
  const base = baseOf(index);
  const byName = partOf(pattern, base ?? index);
  // applications may use an index without a version by its own name, like an alias
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

function baseOf(index: string): string | undefined {
  return /^(.+)-v[1-9]\d*$/.exec(index)?.[1];
}
