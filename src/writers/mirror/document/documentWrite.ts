// Carries out a client's write of a single document, from its admission to its answer.
import { hasMoved, needsBase, onBase, retriesOf } from './basedUpdate.js';
import type { Decision, DocumentDecision } from '../request/decide.js';
import { parseDocumentReply, printDocumentReply } from './documentReply.js';
import { type EngineError, heldTooLong } from '../request/engineError.js';
import { leaderOperation, sendDocument } from './leaderOperation.js';
import type { Answered, LeaderOutcome } from './leaderOutcome.js';
import { ForeignBlock } from '../foreignBlock.js';
import type { RoleContext } from '../lease/roleContext.js';
import { partialUpdate } from './partialUpdate.js';
import { prepareWrite } from './preparedWrite.js';
import { dryRunUpdate } from './dryRun.js';
import {
  passThrough,
  refusal,
  replyHeaders,
  requestHeaders,
  type MirrorContext,
  withWarning,
} from '../mirrorContext.js';
import type { ClientReply, ClientRequest, Write } from '../request/clientRequest.js';
import { leaderOf } from '../trace/requested.js';
import { hasUpsert } from './updateBody.js';
import type { Upstream } from '../request/upstream.js';

interface Parts {
  readonly mirror: MirrorContext;
  readonly decision: DocumentDecision;
  readonly request: ClientRequest;
  readonly upstream: Upstream;
  /** Until when the write waits for the end of a hold, as a time of `performance.now()`. */
  readonly deadline: number;
  readonly decideAgain: () => Decision;
  /** Carries out another decision, if the names in the request now stand for something else. */
  readonly performInstead: (decision: Decision) => Promise<ClientReply>;
}

export async function writeDocument(parts: Parts): Promise<ClientReply> {
  const { mirror, request, upstream, deadline } = parts;
  let { names } = parts.decision;
  let write: Write = { ...parts.decision.write, body: request.body };
  const block = new ForeignBlock();
  for (;;) {
    const admission = await mirror.admit([write.name], deadline, request.trace);
    if (admission.type === 'refused') return refusal(admission.error);
    const ticket = admission.tickets.get(write.name);
    let waitsFor: EngineError | undefined;
    try {
      if (!ticket) {
        const unmirrored = await mirror.indexOf(write.name).unmirrored(write);
        if (unmirrored.type === 'passedThrough')
          return await passThrough(
            { ...request, headers: requestHeaders(request) },
            upstream.to(mirror.places().ofName(write.clientIndex, false)),
          );
        if (unmirrored.type === 'refused') return refusal(unmirrored.error);
        waitsFor = unmirrored.error;
      } else if (mirror.names() !== names) {
        names = mirror.names();
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
    await mirror.refreshRoles();
  }
}

type Attempt =
  | { readonly type: 'reply'; readonly reply: ClientReply }
  | {
      readonly type: 'again';
      readonly why: 'closed' | 'blocked';
      readonly answer: ClientReply | undefined;
      /** Set while the write waits: the error that the client gets if the wait takes too long. */
      readonly waitsFor?: EngineError;
    };

async function attemptWrite(
  { mirror, request, upstream }: Parts,
  write: Write,
  context: RoleContext,
): Promise<Attempt> {
  const index = mirror.indexOf(write.name);
  const load = { bytes: write.body?.length ?? 0, operations: 1, refresh: write.params['refresh'] };
  const headers = requestHeaders(request);
  const { trace } = request;
  const toLeader = upstream.to(context.leaderSide);
  const writing = trace?.through(toLeader, leaderOf(context)) ?? toLeader;
  const preparation = await prepareWrite(write, context, false);
  if (preparation.type === 'refused') return { type: 'reply', reply: refusal(preparation.error) };
  if (preparation.type === 'tooEarly')
    return { type: 'again', why: 'closed', answer: undefined, waitsFor: preparation.error };

  const withoutGet = preparation.type === 'prepared' && preparation.prepared.withoutGet;
  const show = (answered: Answered | undefined): ClientReply | undefined =>
    answered && shown(answered, write, context, withoutGet);
  const isBased = preparation.type === 'prepared' && needsBase(preparation.prepared);
  if (preparation.type === 'partial' || (isBased && hasUpsert(write.body))) {
    const refused = await dryRunUpdate(write, { upstream: toLeader, headers });
    if (refused) {
      const reply = parseDocumentReply(refused.status, refused.body);
      return { type: 'reply', reply: shown({ type: 'answered', ...refused, reply }, write, context, false) };
    }
  }
  if (preparation.type === 'partial') {
    const outcome = await partialUpdate({
      ...preparation,
      mirror,
      context,
      inBulk: false,
      refresh: write.params['refresh'],
      trace,
      send: async (one, changes, purpose) => {
        const way = purpose === 'write' ? writing : toLeader;
        const sent = await sendDocument(one, changes, way, headers);
        return sent.type === 'unknown' ? { type: 'failed', error: sent.error } : sent;
      },
    });
    if (outcome.type === 'failed') return { type: 'reply', reply: refusal(outcome.error) };
    if (outcome.type === 'again') return { type: 'again', why: outcome.why, answer: show(outcome.answered) };
    return { type: 'reply', reply: shown(outcome, write, context, false) };
  }
  let { prepared } = preparation;
  let outcome: LeaderOutcome;
  for (let retries = retriesOf(prepared); ; retries--) {
    if (isBased) prepared = await onBase(mirror, preparation.prepared);
    outcome = await leaderOperation(mirror, prepared, { toLeader, writing, headers });
    if (outcome.type !== 'answered' || !hasMoved(prepared, outcome.reply) || retries === 0) break;
  }
  if (outcome.type === 'failed') return { type: 'reply', reply: refusal(outcome.error) };
  if (outcome.type === 'again') return { type: 'again', why: outcome.why, answer: show(outcome.answered) };
  const copies = trace?.copies();
  const copying = mirror.copies.bring(index, prepared, outcome.reply, { ...load, trace: copies });
  copies?.close();
  const shortfall = await copying;
  if (shortfall?.type === 'error') return { type: 'reply', reply: refusal(shortfall.error) };
  const answered = { ...outcome, ...(shortfall && { warning: shortfall.text }) };
  return { type: 'reply', reply: shown(answered, write, context, withoutGet) };
}

function shown(
  { reply, headers, warning }: Answered,
  write: Write,
  { roles }: RoleContext,
  withoutGet: boolean,
): ClientReply {
  const rename = { from: roles.leaderAlias, to: write.clientIndex };
  return {
    status: reply.status,
    headers: withWarning(replyHeaders(headers, rename), warning),
    body: printDocumentReply(reply, { rename, withoutGet, headers }, write.params),
  };
}
