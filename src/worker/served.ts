// A migration that a worker copies for: what it reads, how it changes it, and what it writes through, under one token.
import type { Cluster } from '../cluster/cluster.js';
import { isTwindexError, TwindexError } from '../errors.js';
import { type Direction, newTally } from '../follow/direction.js';
import { PageReader } from '../follow/pageReader.js';
import { loadRecord } from '../journal/journal.js';
import type { MigrationRecord } from '../journal/record.js';
import type { HandedOutWindow } from '../journal/workers.js';
import { declaredOf } from '../migration/declared.js';
import { openRoles, shapesOf } from '../migration/openRoles.js';
import type { IndexDefinition } from '../schema/types.js';

export interface Served {
  readonly direction: Direction;
  readonly reader: PageReader;
}

/** This machine has another index file than the coordinator, or none. */
export class Unfit extends Error {}

/** @throws Unfit; TwindexError `fenced` where the window is of a token that is no longer in force */
export async function openServed(
  cluster: Cluster,
  { migration, name, token }: HandedOutWindow,
  definitionOf: (name: string) => Promise<IndexDefinition>,
): Promise<Served> {
  const record = (await loadRecord(cluster, name))?.source;
  if (record?.id !== migration || record.token !== token || record.state !== 'copying')
    throw new TwindexError('fenced', `the window of ${name} is outdated`);
  const definition = await definitionHere(definitionOf, name);
  demandSame(record, definition);
  const direction = await openRoles(cluster, record, shapesOf(cluster, definition, record), newTally());
  return { direction, reader: new PageReader(direction.first.cluster, 'source') };
}

/** The token that it was handed out under is in force no more. */
export async function isOutdated(
  cluster: Cluster,
  { migration, name, token }: HandedOutWindow,
): Promise<boolean> {
  const record = (await loadRecord(cluster, name))?.source;
  return record?.id !== migration || record.token !== token || record.state !== 'copying';
}

async function definitionHere(
  definitionOf: (name: string) => Promise<IndexDefinition>,
  name: string,
): Promise<IndexDefinition> {
  try {
    return await definitionOf(name);
  } catch (error) {
    if (isTwindexError(error, 'not_found')) throw new Unfit(error.message);
    throw error;
  }
}

function demandSame({ name, declared, target }: MigrationRecord, definition: IndexDefinition): void {
  const here = declaredOf(definition);
  const differs =
    target.version !== definition.version
      ? `declares version ${definition.version}, another (${target.version})`
      : here.schema !== declared.schema
        ? 'has other mappings or settings'
        : here.transform !== declared.transform
          ? 'has other transforms'
          : undefined;
  if (differs === undefined) return;
  throw new Unfit(
    `its ${definition.file} of ${name} ${differs} than the coordinator's. Give it the same file, and start it again`,
  );
}
