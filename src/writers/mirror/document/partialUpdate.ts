// Carries out a partial update in the follower's shape, which the leader cannot merge. twindex reads the
// document, translates it, merges the update into it, translates the result back, and writes it if nobody has
// changed the document since.
import type { Doc } from '../../../documents/hits.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import type { DocumentChanges } from './documentRequest.js';
import type { Answered, LeaderOutcome } from './leaderOutcome.js';
import type { RoleContext } from '../lease/roleContext.js';
import { created, illegal, merged, type Next, readBoth } from './nextDocument.js';
import { type PreparedWrite, prepareWrite } from './preparedWrite.js';
import { sourceFilterOf } from './sourceFilter.js';
import { retriesOf } from './basedUpdate.js';
import type { MirrorContext } from '../mirrorContext.js';
import type { WriteTrace } from '../trace/writeTrace.js';
import type { Write } from '../request/clientRequest.js';
import { withDocument } from './updateAnswer.js';
import { readUpdateBody, type UpdateBody } from './updateBody.js';

export interface PartialUpdate {
  readonly mirror: MirrorContext;
  readonly write: Write;
  readonly key: DocumentKey;
  readonly context: RoleContext;
  readonly inBulk: boolean;
  readonly refresh: string | undefined;
  readonly trace: WriteTrace | undefined;
  /** @param purpose `probe`: the request changes nothing, and is not shown in the trace of the write */
  readonly send: (
    write: Write,
    changes: DocumentChanges,
    purpose: 'write' | 'probe',
  ) => Promise<LeaderOutcome>;
}

/** The document was changed since it was read. */
type Moved = { readonly type: 'moved' };

/** Parameters that an update may have, but not the write that replaces it. */
const UPDATE_PARAMS = [
  'retry_on_conflict',
  '_source',
  '_source_includes',
  '_source_excludes',
  'if_seq_no',
  'if_primary_term',
];

export async function partialUpdate(update: PartialUpdate): Promise<LeaderOutcome> {
  const { write, key } = update;
  const body = readUpdateBody(write.body);
  if (!body) return failed('the body of the update is not readable as JSON');
  const refused = await refusalOf(update);
  if (refused) return refused;
  const asked = retriesOf(update);
  const isConditional = write.params['if_seq_no'] !== undefined;
  for (let attempt = 0; ; attempt++) {
    const outcome = await attemptUpdate(update, body);
    if (outcome.type !== 'moved') {
      const conflict = outcome.type === 'answered' && outcome.reply.status === 409;
      if (!conflict || isConditional || attempt >= asked) return outcome;
    } else if (attempt >= asked) {
      const reason = `[${key.id}]: version conflict, the document changed while it was being updated`;
      return { type: 'failed', error: { status: 409, type: 'version_conflict_engine_exception', reason } };
    }
  }
}

/**
 * twindex reads the documents with its own credentials, and the answer may contain them. So the client of a
 * gateway first has to show that the engine lets it update this document.
 */
async function refusalOf(update: PartialUpdate): Promise<LeaderOutcome | undefined> {
  if (!update.mirror.rights.needsProof) return undefined;
  const outcome = await sendNothing(update, { seqNo: undefined, term: undefined });
  if (outcome.type !== 'answered') return outcome;
  const { type, status } = outcome.reply;
  return type === undefined || status === 404 || status === 409 ? undefined : outcome;
}

async function attemptUpdate(update: PartialUpdate, body: UpdateBody): Promise<LeaderOutcome | Moved> {
  const { mirror, write, key, context, refresh } = update;
  const found = await readBoth(mirror, key, context);
  if ('error' in found) return { type: 'failed', error: found.error };
  const { doc } = found;
  const { if_seq_no: seqNo, if_primary_term: term } = write.params;
  if (!doc && !body.docAsUpsert && !body.upsert) return await getError(update, { seqNo, term });
  if (doc && failsCondition(write, doc)) return await getError(update, { seqNo, term });

  const next: Next = doc ? merged(found, body, key) : created(body);
  if (next.type === 'failed') return next;
  if (next.type === 'noop') return await answerNoop(update, doc as Doc, found.own as Buffer);

  const change = doc?.source &&
    found.own && {
      before: found.own,
      rich: doc.source,
      onLost: () => mirror.indexOf(write.name).count('unmerged'),
    };
  const preparation = await prepareWrite(
    asWrite(update, next.document, doc, body),
    context,
    update.inBulk,
    change,
  );
  if (preparation.type === 'refused') return { type: 'failed', error: preparation.error };
  if (preparation.type !== 'prepared') return failed('the update could not be prepared');
  const { prepared } = preparation;
  const changes = { ...prepared.sent, index: context.roles.leaderAlias };
  const outcome = await update.send(prepared.write, changes, 'write');
  if (outcome.type !== 'answered') return outcome;
  const copies = update.trace?.copies();
  const load = { bytes: next.document.length, operations: 1, refresh, trace: copies };
  const copying = mirror.copies.bring(mirror.indexOf(write.name), prepared, outcome.reply, load);
  copies?.close();
  const shortfall = await copying;
  if (shortfall?.type === 'error') return { type: 'failed', error: shortfall.error };
  const answered = { ...outcome, ...(shortfall && { warning: shortfall.text }) };
  return await shown(update, answered, next.document, prepared);
}

