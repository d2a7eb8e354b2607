// Finds the live index of a definition: the index behind its aliases, or the index with its name.
import type { Cluster } from '../cluster/cluster.js';
import { getIndexes, type LiveIndex } from '../cluster/indices/getIndex.js';
import { versionInName } from '../protocol/indexVersion.js';
import type { IndexDefinition } from '../schema/types.js';

/** The indexes that the names in an index file refer to. */
export interface Surroundings {
  /** The indexes behind the read alias, or the index of this name. */
  readonly readers: readonly LiveIndex[];
  /** The indexes behind the write alias, or the index of this name. */
  readonly writers: readonly LiveIndex[];
  /** The index `<name>` and every `<name>-v<N>`. */
  readonly named: readonly LiveIndex[];
}

/**
 * `two-aliases`: readers and writers have an alias each. `one-alias`: both use the same alias. `bare-index`:
 * clients use the index's own name, which the switch turns into an alias. `none`: there is no index, or it has
 * none of the aliases.
 */
export type Layout = 'two-aliases' | 'one-alias' | 'bare-index' | 'none';

export async function lookAround(cluster: Cluster, definition: IndexDefinition): Promise<Surroundings> {
  const { name, aliases } = definition;
  const [readers, writers, bare, versions] = await Promise.all([
    getIndexes(cluster, aliases.read),
    getIndexes(cluster, aliases.write),
    getIndexes(cluster, name),
    // a pattern does not match closed and hidden indexes by default
    getIndexes(cluster, `${name}-v*`, { hidden: true }),
  ]);
  const named = [
    ...bare.filter(({ index }) => index === name),
    ...versions.filter(({ index }) => versionInName(name, index) !== undefined),
  ];
  return { readers, writers, named };
}

/**
 * @returns the index of the writers; otherwise that of the readers; otherwise the one with the highest
 * version in its name
 */
export function chooseLive(definition: IndexDefinition, around: Surroundings): LiveIndex | undefined {
  const { read, write } = definition.aliases;
  const behind = around.writers.length > 0 ? around.writers : around.readers;
  const alias = around.writers.length > 0 ? write : read;
  if (behind.length > 0) return behind.find(({ aliases }) => aliases[alias]?.is_write_index) ?? behind.at(-1);
  const newest = (index: LiveIndex) => versionInName(definition.name, index.index) ?? 0;
  return [...around.named].sort((a, b) => newest(b) - newest(a))[0];
}

export function layoutOf(definition: IndexDefinition, live: LiveIndex | undefined): Layout {
  const { read, write } = definition.aliases;
  if (!live) return 'none';
  if (live.index === read || live.index === write) return 'bare-index';
  if (!(read in live.aliases) && !(write in live.aliases)) return 'none';
  return read === write ? 'one-alias' : 'two-aliases';
}
