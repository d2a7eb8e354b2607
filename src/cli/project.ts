// The configuration, its index files and the cluster, as a command needs them.
import { type Cluster, connect } from '../cluster/cluster.js';
import { TwindexError } from '../errors.js';
import { loadConfig } from '../schema/load.js';
import type { IndexDefinition } from '../schema/types.js';
import type { GlobalOptions } from './cli.js';

export interface Project {
  readonly cluster: Cluster;
  readonly definitions: readonly IndexDefinition[];
}

/** Runs a command's body with the project, and closes the connection after it. */
export async function withProject<T>(
  options: GlobalOptions,
  body: (project: Project) => Promise<T>,
  { withIndexes = true }: { readonly withIndexes?: boolean } = {},
): Promise<T> {
  const config = await loadConfig({
    file: options.config,
    cwd: process.cwd(),
    env: process.env,
    withIndexes,
  });
  const cluster = await connect(config.cluster);
  try {
    return await body({ cluster, definitions: config.indexes });
  } finally {
    await cluster.close();
  }
}

/** @throws TwindexError `not_found` that names those that are declared */
export function definitionOf({ definitions }: Project, name: string): IndexDefinition {
  const found = definitions.find((definition) => definition.name === name);
  if (found) return found;
  const names = definitions.map((definition) => definition.name).join(', ');
  throw new TwindexError(
    'not_found',
    names
      ? `no index file declares ${name}; declared are: ${names}`
      : 'no index is declared: the configuration finds no index file',
  );
}
