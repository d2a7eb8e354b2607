// Reads the declarations of a project from a configuration file, from options in code, or from both.
import { TwindexError } from '../errors.js';
import type { Config } from '../schema/config.js';
import { loadConfig, readIndexInputs } from '../schema/load.js';
import type { Declarations } from './project.js';
import type { TwindexOptions } from './twindexOptions.js';

const KNOWN: Readonly<Record<keyof TwindexOptions, true>> = {
  config: true,
  cluster: true,
  source: true,
  indexes: true,
  onWarning: true,
};

/**
 * Refuses unknown options: if a misspelt `cluster` were ignored, the cluster of the configuration file would be
 * changed instead. @throws TwindexError `usage`
 */
export function requireTwindexOptions(options: TwindexOptions): void {
  const fail = (text: string): never => {
    throw new TwindexError('usage', `createTwindex: ${text}`);
  };
  for (const key of Object.keys(options))
    if (!Object.hasOwn(KNOWN, key)) fail(`unknown option ${key}; known are ${Object.keys(KNOWN).join(', ')}`);
  for (const key of ['cluster', 'source'] as const)
    if (options[key] && !Array.isArray(options[key].nodes))
      fail(`${key}: expected an object with nodes, a list of addresses such as http://localhost:9200`);
  if (options.indexes && !Array.isArray(options.indexes))
    fail('indexes: expected a list of index definitions');
}

const NO_DEFAULTS: Config['defaults'] = { hooks: undefined, notify: undefined };

/** @throws TwindexError `config_invalid` */
export async function readDeclarations(options: TwindexOptions, withIndexes: boolean): Promise<Declarations> {
  const { config: file, cluster, source, indexes } = options;
  const reads = !cluster || !indexes;
  const config = reads
    ? await loadConfig({ file, cwd: process.cwd(), env: process.env, withIndexes: withIndexes && !indexes })
    : { cluster, defaults: NO_DEFAULTS, indexes: [], families: [] };
  return {
    ...config,
    ...(cluster ? { cluster } : {}),
    ...(source ? { source } : {}),
    ...(indexes && withIndexes ? readIndexInputs(indexes, config.defaults) : {}),
  };
}
