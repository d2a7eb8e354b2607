// Loads the managed indexes of a client, from its options or from the index files of a configuration.
import type { IndexInput } from '../../schema/config.js';
import { loadConfig, readIndexInputs } from '../../schema/load.js';
import type { DeclaredIndexes } from '../../schema/types.js';

/** @throws TwindexError `config_invalid`; its message has one line for each problem */
export async function loadDeclared({
  indexes,
  config,
}: {
  readonly indexes?: readonly IndexInput[] | undefined;
  readonly config?: string | undefined;
}): Promise<DeclaredIndexes> {
  if (!indexes) return loadConfig({ file: config, cwd: process.cwd(), env: process.env });
  return readIndexInputs(indexes, { hooks: undefined, notify: undefined });
}
