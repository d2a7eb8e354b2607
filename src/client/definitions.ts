// The managed indexes of a client: given in code, or by the index files of a configuration.
import type { IndexInput } from '../schema/config.js';
import { readIndexDefinition } from '../schema/indexSchema.js';
import { loadConfig } from '../schema/load.js';
import type { IndexDefinition } from '../schema/types.js';
import { throwProblems } from '../schema/validation.js';

/** @throws TwindexError `config_invalid`; its message has one line for each thing that is wrong */
export async function loadDefinitions({
  indexes,
  config,
}: {
  readonly indexes?: readonly IndexInput[] | undefined;
  readonly config?: string | undefined;
}): Promise<readonly IndexDefinition[]> {
  if (!indexes) return (await loadConfig({ file: config, cwd: process.cwd(), env: process.env })).indexes;
  const read = indexes.map((value, n) =>
    readIndexDefinition({ file: `indexes[${n}]`, value }, `indexes[${n}]`),
  );
  throwProblems(read.flatMap((one) => ('problems' in one ? one.problems : [])));
  return read.flatMap((one) => ('definition' in one ? [one.definition] : []));
}
