// The declared indexes of a project, with the connection to its cluster. Nearly every command, and every function of
// `createTwindex`, first opens a project.
import { type Cluster, connect } from '../cluster/cluster.js';
import type { ClusterOptions } from '../cluster/clusterOptions.js';
import { connectProblem } from '../cluster/connectProblem.js';
import { isTwindexError, TwindexError } from '../errors.js';
import type { Undeclared } from '../coordinator/migration/runMigration.js';
import { matchesWildcard } from '../cluster/indexExpression.js';
import { findMembers } from '../plan/findMembers.js';
import { isPattern, partOf } from '../schema/family.js';
import type { Config } from '../schema/config.js';
import type { DeclaredIndexes, IndexDefinition } from '../schema/types.js';

export interface Project {
  readonly cluster: Cluster;
  readonly defaults: Config['defaults'];
  /** The declarations in the index files. @throws TwindexError `config_invalid` */
  readonly declared: () => Promise<DeclaredIndexes>;
}

/** The content of a configuration, without the path of its file. */
export type Declarations = Omit<Config, 'file'>;

/** Loads a configuration. @param withIndexes false: index files are not read */
export type LoadDeclarations = (withIndexes: boolean) => Promise<Declarations>;

export interface ProjectOptions {
  /**
   * When to load index files. `later`: on first use, so that a command that needs no index file works even if
   * a file is invalid.
   */
  readonly indexes?: 'now' | 'later';
  /** Limits for a command that must return soon, even if the cluster does not respond. */
  readonly patience?: Pick<ClusterOptions, 'requestTimeoutMs' | 'maxRetries'>;
  /** Whether to connect to the source cluster. `mayBeAway`: if this fails, only requests to the source cluster fail. */
  readonly source?: 'needed' | 'mayBeAway' | 'unneeded';
}

/** Loads the configuration and connects. The caller closes `cluster`. */
export async function openProject(
  load: LoadDeclarations,
  { indexes = 'now', source = 'needed', patience = {} }: ProjectOptions = {},
): Promise<Project> {
  const config = await load(indexes === 'now');
  const from = source === 'unneeded' ? undefined : config.source;
  const cluster = await connect(
    { ...config.cluster, ...patience },
    from && { options: from, mayBeAway: source === 'mayBeAway' },
    connectProblem,
  );
  const { defaults } = config;
  const declared = async (): Promise<DeclaredIndexes> => (indexes === 'now' ? config : await load(true));
  return { cluster, defaults, declared };
}

/** Called with each line that the user should see. */
export type Tell = (note: string) => unknown;

/** All declared indexes, sorted by name. A family is replaced by its live indexes. */
export async function allDefinitions(
  { cluster, declared }: Project,
  tell: Tell,
): Promise<readonly IndexDefinition[]> {
  const { definitions, notes } = await findMembers(cluster, await declared());
  for (const note of notes) tell(note);
  return definitions;
}

/**
 * The indexes that match names and patterns (`tenant-*`), sorted by name, without duplicates.
 * @throws TwindexError `not_found` for an unknown name, `usage` for a pattern that matches nothing
 */
export async function definitionsOf(
  project: Project,
  namesAndPatterns: readonly string[],
  tell: Tell,
): Promise<readonly IndexDefinition[]> {
  const all = await allDefinitions(project, tell);
  const chosen = new Set<IndexDefinition>();
  for (const wanted of namesAndPatterns) {
    const found = all.filter(({ name }) => matchesWildcard(wanted, name));
    if (found.length === 0) throw unknown(wanted, await project.declared(), all);
    for (const definition of found) chosen.add(definition);
  }
  return all.filter((definition) => chosen.has(definition));
}

/** The indexes that match, or all declared indexes if no name is given. @throws as `definitionsOf` */
export const chosenDefinitions = (
  project: Project,
  namesAndPatterns: readonly string[],
  tell: Tell,
): Promise<readonly IndexDefinition[]> =>
  namesAndPatterns.length > 0
    ? definitionsOf(project, namesAndPatterns, tell)
    : allDefinitions(project, tell);

/** @throws TwindexError `not_found`; the message lists the declared indexes */
export async function definitionOf(project: Project, name: string): Promise<IndexDefinition> {
  const { cluster } = project;
  const declared = await project.declared();
  const own = declared.indexes.find((definition) => definition.name === name);
  if (own) return own;
  const { definitions } = await findMembers(cluster, declared);
  const member = definitions.find((definition) => definition.name === name);
  if (member) return member;
  throw unknown(name, declared, definitions);
}

/**
 * Like `definitionOf`, but returns the error instead of throwing it, for commands that also work without a
 * definition.
 */
export async function definitionOrWhy(project: Project, name: string): Promise<IndexDefinition | Undeclared> {
  try {
    return await definitionOf(project, name);
  } catch (error) {
    if (!isTwindexError(error, 'config_invalid', 'not_found')) throw error;
    return { name, why: error, ...project.defaults };
  }
}

const SHOWN = 20;

function unknown(
  wanted: string,
  { families }: DeclaredIndexes,
  definitions: readonly IndexDefinition[],
): TwindexError {
  const code = isPattern(wanted) ? 'usage' : 'not_found';
  if (definitions.length === 0 && families.length === 0)
    return new TwindexError(code, 'no index is declared: the configuration matches no index file');
  const names = definitions.slice(0, SHOWN).map(({ name }) => name);
  const more = definitions.length - names.length;
  const list =
    names.length === 0
      ? `${families.map(({ pattern }) => pattern).join(', ')} (no live index matches)`
      : `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const family = families.find(({ pattern }) => partOf(pattern, wanted) !== undefined);
  const what = isPattern(wanted)
    ? `no declared index has a name like ${wanted}`
    : family
      ? `${wanted} would belong to the family ${family.pattern} of ${family.file}, but the cluster has no index of this name`
      : `no index file declares ${wanted}`;
  return new TwindexError(code, `${what}; declared are: ${list}`);
}
