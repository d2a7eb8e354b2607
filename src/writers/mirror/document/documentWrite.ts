// A client's write of a single document, from its admission to its answer.
import { hasMoved, needsBase, onBase, retriesOf } from './basedUpdate.js';
import type { Decision, DocumentDecision } from '../request/decide.js';
import { parseDocumentReply, printDocumentReply } from './documentReply.js';
import type { EngineError } from '../request/engineError.js';
import { type FirstOutcome, firstOperation, sendDocument } from './firstOperation.js';
import { ForeignBlock } from '../foreignBlock.js';
import type { RoleContext } from '../lease/roleContext.js';
import type { Names } from '../request/managedNames.js';
import { partialUpdate } from './partialUpdate.js';
import { prepareWrite } from './preparedWrite.js';
import { rehearseUpdate } from './dryRun.js';
import { handOn, refusal, replyHeaders, requestHeaders, type Tools, withWarning } from '../mirrorContext.js';
import type { ClientReply, ClientRequest, Write } from '../request/clientRequest.js';
import { hasUpsert } from './updateBody.js';
import type { Upstream } from '../request/upstream.js';

interface Parts {
  readonly tools: Tools;
  readonly decision: DocumentDecision;
  readonly request: ClientRequest;
  readonly upstream: Upstream;
  /** By `performance.now()`: until then it waits for a hold to end. */
  readonly deadline: number;
  /** What the decision was made with. */
  readonly names: Names | undefined;
  readonly decideAgain: () => Decision;
  /** In place of this write, when names mean something else by now. */
  readonly performInstead: (decision: Decision) => Promise<ClientReply>;
}

export async function writeDocument(parts: Parts): Promise<ClientReply> {
  const { tools, request, upstream, deadline } = parts;
  let { names } = parts;
  let write: Write = { ...parts.decision.write, body: request.body };
  const block = new ForeignBlock();
  for (;;) {
    const admission = await tools.admit([write.name], deadline);
    if (admission.type === 'refused') return refusal(admission.error);
    const ticket = admission.tickets.get(write.name);
    let waitsFor: EngineError | undefined;
    try {
      if (!ticket) {
        const unmirrored = await tools.indexOf(write.name).unmirrored(write);
        if (unmirrored.type === 'handedOn')
          return await handOn(
            { ...request, headers: requestHeaders(request) },
            upstream.to(tools.places().ofName(write.clientIndex, false)),
          );
        if (unmirrored.type === 'refused') return refusal(unmirrored.error);
        waitsFor = unmirrored.error;
      } else if (tools.names() !== names) {
        names = tools.names();
        const decision = parts.decideAgain();
        if (decision.type !== 'document' || decision.write.name !== write.name) {
          admission.release();
          return await parts.performInstead(decision);
        }
        write = { ...decision.write, body: request.body };
      }
      if (ticket) {
        const attempt = await attemptWrite(parts, write, ticket.context);
        if (attempt.type === 'reply') return attempt.reply;
        const isForeign = attempt.why === 'blocked' && block.isForeign(ticket.context.roles.generation);
        if ((isForeign || performance.now() > deadline) && attempt.answer) return attempt.answer;
        waitsFor = attempt.waitsFor;
      }
    } finally {
      admission.release();
    }
    if (performance.now() > deadline) return refusal(waitsFor ?? heldTooLong(write.name));
    await tools.lookAgain();
  }
}

export function heldTooLong(name: string): { status: number; type: string; reason: string } {
  return {
    status: 503,
    type: 'twindex_holding',
    reason: `writes to ${name} are held while its writers are being switched; this one was not done. Send it again`,
  };
}

type Attempt =
  | { readonly type: 'reply'; readonly reply: ClientReply }
  | {
      readonly type: 'again';
      readonly why: 'closed' | 'blocked';
      readonly answer: ClientReply | undefined;
      /** For its client, when it has waited for too long. */
      readonly waitsFor?: EngineError;
    };

async function attemptWrite(
  { tools, request, upstream }: Parts,
  write: Write,
  context: RoleContext,
): Promise<Attempt> {
  const index = tools.indexOf(write.name);
  const load = { bytes: write.body?.length ?? 0, operations: 1, refresh: write.params['refresh'] };
  const headers = requestHeaders(request);
  const toFirst = upstream.to(context.firstWhere);
  const preparation = await prepareWrite(write, context, false);
  if (preparation.type === 'refused') return { type: 'reply', reply: refusal(preparation.error) };
  if (preparation.type === 'tooEarly')
    return { type: 'again', why: 'closed', answer: undefined, waitsFor: preparation.error };

  const withoutGet = preparation.type === 'prepared' && preparation.prepared.withoutGet;
  const show = (outcome: FirstOutcome | undefined): ClientReply | undefined =>
    outcome?.type === 'answered' ? shown(outcome, write, context, withoutGet) : undefined;
  const isBased = preparation.type === 'prepared' && needsBase(preparation.prepared);
  if (preparation.type === 'partial' || (isBased && hasUpsert(write.body))) {
    const refused = await rehearseUpdate(write, { upstream: toFirst, headers });
    if (refused) {
      const reply = parseDocumentReply(refused.status, refused.body);
      return { type: 'reply', reply: shown({ type: 'answered', ...refused, reply }, write, context, false) };
    }
  }
  if (preparation.type === 'partial') {
    const outcome = await partialUpdate({
      ...preparation,
      tools,
      context,
      inBulk: false,
      refresh: write.params['refresh'],
      send: async (one, changes) => {
        const sent = await sendDocument(one, changes, toFirst, headers);
        return sent.type === 'unknown' ? { type: 'failed', error: sent.error } : sent;
      },
    });
    if (outcome.type === 'failed') return { type: 'reply', reply: refusal(outcome.error) };
    if (outcome.type === 'again') return { type: 'again', why: outcome.why, answer: show(outcome.answered) };
    return { type: 'reply', reply: shown(outcome, write, context, false) };
  }
  let { prepared } = preparation;
  let outcome: FirstOutcome;
  for (let retries = retriesOf(prepared); ; retries--) {
    if (isBased) prepared = await onBase(tools, preparation.prepared);
    outcome = await firstOperation(tools, prepared, toFirst, headers);
    if (outcome.type !== 'answered' || !hasMoved(prepared, outcome.reply) || retries === 0) break;
  }
  if (outcome.type === 'failed') return { type: 'reply', reply: refusal(outcome.error) };
  if (outcome.type === 'again') return { type: 'again', why: outcome.why, answer: show(outcome.answered) };
  const shortfall = await tools.copies.bring(index, prepared, outcome.reply, load);
  if (shortfall?.type === 'error') return { type: 'reply', reply: refusal(shortfall.error) };
  const answered = { ...outcome, ...(shortfall && { warning: shortfall.text }) };
  return { type: 'reply', reply: shown(answered, write, context, withoutGet) };
}

function shown(
  { reply, headers, warning }: Extract<FirstOutcome, { type: 'answered' }>,
  write: Write,
  { roles }: RoleContext,
  withoutGet: boolean,
): ClientReply {
  const rename = { from: roles.firstAlias, to: write.clientIndex };
  return {
    status: reply.status,
    headers: withWarning(replyHeaders(headers, rename), warning),
    body: printDocumentReply(reply, { rename, withoutGet, headers }, write.params),
  };
}
