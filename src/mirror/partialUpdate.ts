// A partial update in the shape of the second index. The first index could not merge it: the document is read, brought to
// that shape, merged, brought back, and written on the condition that it is still the one that was read.
import type { Doc } from '../follow/hits.js';
import type { DocumentKey } from '../cluster/operations/multiGet.js';
import { parseDocumentReply } from './documentReply.js';
import type { EngineError } from './engineError.js';
import { type FirstOutcome, sendDocument } from './firstOperation.js';
import type { RoleContext } from './managedIndex.js';
import { created, illegal, merged, readBoth } from './nextDocument.js';
import { prepareWrite } from './preparedWrite.js';
import type { Tools } from './tools.js';
import type { Write } from './types.js';
import { readUpdateBody, type UpdateBody } from './updateBody.js';
import { wantedSource } from './documentRequest.js';
import type { Upstream, UpstreamRequest } from './upstream.js';

interface Partial {
  readonly write: Write;
  readonly key: DocumentKey;
}

const MIN_RETRIES = 3;
/** Of the update, and not of the write that comes of it. */
const UPDATE_PARAMS = ['retry_on_conflict', '_source', '_source_includes', '_source_excludes'];

export async function partialUpdate(
  tools: Tools,
  { write, key }: Partial,
  context: RoleContext,
  upstream: Upstream,
  headers: UpstreamRequest['headers'],
): Promise<FirstOutcome> {
  const body = readUpdateBody(write.body);
  if (!body) return failed('the body of the update is not readable as JSON');
  const { if_seq_no: ifSeqNo } = write.params;
  if (ifSeqNo !== undefined && (body.upsert || body.docAsUpsert))
    return { type: 'failed', error: conditionalUpsert(body) };
  const retries =
    ifSeqNo === undefined ? Math.max(MIN_RETRIES, Number(write.params['retry_on_conflict'] ?? 0)) : 0;
  for (let attempt = 0; ; attempt++) {
    const outcome = await attemptUpdate(tools, { write, key }, body, context, upstream, headers);
    const conflict = outcome.type === 'answered' && outcome.reply.status === 409;
    if (!conflict || attempt >= retries) return outcome;
  }
}

async function attemptUpdate(
  tools: Tools,
  { write, key }: Partial,
  body: UpdateBody,
  context: RoleContext,
  upstream: Upstream,
  headers: UpstreamRequest['headers'],
): Promise<FirstOutcome> {
  const found = await readBoth(tools, key, context);
  if ('error' in found) return { type: 'failed', error: found.error };
  const { doc } = found;
  const stale = doc?.found ? isStale(write, doc) : undefined;
  if (stale) return { type: 'failed', error: stale };

  const next = doc?.found ? merged(found, body, key) : created(body, key);
  if (next.type === 'failed') return { type: 'failed', error: next.error };
  if (next.type === 'noop') return noop(doc as Doc, key, context, write, found.own);

  const preparation = await preparedFor(write, key, next.document, context, doc?.found ? doc : undefined);
  if (preparation.type === 'refused') return { type: 'failed', error: preparation.error };
  if (preparation.type !== 'prepared') return failed('it could not be prepared');
  const { prepared } = preparation;
  const changes = { ...prepared.sent, index: context.roles.firstAlias };
  const outcome = await sendDocument(prepared.write, changes, upstream, headers);
  if (outcome.type === 'unknown') return { type: 'failed', error: outcome.error };
  if (outcome.type !== 'answered') return outcome;
  const index = tools.indexOf(write.name);
  const missing = await tools.copies.bring(index, prepared, outcome.reply, {
    bytes: next.document.length,
    operations: 1,
    refresh: write.params['refresh'],
  });
  if (missing) return { type: 'failed', error: missing };
  return withGet(outcome, next.document, write);
}

/** The write that comes of the update: conditional where there is a document, a creation where there is none. */
async function preparedFor(
  write: Write,
  key: DocumentKey,
  document: Buffer,
  context: RoleContext,
  doc: Doc | undefined,
) {
  const params: Record<string, string> = { ...write.params };
  for (const name of [...UPDATE_PARAMS, 'if_seq_no', 'if_primary_term']) delete params[name];
  if (doc) {
    params['if_seq_no'] = String(doc.seqNo);
    params['if_primary_term'] = String(doc.term);
    params['pipeline'] = '_none'; // the engine runs none for a partial update, neither
  }
  return await prepareWrite(
    {
      ...write,
      ...key,
      action: doc ? 'index' : 'create',
      version: context.roles.secondVersion,
      body: document,
      params,
    },
    context,
    false,
  );
}

function conditionalUpsert({ docAsUpsert }: UpdateBody): EngineError {
  const reason = docAsUpsert
    ? 'Validation Failed: 1: compare and write operations can not be used with upsert;'
    : "Validation Failed: 1: upsert requests don't support `if_seq_no` and `if_primary_term`;";
  return { status: 400, type: 'action_request_validation_exception', reason };
}

/** The condition that the client itself has set. */
function isStale({ params }: Write, doc: Doc): EngineError | undefined {
  const { if_seq_no: seqNo, if_primary_term: term } = params;
  if (seqNo === undefined || (Number(seqNo) === doc.seqNo && Number(term) === doc.term)) return undefined;
  return {
    status: 409,
    type: 'version_conflict_engine_exception',
    reason:
      `[${doc.id}]: version conflict, required seqNo [${seqNo}], primary term [${term}]. ` +
      `current document has seqNo [${doc.seqNo}] and primary term [${doc.term}]`,
  };
}

function noop(
  doc: Doc,
  key: DocumentKey,
  { roles }: RoleContext,
  write: Write,
  own: Buffer | undefined,
): FirstOutcome {
  const text =
    `{"_index":${JSON.stringify(roles.first)},"_id":${JSON.stringify(key.id)},"_version":${doc.version ?? 1},` +
    `"result":"noop","_shards":{"total":0,"successful":0,"failed":0},"_seq_no":${doc.seqNo},"_primary_term":${doc.term}}`;
  const reply = parseDocumentReply(200, Buffer.from(text));
  const headers = { 'content-type': 'application/json; charset=UTF-8' };
  return withGet({ type: 'answered', reply, headers }, own, write);
}

/** What the engine answers of an update whose client wants the document. */
function withGet(
  outcome: Extract<FirstOutcome, { type: 'answered' }>,
  document: Buffer | undefined,
  write: Write,
): FirstOutcome {
  const { reply } = outcome;
  const wanted = wantedSource(write, false);
  if (wanted === 'none' || !document || reply.type !== undefined) return outcome;
  const raw = reply.raw.toString().trimEnd();
  const get = `"get":{"_seq_no":${reply.seqNo},"_primary_term":${reply.term},"found":true,"_source":${document.toString()}}`;
  const bytes = Buffer.from(`${raw.slice(0, -1)},${get}}`);
  return { ...outcome, reply: parseDocumentReply(reply.status, bytes) };
}

function failed(reason: string): FirstOutcome {
  return { type: 'failed', error: illegal(reason) };
}