/** Makes the write that replaces the update: a conditional write if the document exists, else a creation. */
export function asWrite(
  { write, key, context, inBulk }: Pick<PartialUpdate, 'write' | 'key' | 'context' | 'inBulk'>,
  document: Buffer,
  doc: Pick<Doc, 'seqNo' | 'term' | 'routing'> | undefined,
  { docAsUpsert }: Pick<UpdateBody, 'docAsUpsert'>,
): Write {
  const params: Record<string, string> = { ...write.params };
  for (const name of UPDATE_PARAMS) delete params[name];
  if (doc) {
    params['if_seq_no'] = String(doc.seqNo);
    params['if_primary_term'] = String(doc.term);
    // as in the engine: an update in a bulk runs pipelines only if it creates the document
    if (inBulk) params['pipeline'] = '_none';
  } else if (docAsUpsert) delete params['pipeline']; // the pipeline is for `upsert` only
  const action = doc ? 'index' : 'create';
  // as in the engine, a document keeps its routing if the update has none
  const routing = key.routing ?? doc?.routing;
  return {
    ...write,
    ...key,
    routing,
    action,
    version: context.roles.followerVersion,
    body: document,
    params,
  };
}

function failsCondition({ params }: Write, { seqNo, term }: Doc): boolean {
  const { if_seq_no: wantedSeqNo, if_primary_term: wantedTerm } = params;
  return wantedSeqNo !== undefined && (Number(wantedSeqNo) !== seqNo || Number(wantedTerm) !== term);
}

interface Condition {
  readonly seqNo: number | string | undefined;
  readonly term: number | string | undefined;
}

/** Sends an empty update, to get the engine's error for a missing document or an unmet condition. */
async function getError(update: PartialUpdate, condition: Condition): Promise<LeaderOutcome | Moved> {
  const outcome = await sendNothing(update, condition);
  return outcome.type === 'answered' && outcome.reply.type === undefined ? { type: 'moved' } : outcome;
}

async function answerNoop(update: PartialUpdate, doc: Doc, own: Buffer): Promise<LeaderOutcome | Moved> {
  const outcome = await sendNothing(update, doc);
  if (outcome.type !== 'answered') return outcome;
  const { status } = outcome.reply;
  return status === 404 || status === 409 ? { type: 'moved' } : await shown(update, outcome, own, undefined);
}

async function sendNothing(update: PartialUpdate, { seqNo, term }: Condition): Promise<LeaderOutcome> {
  const { write, key, context } = update;
  const params: Record<string, string> = { ...write.params };
  for (const name of [...UPDATE_PARAMS, 'pipeline']) delete params[name];
  const set = seqNo === undefined ? {} : { if_seq_no: String(seqNo), if_primary_term: String(term) };
  const nothing: Write = { ...write, ...key, body: Buffer.from('{"doc":{}}'), params: { ...params, ...set } };
  return await update.send(nothing, { index: context.roles.leaderAlias }, 'probe');
}

async function shown(
  update: PartialUpdate,
  outcome: Answered,
  document: Buffer,
  prepared: PreparedWrite | undefined,
): Promise<Answered> {
  const filter = sourceFilterOf(update.write, update.inBulk);
  if (!filter || outcome.reply.type !== undefined) return outcome;
  // as in the engine: the answer to a single update contains the document before pipelines have changed it
  const piped = update.inBulk && prepared?.content === 'stored';
  const stored = piped ? await readStoredForm(update, outcome) : undefined;
  return { ...outcome, reply: withDocument(outcome.reply, stored ?? document, filter) };
}

async function readStoredForm(
  { mirror, key, context }: PartialUpdate,
  { reply }: Answered,
): Promise<Buffer | undefined> {
  const doc = await mirror.reader.read(context.leader, key).catch(() => undefined);
  if (!doc?.source || doc.seqNo !== reply.seqNo || doc.term !== reply.term) return undefined;
  const shaped = await context.shapes.toFollower(doc.source, key);
  return shaped.type === 'index' ? Buffer.from(shaped.source) : undefined;
}

function failed(reason: string): LeaderOutcome {
  return { type: 'failed', error: illegal(reason) };
}
