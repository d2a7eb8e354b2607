// The configuration, its index files and the cluster, as a command needs them.
import { type Cluster, connect } from '../cluster/cluster.js';
import { TwindexError } from '../errors.js';
import { matchesWildcard } from '../mirror/indexExpression.js';
import { findMembers } from '../plan/findMembers.js';
import { isPattern, partOf } from '../schema/family.js';
import { loadConfig } from '../schema/load.js';
import type { DeclaredIndexes, IndexDefinition } from '../schema/types.js';
import type { Cli, GlobalOptions } from './cli.js';

export interface Project {
  readonly cluster: Cluster;
  readonly declared: DeclaredIndexes;
}

interface ProjectOptions {
  readonly withIndexes?: boolean;
  /** The cluster that indexes come from. */
  readonly source?: 'needed' | 'mayBeAway' | 'unneeded';
}

/** Runs a command's body with the project, and closes the connection after it. */
export async function withProject<T>(
  options: GlobalOptions,
  body: (project: Project) => Promise<T>,
  { withIndexes = true, source = 'needed' }: ProjectOptions = {},
): Promise<T> {
  const config = await loadConfig({
    file: options.config,
    cwd: process.cwd(),
    env: process.env,
    withIndexes,
  });
  const from = source === 'unneeded' ? undefined : config.source;
  const cluster = await connect(config.cluster, from && { options: from, mayBeAway: source === 'mayBeAway' });
  try {
    return await body({ cluster, declared: config });
  } finally {
    await cluster.close();
  }
}

/** Also while the cluster that indexes come from can't be reached: whoever needs it is told then. */
export const withSourceMaybeAway = <T>(
  options: GlobalOptions,
  body: (project: Project) => Promise<T>,
): Promise<T> => withProject(options, body, { source: 'mayBeAway' });

/** For what is known from the journal alone. */
export const withJournal = <T>(options: GlobalOptions, body: (project: Project) => Promise<T>): Promise<T> =>
  withProject(options, body, { source: 'unneeded' });

/** Told what the user should know, a line at a time. */
export type Tell = (note: string) => unknown;

export const tellOnStderr =
  ({ io }: Cli): Tell =>
  (note) =>
    io.stderr.write(`${note}\n`);

/** All that are declared, families as the indexes that are live; by name. */
export async function allDefinitions(
  { cluster, declared }: Project,
  tell: Tell,
): Promise<readonly IndexDefinition[]> {
  const { definitions, notes } = await findMembers(cluster, declared);
  for (const note of notes) tell(note);
  return definitions;
}

/**
 * Those that names and patterns (`tenant-*`) stand for; by name, each once.
 * @throws TwindexError `not_found` for a name, `usage` for a pattern that nothing is declared for
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
    if (found.length === 0) throw unknown(wanted, project, all);
    for (const definition of found) chosen.add(definition);
  }
  return all.filter((definition) => chosen.has(definition));
}

/** @throws TwindexError `not_found` that names those that are declared */
export async function definitionOf(project: Project, name: string): Promise<IndexDefinition> {
  const { cluster, declared } = project;
  const own = declared.indexes.find((definition) => definition.name === name);
  if (own) return own;
  const { definitions } = await findMembers(cluster, declared);
  const member = definitions.find((definition) => definition.name === name);
  if (member) return member;
  throw unknown(name, project, definitions);
}

const SHOWN = 20;

function unknown(
  wanted: string,
  { declared: { families } }: Project,
  definitions: readonly IndexDefinition[],
): TwindexError {
  const code = isPattern(wanted) ? 'usage' : 'not_found';
  if (definitions.length === 0 && families.length === 0)
    return new TwindexError(code, 'no index is declared: the configuration finds no index file');
  const names = definitions.slice(0, SHOWN).map(({ name }) => name);
  const more = definitions.length - names.length;
  const list =
    names.length === 0
      ? `${families.map(({ pattern }) => pattern).join(', ')}, without a live index`
      : `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const family = families.find(({ pattern }) => partOf(pattern, wanted) !== undefined);
  const what = isPattern(wanted)
    ? `no index that is declared has a name like ${wanted}`
    : family
      ? `${wanted} would belong to ${family.pattern} of ${family.file}, but the cluster has no such index`
      : `no index file declares ${wanted}`;
  return new TwindexError(code, `${what}; declared are: ${list}`);
}
