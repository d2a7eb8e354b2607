// Finds the managed indexes, which are those with an index file, that a name or expression in a client's
// request stands for. An index without a migration is `Resting`: requests to it are forwarded, except writes
// that name a document version or a `version_type`.
import { JOURNAL } from '../../../protocol/names.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import {
  type Expression,
  matchesWildcard,
  readName,
  splitExpression,
} from '../../../cluster/indexExpression.js';
import { ownReason, reachesOwn } from './ownNames.js';
import { type WritersPhase, writersPhase } from '../../../protocol/writerRoles.js';

interface IndexVersion {
  readonly index: string;
  readonly version: number;
}

/** An index with an index file (a managed index), and with a migration. */
export interface Managed {
  readonly name: string;
  /** Clients write through these names: aliases on the leader, or a bare index's own name. */
  readonly aliases: readonly string[];
  /** The alias for reads, if it is not also the write alias. */
  readonly readAlias: string | undefined;
  readonly source: IndexVersion;
  readonly target: IndexVersion;
  readonly phase: WritersPhase;
  /** Whether writes through the read alias reach the leader. If false, the read alias accepts no writes. */
  readonly readersOnLeader: boolean;
}

/** An index with an index file (a managed index), without a migration. */
export interface Resting {
  readonly name: string;
  readonly aliases: ReadonlySet<string>;
  /** Whether a concrete index belongs to this name, or could belong to it. */
  readonly owns: (index: string) => boolean;
  readonly liveVersion: () => number | undefined;
}

export type WriteResolution =
  /** `version` is set if the write names a concrete index: the document has the shape of that version. */
  | { readonly type: 'managed'; readonly managed: Managed; readonly version: number | undefined }
  /** The write is forwarded: no migration of the index is running, or the engine will refuse the write. */
  | { readonly type: 'foreign' }
  | { readonly type: 'refused'; readonly reason: string };

const FOREIGN: WriteResolution = { type: 'foreign' };

export function managedOf(record: MigrationRecord): Managed {
  const { aliases, layout, source, target, sourceAliases } = record;
  const readAlias = layout === 'two-aliases' && aliases.read !== aliases.write ? aliases.read : undefined;
  const writable = new Set([aliases.write, ...Object.keys(sourceAliases)]);
  if (layout === 'bare-index') for (const name of [source.index, aliases.read]) writable.add(name);
  if (readAlias !== undefined) writable.delete(readAlias);
  return {
    name: record.name,
    aliases: [...writable],
    readAlias,
    source,
    target,
    phase: writersPhase(record),
    readersOnLeader: record.readers === record.leader,
  };
}

export class ManagedNames {
  /** Whether a migration is running. */
  readonly active: boolean;
  /** Indexes may be in several clusters, so every bulk has to be parsed. */
  readonly scattered: boolean;
  readonly #managed: readonly Managed[];
  readonly #resting = new Map<string, Resting>();
  readonly #byName = new Map<string, Managed>();
  readonly #writable = new Map<string, WriteResolution>();

  constructor(
    all: readonly Managed[],
    {
      scattered = false,
      resting = [],
    }: { readonly scattered?: boolean; readonly resting?: readonly Resting[] } = {},
  ) {
    this.scattered = scattered;
    for (const one of resting) for (const alias of one.aliases) this.#resting.set(alias, one);
    this.#managed = all.filter(({ phase }) => phase.type !== 'idle');
    this.active = this.#managed.length > 0;
    for (const managed of this.#managed) {
      this.#byName.set(managed.name, managed);
      const { aliases, readAlias, readersOnLeader, source, target } = managed;
      for (const { index, version } of [source, target])
        this.#writable.set(index, { type: 'managed', managed, version });
      if (readAlias !== undefined && readersOnLeader)
        this.#writable.set(readAlias, { type: 'managed', managed, version: undefined });
      for (const alias of aliases)
        this.#writable.set(alias, { type: 'managed', managed, version: undefined });
    }
  }

  byName(name: string): Managed | undefined {
    return this.#byName.get(name);
  }

  restingAt(alias: string): Resting | undefined {
    return this.#resting.get(alias);
  }

  /** Like `restingAt`, but also recognises the names of concrete indexes. */
  restingName(index: string): string | undefined {
    const resting = this.#resting.get(index) ?? [...this.#resting.values()].find((one) => one.owns(index));
    return resting?.name;
  }

