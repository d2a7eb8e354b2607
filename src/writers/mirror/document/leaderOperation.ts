// Sends the write of a single document to the leader, reads the answer, and retries where that is safe.
import { parseDocumentReply } from './documentReply.js';
import { type DocumentChanges, printDocument } from './documentRequest.js';
import type { EngineError } from '../request/engineError.js';
import { whyNotDone } from '../copies/retryReason.js';
import type { Answered, LeaderOutcome } from './leaderOutcome.js';
import type { PreparedWrite } from './preparedWrite.js';
import { sendUpstream, type MirrorContext } from '../mirrorContext.js';
import type { Write } from '../request/clientRequest.js';
import type { Upstream, UpstreamRequest } from '../request/upstream.js';

/** Attempts to create a document with a generated id, as long as no answer comes. */
const TRIES = 3;

interface LeaderWay {
  readonly toLeader: Upstream;
  /** The same, for requests that are shown in the trace of the write. */
  readonly writing: Upstream;
  readonly headers: UpstreamRequest['headers'];
}

export async function leaderOperation(
  mirror: MirrorContext,
  prepared: PreparedWrite,
  { toLeader, writing, headers }: LeaderWay,
): Promise<LeaderOutcome> {
  const { context, key, sent, write, intent, freshId } = prepared;
  const { roles } = context;
  if (intent) {
    const refused = await mirror.rights.refusal(
      { headers, alias: roles.leaderAlias, write },
      (probe, changes) => sendDocument(probe, changes, toLeader, headers),
    );
    if (refused) return refused.type === 'unknown' ? { type: 'failed', error: refused.error } : refused;
    const entered = await mirror.ledger.enter(roles, key);
    if (entered.type === 'closed') return { type: 'again', why: 'closed', answered: undefined };
    if (entered.type === 'failed') return entered;
  }
  const changes = { ...sent, index: roles.leaderAlias };
  for (let attempt = 1; ; attempt++) {
    const outcome = await sendDocument(write, changes, writing, headers);
    if (outcome.type === 'unknown') {
      // a document with a generated id can be created only once, so sending the creation again does no harm
      if (freshId && attempt < TRIES) continue;
      return { type: 'failed', error: outcome.error };
    }
    const mayBeOurs = attempt > 1 && outcome.type === 'answered' && outcome.reply.status === 409;
    if (mayBeOurs) {
      const before = await createdBefore(mirror, prepared);
      return before === 'unknown' ? { type: 'failed', error: lostAnswer(key.id) } : (before ?? outcome);
    }
    // the earlier attempt may have been done, so the write must not be done again under other roles
    if (attempt > 1 && outcome.type === 'again') return outcome.answered as Answered;
    return outcome;
  }
}

export async function sendDocument(
  write: Write,
  changes: DocumentChanges,
  upstream: Upstream,
  headers: UpstreamRequest['headers'],
): Promise<LeaderOutcome | { readonly type: 'unknown'; readonly error: EngineError }> {
  const sent = await sendUpstream(upstream, { headers, ...printDocument(write, changes) });
  if (sent.type === 'unknown') return sent;
  if (sent.type === 'notSent') return { type: 'failed', error: sent.error };
  const reply = parseDocumentReply(sent.reply.status, sent.reply.body);
  const answered = { type: 'answered', reply, headers: sent.reply.headers } as const;
  const why = whyNotDone(reply);
  return why ? { type: 'again', why, answered } : answered;
}

export function lostAnswer(id: string): EngineError {
  return {
    status: 504,
    type: 'twindex_unanswered',
    reason: `the answer for document ${id} was lost, and twindex could not read whether the document was created. Read it before you send it again`,
  };
}

/** Call this after a lost answer. twindex has made the id, so a document with this id is the client's own. */
export async function createdBefore(
  { reader }: MirrorContext,
  { context, key }: PreparedWrite,
): Promise<Answered | 'unknown' | undefined> {
  const { leader } = context;
  const doc = await reader.read(leader, key).catch(() => 'unknown' as const);
  if (doc === 'unknown') return doc;
  if (!doc?.found) return undefined;
  const body = {
    _index: leader.index,
    _id: key.id,
    _version: Number(doc.version ?? 1n),
    result: 'created',
    _shards: { total: 1, successful: 1, failed: 0 },
    _seq_no: doc.seqNo,
    _primary_term: doc.term,
  };
  const reply = parseDocumentReply(201, Buffer.from(JSON.stringify(body)));
  return { type: 'answered', reply, headers: { 'content-type': 'application/json; charset=UTF-8' } };
}
