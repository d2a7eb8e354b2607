// Loads the managed indexes of a client, from its options or from the index files of a configuration.
import type { IndexInput } from '../../schema/config.js';
import { readIndexDefinition } from '../../schema/indexSchema.js';
import { loadConfig } from '../../schema/load.js';
import type { DeclaredIndexes } from '../../schema/types.js';
import { throwProblems } from '../../schema/validation.js';

/** @throws TwindexError `config_invalid`; its message has one line for each problem */
export async function loadDeclared({
  indexes,
  config,
}: {
  readonly indexes?: readonly IndexInput[] | undefined;
  readonly config?: string | undefined;
}): Promise<DeclaredIndexes> {
  if (!indexes) return loadConfig({ file: config, cwd: process.cwd(), env: process.env });
  const read = indexes.map((value, n) =>
    readIndexDefinition({ file: `indexes[${n}]`, value }, `indexes[${n}]`),
  );
  throwProblems(read.flatMap((one) => ('problems' in one ? one.problems : [])));
  return {
    indexes: read.flatMap((one) => ('definition' in one ? [one.definition] : [])),
    families: read.flatMap((one) => ('family' in one ? [one.family] : [])),
  };
}
