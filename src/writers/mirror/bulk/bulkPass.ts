// Makes one request to the leader for a client's bulk: selects, prepares and sends operations, and finds the
// outcome of each.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { inSlices, mapping } from '../../../timeSlice.js';
import {
  type BulkHead,
  parseBulkItem,
  parsingBulkReply,
  type ReplyItem,
  type ShownItem,
} from './bulkReply.js';
import { sendBulkOfOne } from './bulkOfOne.js';
import type { Copied, Outcome } from './bulkOutcome.js';
import { type Alone, type BulkPass, selectOperations } from './bulkSelection.js';
import { refusedOperations } from './refusedOperations.js';
import { pairItems, type Pending, printingReady, type Ready } from './sentBulk.js';
import type { Load } from '../copies/copies.js';
import type { Entered } from '../copies/deleteLedger.js';
import { whyNotDone } from '../copies/retryReason.js';
import { hasMoved, needsBase, onBase, retriesOf } from '../document/basedUpdate.js';
import { printQuery } from '../document/documentRequest.js';
import { createdBefore, lostAnswer } from '../document/leaderOperation.js';
import type { Answered, LeaderOutcome } from '../document/leaderOutcome.js';
import { type PartialUpdate, partialUpdate } from '../document/partialUpdate.js';
import type { PreparedWrite } from '../document/preparedWrite.js';
import { requestHeaders, sendUpstream } from '../mirrorContext.js';
import type { WriteAction } from '../request/clientRequest.js';
import { type EngineError, heldTooLong } from '../request/engineError.js';
import type { UpstreamReply } from '../request/upstream.js';
import { leaderOf, leadersOf } from '../trace/requested.js';

const TRIES = 3;

/** The whole request was refused, or its outcome is unknown. */
export type Whole = { readonly reply: UpstreamReply } | { readonly error: EngineError };

export interface PassResult {
  readonly outcomes: readonly Outcome[];
  readonly later: readonly Pending[];
  readonly whole?: Whole;
  /** Undefined if nothing was sent. */
  readonly answer?: { readonly head: BulkHead; readonly headers: UpstreamReply['headers'] } | undefined;
}

export async function sendPass(pass: BulkPass, pending: readonly Pending[]): Promise<PassResult> {
  const { ready, side, outcomes, later, alone, whole } = await selectOperations(pass, pending);
  if (whole) return { outcomes, later, whole: { reply: whole } };
  if (alone) {
    const { outcome, answer } = await updateAlone(pass, alone);
    return { outcomes: [...outcomes, outcome], later, answer };
  }
  const { entered, refused } = await enterInLedger(pass, await withBases(pass, ready));
  const unsent = [...outcomes, ...refused];
  if (!side || entered.length === 0) return { outcomes: unsent, later };
  const sent = await sendReady(pass, entered, side);
  if ('error' in sent || sent.reply.status >= 300) return { outcomes: unsent, later, whole: sent };
  const { items, ...head } = await inSlices(parsingBulkReply(sent.reply.body));
  if (items.length !== entered.length) return { outcomes: unsent, later, whole: { error: tooFew() } };
  const sentOutcomes = await outcomesOf(pass, entered, items, sent.attempt);
  return { outcomes: [...unsent, ...sentOutcomes], later, answer: { head, headers: sent.reply.headers } };
}

async function updateAlone(
  { mirror, target, request, upstream }: BulkPass,
  alone: Alone,
): Promise<{ readonly outcome: Outcome } & Pick<PassResult, 'answer'>> {
  const { write, key, context } = alone;
  const { refresh, timeout, wait_for_active_shards } = target.params;
  let answer: PassResult['answer'];
  const { trace } = request;
  const toLeader = upstream.to(context.leaderSide);
  const writing = trace?.through(toLeader, leaderOf(context)) ?? toLeader;
  const way = {
    headers: requestHeaders(request),
    params: { refresh, timeout, wait_for_active_shards },
    onHead: (head: BulkHead, headers: UpstreamReply['headers']) => {
      answer = { head, headers };
    },
  };
  const send: PartialUpdate['send'] = (one, changes, purpose) =>
    sendBulkOfOne(one, changes, { ...way, upstream: purpose === 'write' ? writing : toLeader });
  const updated = await partialUpdate({ write, key, mirror, context, inBulk: true, refresh, trace, send });
  return { outcome: outcomeOfUpdate(updated, alone), answer };
}

function outcomeOfUpdate(
  updated: LeaderOutcome,
  { pending: { at, operation }, write, context: { roles } }: Alone,
): Outcome {
  if (updated.type === 'failed') return { type: 'done', at, result: updated.error };
  const answered = updated.type === 'again' ? updated.answered : updated;
  const rename = { from: roles.leaderAlias, to: write.clientIndex };
  const result = answered
    ? { item: parseBulkItem(answered.reply.raw), action: operation.action, rename, withoutGet: false }
    : heldTooLong(write.clientIndex);
  if (updated.type === 'again') return { type: updated.why, at, result, generation: roles.generation };
  return { type: 'done', at, result, copied: Promise.resolve({ warning: updated.warning }) };
}

async function withBases({ mirror }: BulkPass, ready: readonly Ready[]): Promise<readonly Ready[]> {
  const isBased = ({ prepared }: Ready): boolean => prepared !== undefined && needsBase(prepared);
  if (!ready.some(isBased)) return ready;
  return await Promise.all(
    ready.map(async (one) =>
      isBased(one) ? { ...one, prepared: await onBase(mirror, one.prepared as PreparedWrite) } : one,
    ),
  );
}

/**
 * Notes each operation that may delete a document (`intent`) in the ledger, if the engine lets the client do
 * it. Without a note, the operation is not sent.
 */