  mayDifferFrom(version: number): boolean {
    for (const { liveVersion } of this.#resting.values()) if (liveVersion() !== version) return true;
    return false;
  }

  get all(): readonly Managed[] {
    return this.#managed;
  }

  /** Lists and wildcards are `foreign`: the engine refuses such writes. Ambiguous date math is refused. */
  forWrite(written: string, requireAlias = false): WriteResolution {
    if (reachesOwn(written)) return { type: 'refused', reason: ownReason(written) };
    if (!this.active) return FOREIGN;
    const name = readName(written);
    if (name.type === 'pattern') {
      const reached = this.#managed.find((managed) => namesOf(managed).some((one) => name.matches(one)));
      if (!reached) return FOREIGN;
      return {
        type: 'refused',
        reason: `[${written}] may mean an index of [${reached.name}], whose migration is running: write to it by its name`,
      };
    }
    const found = this.#writable.get(name.name);
    if (found)
      return found.type === 'managed' && found.version !== undefined && requireAlias ? FOREIGN : found;
    return FOREIGN;
  }

  /**
   * The migrations that a request to this expression may concern; without an expression, all. An alias counts
   * as a name of both source and target.
   */
  reached(expression: string | undefined): Managed[] {
    if (!this.active) return [];
    const parts = splitExpression(expression);
    return this.#managed.filter((managed) => reachedIndexes(managed, parts).size > 0);
  }

  /** Finds followers that a write by query would reach. Such a write would bypass the leader. */
  reachedFollower(expression: string): Managed[] {
    const parts = splitExpression(expression);
    return this.#managed.filter((managed) => {
      const { phase, readAlias, readersOnLeader, aliases } = managed;
      if (phase.type !== 'write' && phase.type !== 'unprepared') return false;
      const { follower } = phase.roles;
      const names = [follower, ...(readAlias === undefined || readersOnLeader ? [] : [readAlias])];
      return names.some((name) => !aliases.includes(name) && reaches(parts, name));
    });
  }

  /** Whether the expression names an alias of the index, also one that twindex has made. */
  hasAlias({ name, aliases, readAlias }: Managed, expression: string): boolean {
    const parts = splitExpression(expression);
    const known = [...aliases, ...(readAlias === undefined ? [] : [readAlias]), ...ownAliases(name, parts)];
    return known.some((alias) => reaches(parts, alias));
  }
}

const ownPrefix = (name: string): string => `twindex.${name}.`;
const ledgerPrefix = (name: string): string => `twindex-ledger-${name}-`;

/** Aliases of twindex to try the parts on: an example of a name, and each part that has twindex's prefix. */
const ownAliases = (name: string, parts: readonly Expression[]): string[] => [
  `${ownPrefix(name)}w.0`,
  ...beginningWith(ownPrefix(name), parts),
];
const ownIndexes = (name: string, parts: readonly Expression[]): string[] => [
  JOURNAL,
  `${ledgerPrefix(name)}0`,
  ...beginningWith(ledgerPrefix(name), parts),
];

/** A part may be a wildcard, such as `twindex.catalogue.W*`. It matches itself. */
function beginningWith(prefix: string, parts: readonly Expression[]): string[] {
  return parts.filter(({ text }) => text.startsWith(prefix)).map(({ text }) => text);
}

function namesOf({ aliases, readAlias, source, target }: Managed): string[] {
  return [source.index, target.index, ...aliases, ...(readAlias === undefined ? [] : [readAlias])];
}

/**
 * An exclusion (`-name`) removes an index only if a wildcard found the index by its name. If the index was
 * named directly, or found through an alias, the engines differ from each other. Then the index counts as
 * reached.
 */
function reachedIndexes(managed: Managed, parts: readonly Expression[]): Set<string> {
  const both = [managed.source.index, managed.target.index];
  const indexes = [...both, ...ownIndexes(managed.name, parts)];
  const aliases = [...namesOf(managed).slice(2), ...ownAliases(managed.name, parts)];
  const named = new Set<string>();
  const found = new Set<string>();
  for (const part of parts) {
    for (const index of indexes) {
      const isMatch = matches(part, index);
      if (isMatch && part.excludes) found.delete(index);
      else if (isMatch) (part.wildcard ? found : named).add(index);
    }
    if (part.excludes || !aliases.some((alias) => matches(part, alias))) continue;
    for (const index of both) if (!matches(part, index)) named.add(index);
  }
  return new Set([...named, ...found]);
}

function reaches(parts: readonly Expression[], name: string): boolean {
  return parts.reduce((reached, part) => (matches(part, name) ? !part.excludes : reached), false);
}

function matches({ text, wildcard, pattern }: Expression, name: string): boolean {
  if (pattern) return pattern(name);
  return wildcard ? matchesWildcard(text, name) : text === name;
}
