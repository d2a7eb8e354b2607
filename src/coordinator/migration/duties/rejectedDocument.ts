// Shows one rejected document and the result of its transform, and replaces the document.
import type { Cluster } from '../../../cluster/cluster.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { replaceDocument } from '../../../cluster/documents/replaceDocument.js';
import { messageOf, TwindexError } from '../../../errors.js';
import { type Replication, newTally, type Shaped } from '../../../protocol/replication.js';
import { getDocs } from '../../../documents/getDocs.js';
import { parseSource, printSource } from '../../../json/json.js';
import { type MigrationRecord, followerIndex } from '../../../protocol/record.js';
import { withScratchIndex } from '../../../plan/scratchIndex.js';
import type { IndexDefinition } from '../../../schema/types.js';
import { openReplication, shapesOf } from './openReplication.js';

export interface RejectedIn {
  readonly cluster: Cluster;
  readonly record: MigrationRecord;
  readonly definition: IndexDefinition;
  readonly signal: AbortSignal;
}

export interface Shown {
  /** The JSON on one line, if the leader still has the document. */
  readonly document: string | undefined;
  readonly becomes:
    | { readonly type: 'index'; readonly document: string }
    | Exclude<Shaped, { type: 'index' }>
    | undefined;
}

/** Reads the leader's document, and the document that the index file now makes of it for the follower. */
export async function showRejected(where: RejectedIn, key: DocumentKey): Promise<Shown> {
  const replication = await replicationOf(where);
  const { cluster, index } = replication.leader;
  const [doc] = await getDocs(cluster, index, [key], { source: true });
  if (!doc?.found || !doc.source) return { document: undefined, becomes: undefined };
  const shaped = await replication.reshape(doc.source, key);
  return {
    document: oneLine(doc.source),
    becomes: shaped.type === 'index' ? { type: 'index', document: oneLine(shaped.source as Buffer) } : shaped,
  };
}

/**
 * Replaces the document through the write alias, as an application would.
 * @throws TwindexError `rejected` if the new document is rejected as well; `conflict` if another write has
 * changed the document meanwhile
 */
export async function replaceRejected(where: RejectedIn, key: DocumentKey, text: Buffer): Promise<void> {
  const { record } = where;
  const source = requireDocument(text);
  const replication = await replicationOf(where);
  const { leader } = replication;
  const [doc] = await getDocs(leader.cluster, leader.index, [key], { source: false });
  if (!doc?.found)
    throw new TwindexError('not_found', `${key.id} is not in ${leader.index}, so it can't be replaced`);
  const refusal = await whyRefused(where, replication, key, source);
  if (refusal !== undefined)
    throw new TwindexError(
      'rejected',
      `${followerIndex(record)} would reject this document as well: ${refusal}. Nothing was changed.`,
    );
  const name = record.aliases.write;
  const written = await replaceDocument(
    leader.cluster,
    { name, isAlias: record.layout !== 'bare-index', key },
    source,
    doc,
  );
  if (written === 'conflict')
    throw new TwindexError(
      'conflict',
      `${key.id} was changed by somebody else meanwhile; nothing was replaced. To see it: ` +
        `twindex rejected ${record.name} show ${key.id}`,
    );
}

/** Why the follower would refuse the document: transforms it, and writes it to a scratch index. */
async function whyRefused(
  { cluster, record, definition, signal }: RejectedIn,
  replication: Replication,
  key: DocumentKey,
  source: Buffer,
): Promise<string | undefined> {
  const shaped = await replication.reshape(source, key);
  if (shaped.type === 'refused') return shaped.reason;
  if (shaped.type === 'drop' || record.leader === 'target') return undefined;
  const target = { index: record.target.index, definition };
  const documents = [{ key, source: shaped.source as Buffer }];
  const [refused] = await withScratchIndex(cluster, target, (scratch) => scratch.put(documents, signal));
  return refused?.reason;
}

async function replicationOf({ cluster, record, definition }: RejectedIn): Promise<Replication> {
  return await openReplication(cluster, record, shapesOf(cluster, definition, record), newTally());
}

/** Numbers keep their exact digits. */
const oneLine = (source: Buffer): string => printSource(parseSource(source)).toString();

function requireDocument(text: Buffer): Buffer {
  try {
    return printSource(parseSource(text));
  } catch (error) {
    throw new TwindexError(
      'usage',
      `--file: this is not a document, which is one JSON object: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