async function enterInLedger(
  { mirror, request, upstream }: BulkPass,
  ready: readonly Ready[],
): Promise<{ readonly entered: readonly Ready[]; readonly refused: readonly Outcome[] }> {
  if (!ready.some(({ prepared }) => prepared?.intent)) return { entered: ready, refused: [] };
  const way = { rights: mirror.rights, upstream, headers: requestHeaders(request) };
  const denied = await refusedOperations(ready, way);
  const allowed = ready.filter((one) => !denied.has(one));
  // `enter` never rejects, so these promises need no handler until they are awaited together
  const entering: Promise<Entered | undefined>[] = await inSlices(
    mapping(allowed, async ({ prepared }) =>
      prepared?.intent ? await mirror.ledger.enter(prepared.context.roles, prepared.key) : undefined,
    ),
  );
  const answers = await Promise.all(entering);
  const notEntered = allowed.flatMap(({ at, prepared }, n): Outcome[] => {
    const answer = answers[n];
    if (!answer || answer.type === 'entered') return [];
    if (answer.type === 'failed') return [{ type: 'done', at, result: answer.error }];
    return [{ type: 'closed', at, result: heldTooLong((prepared as PreparedWrite).write.clientIndex) }];
  });
  const notAllowed = [...denied].map(([{ at }, result]): Outcome => ({ type: 'done', at, result }));
  const entered = allowed.filter((_, n) => (answers[n]?.type ?? 'entered') === 'entered');
  return { entered, refused: [...notAllowed, ...notEntered] };
}

async function sendReady(
  { target, request, upstream }: BulkPass,
  ready: readonly Ready[],
  side: ClusterSide,
): Promise<{ readonly reply: UpstreamReply; readonly attempt: number } | { readonly error: EngineError }> {
  const { inPath, body } = await inSlices(printingReady(ready));
  const params = printQuery({ ...target.params, filter_path: undefined, pretty: undefined });
  const path = `${inPath === undefined ? '' : `/${encodeURIComponent(inPath)}`}/_bulk${params}`;
  const headers = requestHeaders(request);
  // repeat only if twindex has generated every id, since such a document can be created only once
  const repeatable = ready.every(({ prepared }) => prepared?.freshId === true);
  const toLeader = upstream.to(side);
  const writing = request.trace?.through(toLeader, leadersOf(ready)) ?? toLeader;
  for (let attempt = 1; ; attempt++) {
    const sent = await sendUpstream(writing, { method: 'POST', path, headers, body });
    if (sent.type === 'answered') return { reply: sent.reply, attempt };
    if (sent.type === 'notSent' || !repeatable || attempt >= TRIES) return { error: sent.error };
  }
}

/** Starts all copies, and returns the outcomes without waiting for them. */
async function outcomesOf(
  pass: BulkPass,
  ready: readonly Ready[],
  items: readonly ReplyItem[],
  attempt: number,
): Promise<readonly Outcome[]> {
  const bytes = pass.request.body?.length ?? 0;
  const trace = pass.request.trace?.copies();
  const load = { bytes, operations: ready.length, refresh: pass.target.params['refresh'], trace };
  const inPlace = pairItems(ready, items);
  const outcomes = await inSlices(
    mapping(ready, (one, n) => outcomeOf(pass, one, inPlace[n] as ReplyItem, { load, attempt })),
  );
  trace?.close();
  return outcomes;
}

interface Way {
  readonly load: Load;
  readonly attempt: number;
}

function outcomeOf(pass: BulkPass, { at, operation, prepared }: Ready, item: ReplyItem, way: Way): Outcome {
  const shown = { item, action: operation.action, rename: undefined, withoutGet: false };
  if (!prepared) return { type: 'done', at, result: shown };
  const { context, write, withoutGet } = prepared;
  const { leaderAlias, generation } = context.roles;
  const result = { ...shown, rename: { from: leaderAlias, to: write.clientIndex }, withoutGet };
  const why = whyNotDone(item);
  // after a repetition, the first attempt may have been done, so the write must not be done again
  if (why && way.attempt === 1) return { type: why, at, result, generation };
  if (hasMoved(prepared, item)) return { type: 'moved', at, result, retries: retriesOf(prepared) };
  const copied = copy(pass, prepared, result, way);
  // avoid an unhandled rejection if a later operation fails first; `copied` still rejects where it is awaited
  copied.catch(() => undefined);
  return { type: 'done', at, result, copied };
}

async function copy(
  { mirror }: BulkPass,
  prepared: PreparedWrite,
  shown: ShownItem,
  { load, attempt }: Way,
): Promise<Copied> {
  const { item } = shown;
  const wasLost = attempt > 1 && prepared.freshId && item.status === 409;
  const before = wasLost ? await createdBefore(mirror, prepared) : undefined;
  if (before === 'unknown') return { instead: lostAnswer(prepared.key.id) };
  const created = before && asItem(item.action, before);
  const index = mirror.indexOf(prepared.write.name);
  const shortfall = await mirror.copies.bring(index, prepared, created ?? item, load);
  if (shortfall?.type === 'error') return { instead: shortfall.error };
  return { instead: created && { ...shown, item: created }, warning: shortfall?.text };
}

function asItem(action: WriteAction, { reply }: Answered): ReplyItem {
  const object = reply.raw.toString().trimEnd();
  const raw = Buffer.from(`{"${action}":${object.slice(0, -1)},"status":${reply.status}}}`);
  return { ...reply, action, raw };
}

function tooFew(): EngineError {
  // not 502, since clients repeat a bulk after 502, and this one was carried out
  return {
    status: 500,
    type: 'twindex_unanswered',
    reason: 'the answer to the bulk has too few items, so it is not known which of its operations were done',
  };
}
