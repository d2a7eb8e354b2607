// Makes the copy of a write for the follower from the leader's answer: its stamp, and its document in the
// follower's shape.
import { keepRicher } from '../../../protocol/keepRicher.js';
import { stampOf } from '../../../protocol/stamp.js';
import type { DocumentReader } from '../document/documentReader.js';
import type { PreparedWrite } from '../document/preparedWrite.js';
import type { WriteAction } from '../request/clientRequest.js';
import type { Copy } from './copyBatcher.js';

export interface LeaderAnswer {
  readonly status: number;
  readonly type: string | undefined;
  readonly result: string | undefined;
  readonly seqNo: number | undefined;
  readonly term: number | undefined;
  /** The resulting document, if the request asked for it. */
  readonly source: Buffer | undefined;
}

export type ChangedAnswer = LeaderAnswer & { readonly seqNo: number; readonly term: number };

export function hasChanged(action: WriteAction, answer: LeaderAnswer): answer is ChangedAnswer {
  if (answer.type !== undefined || answer.result === 'noop') return false;
  // a delete that found nothing is an operation too, and its tombstone must win over older operations
  const ok = answer.status < 300 || (answer.status === 404 && action === 'delete');
  return ok && answer.seqNo !== undefined && answer.term !== undefined;
}

type Made =
  | { readonly type: 'copy'; readonly copy: Copy }
  | { readonly type: 'none' }
  | { readonly type: 'refused'; readonly reason: string };

/** @param onUnmerged is called if fields that only the follower has a place for may be lost */
export async function makeCopy(
  reader: DocumentReader,
  prepared: PreparedWrite,
  answer: ChangedAnswer,
  onUnmerged: () => void,
): Promise<Made> {
  const { context, content, key, sent } = prepared;
  const { epoch } = context.roles;
  const version = stampOf(epoch, answer.term, answer.seqNo);
  if (sent.action === 'delete' || answer.result === 'deleted')
    return { type: 'copy', copy: { key, version, source: undefined } };
  if (content === 'own') return { type: 'copy', copy: { key, version: version + 1n, source: prepared.own } };
  // read the document if it may have a routing: an update without a routing keeps the stored one, which the
  // engine's answer does not contain
  const keepsRouting = context.roles.routed && sent.action === 'update' && key.routing === undefined;
  const given = content === 'body' ? sent.body : content === 'answer' ? answer.source : undefined;
  const known = keepsRouting ? undefined : given;
  if (known) return await reshaped(prepared, known, version, onUnmerged);

  const stored = await reader.readStored(context.leader, key, answer);
  // the document was deleted since, and that delete makes its own copy
  if (!stored?.source) return { type: 'none' };
  const storedKey = { id: stored.id, routing: stored.routing };
  const storedVersion = stampOf(epoch, stored.term, stored.seqNo);
  // do not merge if a later change is stored, since `prepared.kept` belongs to this change only
  const kept = storedVersion === version ? prepared.kept : undefined;
  if (prepared.kept && !kept) onUnmerged();
  return await reshaped({ context, kept, key: storedKey }, stored.source, storedVersion, onUnmerged);
}

async function reshaped(
  { context, key, kept }: Pick<PreparedWrite, 'context' | 'key' | 'kept'>,
  source: Buffer,
  version: bigint,
  onUnmerged: () => void,
): Promise<Made> {
  const { toFollower: there, toLeader: back } = context.shapes;
  const change = kept && { before: kept.before, after: source };
  const outcome = change && (await keepRicher(kept.rich, change, key, { there, back }));
  // one larger than the stamp, so that the merged document wins over the copy that following makes
  if (outcome?.type === 'merged')
    return { type: 'copy', copy: { key, version: version + 1n, source: outcome.source } };
  if (outcome?.lost) onUnmerged();
  const shaped = outcome ? outcome.shaped : await there(source, key);
  if (shaped.type === 'refused') return shaped;
  const copy = { key, version, source: shaped.type === 'index' ? shaped.source : undefined };
  return { type: 'copy', copy };
}
