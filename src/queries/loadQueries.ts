// Loads the searches of an index: from the file that its index file names, and those that gateways recorded.
import { readFile } from 'node:fs/promises';
import type { Cluster } from '../cluster/cluster.js';
import { messageOf, TwindexError } from '../errors.js';
import type { IndexDefinition } from '../schema/types.js';
import { parseQueries } from './parse.js';
import { listRecordedQueries } from './recorded.js';
import { partsOf, type RecordedQuery } from './recordedQuery.js';

/** With more searches, a comparison takes long and shows little more. */
const MOST = 1_000;

/** @throws TwindexError `config_invalid` */
export async function readQueryFile(file: string, alias: string): Promise<RecordedQuery[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new TwindexError('config_invalid', `cannot read the searches in ${file} (${messageOf(error)})`);
  }
  return parseQueries(text, { file, alias });
}

type Searched = Pick<IndexDefinition, 'name' | 'aliases' | 'queries'>;

/** The searches of an index. If there are more than `MOST`, takes an evenly spread sample. */
export async function queriesOf(
  cluster: Cluster,
  { name, aliases, queries: file }: Searched,
): Promise<RecordedQuery[]> {
  const given = file === undefined ? [] : await readQueryFile(file, aliases.read);
  const recorded = (await listRecordedQueries(cluster, name, MOST)).filter(({ path }) => partsOf(path));
  return [...spread(given, MOST), ...spread(recorded, MOST - Math.min(MOST, given.length))];
}

function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, n) => all[Math.floor((n * all.length) / most)] as T);
}
