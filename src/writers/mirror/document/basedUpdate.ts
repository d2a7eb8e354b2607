// Prepares an update in the leader's shape. To keep fields that only the follower has a place for, the
// document is read from both indexes first. The leader is updated only if its document has not changed since.
import type { Doc } from '../../../documents/hits.js';
import type { PreparedWrite } from './preparedWrite.js';
import { type CopyRead, readCopy } from './readCopy.js';
import type { MirrorContext } from '../mirrorContext.js';
import { readUpdateBody, withoutUpsert } from './updateBody.js';

/** Limit of retries after another client changed the document first, unless `retry_on_conflict` is higher. */
const MIN_RETRIES = 10;

/** Whether the update needs the follower's document. If not, the copy is made from the leader's result. */
export function needsBase({ sent, content, context: { roles, shapes } }: PreparedWrite): boolean {
  return (
    sent.action === 'update' && content !== 'nothing' && shapes.bothWays && roles.mirrorAlias !== undefined
  );
}

/**
 * Adds a condition (`if_seq_no`): the leader's document must not have changed since it was read. If one of
 * the documents can't be read, the update stays as the client sent it.
 */
export async function onBase(
  mirror: Pick<MirrorContext, 'reader' | 'indexOf'>,
  prepared: PreparedWrite,
): Promise<PreparedWrite> {
  const { write, key, context, sent } = prepared;
  if (!write.body || !readUpdateBody(write.body)) return prepared;
  const doc = await mirror.reader.read(context.leader, key).catch(() => undefined);
  if (!doc?.found || !doc.source || !meetsCondition(write.params, doc)) return prepared;
  const isExpected = (await context.shapes.toFollower(doc.source, key)).type === 'index';
  const copy = await readCopy(mirror, doc, key, context, isExpected).catch(() => BEHIND);
  if (copy.type === 'behind') {
    if (isExpected) mirror.indexOf(write.name).count('unmerged');
    return prepared;
  }
  const isRicher = copy.type === 'there' && copy.mayBeRicher;
  const kept = isRicher ? { before: doc.source, rich: copy.source } : undefined;
  if (write.params['if_seq_no'] !== undefined) return { ...prepared, kept };
  const set = {
    ...sent.set,
    if_seq_no: String(doc.seqNo),
    if_primary_term: String(doc.term),
    retry_on_conflict: undefined,
  };
  return { ...prepared, kept, isConditional: true, sent: { ...sent, set, body: withoutUpsert(write.body) } };
}

const BEHIND: CopyRead = { type: 'behind' };

function meetsCondition(params: Readonly<Record<string, string>>, { seqNo, term }: Doc): boolean {
  const { if_seq_no: wantedSeqNo, if_primary_term: wantedTerm } = params;
  return wantedSeqNo === undefined || (Number(wantedSeqNo) === seqNo && Number(wantedTerm) === term);
}

/** Whether the document was changed or deleted after it was read. Then the update can be tried again. */
export function hasMoved({ isConditional }: PreparedWrite, { status }: { readonly status: number }): boolean {
  return isConditional && (status === 409 || status === 404);
}

export function retriesOf({ write }: Pick<PreparedWrite, 'write'>): number {
  return Math.max(MIN_RETRIES, Number(write.params['retry_on_conflict'] ?? 0));
}
