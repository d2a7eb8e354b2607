// Opens the replication of a migration for a worker, under one token, if the worker may copy for it.
import type { Cluster } from '../../cluster/cluster.js';
import { isTwindexError, TwindexError } from '../../errors.js';
import { type Replication, newTally } from '../../protocol/replication.js';
import { PageReader } from '../../documents/pageReader.js';
import { loadRecord } from '../../journal/journal.js';
import type { MigrationRecord } from '../../protocol/record.js';
import type { Comparison, HandedOutWindow } from '../../journal/workerDocuments.js';
import { declaredOf } from '../migration/declared.js';
import { openReplication, shapesOf } from '../migration/duties/openReplication.js';
import type { IndexDefinition } from '../../schema/types.js';

export interface Served {
  readonly replication: Replication;
  readonly reader: PageReader;
}

/** This machine has no index file for the migration, or another one than the coordinator. */
export class Unfit extends Error {}

/** A migration, and the token of the coordinator that asks a worker to copy for it. */
type Asked = Pick<HandedOutWindow, 'migration' | 'name' | 'token'>;
type DefinitionOf = (name: string) => Promise<IndexDefinition>;

/** @throws TwindexError `fenced` when the token is no longer in force */
export async function compareFiles(
  cluster: Cluster,
  asked: Comparison,
  definitionOf: DefinitionOf,
): Promise<Comparison> {
  try {
    requireSame(await recordInForce(cluster, asked), await definitionHere(definitionOf, asked.name));
    return { ...asked, result: 'same' };
  } catch (error) {
    if (error instanceof Unfit) return { ...asked, result: 'differs', reason: error.message };
    throw error;
  }
}

/** @throws Unfit; TwindexError `fenced` when the token of the window is no longer in force */
export async function openServed(
  cluster: Cluster,
  asked: Asked,
  definitionOf: DefinitionOf,
): Promise<Served> {
  const record = await recordInForce(cluster, asked);
  const definition = await definitionHere(definitionOf, asked.name);
  requireSame(record, definition);
  const replication = await openReplication(
    cluster,
    record,
    shapesOf(cluster, definition, record),
    newTally(),
  );
  return { replication, reader: new PageReader(replication.leader.cluster, 'source') };
}

export async function isOutdated(cluster: Cluster, asked: Asked): Promise<boolean> {
  return (await findInForce(cluster, asked)) === undefined;
}

/** @throws TwindexError `fenced` */
async function recordInForce(cluster: Cluster, asked: Asked): Promise<MigrationRecord> {
  const record = await findInForce(cluster, asked);
  if (!record)
    throw new TwindexError(
      'fenced',
      `the request for ${asked.name} is outdated: its coordinator was replaced`,
    );
  return record;
}

async function findInForce(
  cluster: Cluster,
  { migration, name, token }: Asked,
): Promise<MigrationRecord | undefined> {
  const record = (await loadRecord(cluster, name))?.source;
  const isInForce = record?.id === migration && record.token === token && record.state === 'copying';
  return isInForce ? record : undefined;
}

async function definitionHere(definitionOf: DefinitionOf, name: string): Promise<IndexDefinition> {
  try {
    return await definitionOf(name);
  } catch (error) {
    if (isTwindexError(error, 'not_found', 'config_invalid')) throw new Unfit(error.message);
    throw error;
  }
}

function requireSame({ name, declared, target }: MigrationRecord, definition: IndexDefinition): void {
  const here = declaredOf(definition);
  const differs =
    target.version !== definition.version
      ? `declares version ${definition.version}, but the coordinator's file declares ${target.version}`
      : here.schema !== declared.schema
        ? "has other mappings or settings than the coordinator's"
        : here.transform !== declared.transform
          ? "has other transforms than the coordinator's"
          : undefined;
  if (differs === undefined) return;
  throw new Unfit(
    `its ${definition.file} for ${name} ${differs}. Use the same file on both machines, and restart the worker`,
  );
}
