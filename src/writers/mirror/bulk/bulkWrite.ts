// Carries out a client's bulk, from its admission to its answer. An operation that was not done is sent again
// if the roles have changed, or if another client has changed its document first.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { inSlices } from '../../../timeSlice.js';
import type { Copied, Outcome, Result } from './bulkOutcome.js';
import type { BulkPass } from './bulkSelection.js';
import { type PassResult, sendPass, type Whole } from './bulkPass.js';
import { type BulkHead, failedItem, printingBulkReply, type ShownItem } from './bulkReply.js';
import { type BulkOperation, parsingBulk } from './bulkRequest.js';
import type { Pending } from './sentBulk.js';
import { parseDocumentReply } from '../document/documentReply.js';
import { dryRunBulk } from '../document/dryRun.js';
import { ForeignBlock } from '../foreignBlock.js';
import {
  type Admission,
  passThrough,
  refusal,
  replyHeaders,
  requestHeaders,
  type MirrorContext,
  withWarning,
} from '../mirrorContext.js';
import type { ClientReply, ClientRequest } from '../request/clientRequest.js';
import { type BulkDecision, planningBulk, type PlannedOperation } from '../request/decide.js';
import type { EngineError } from '../request/engineError.js';
import type { BulkTarget } from '../request/target.js';
import type { Upstream, UpstreamReply } from '../request/upstream.js';

const JSON_TYPE = { 'content-type': 'application/json; charset=UTF-8' };

interface Bulk {
  readonly mirror: MirrorContext;
  readonly decision: BulkDecision;
  readonly request: ClientRequest;
  readonly upstream: Upstream;
  readonly deadline: number;
}

export async function writeBulk(bulk: Bulk): Promise<ClientReply> {
  const { mirror, request, upstream, decision, deadline } = bulk;
  const parsed = await inSlices(parsingBulk(request.body ?? Buffer.alloc(0)));
  if (parsed.type === 'malformed') return parsed.reply;
  const { operations } = parsed;
  const { trace } = request;
  trace?.hasOperations(operations.length, indexesNamed(operations, decision.target));
  const dryRun = dryRunOnce(bulk, operations);
  const answer = new BulkAnswer(operations, decision.target);
  const retries = new Retries(deadline);
  let left: readonly number[] = [...operations.keys()];
  while (left.length > 0) {
    const isFirst = answer.isEmpty;
    const admitted = await admit(bulk, operations, { left, isFirst });
    if (admitted.type === 'foreign') return await passThrough(request, upstream.to(admitted.where));
    if (admitted.type === 'refused') {
      if (isFirst) return refusal(admitted.error);
      answer.fail(left, admitted.error);
      break;
    }
    const { pending, tickets, release } = admitted;
    const pass = { mirror, request, upstream, target: decision.target, tickets, dryRun };
    const result = await sendPass(pass, pending).catch((error: unknown) => {
      release();
      throw error;
    });
    const { final, again } = retries.sort(result);
    answer.add(final, release);
    if (result.whole) {
      if (!answer.mayBeDoneInPart) return showWhole(result.whole);
      answer.fail(left, errorOf(result.whole));
      break;
    }
    answer.addHead(result);
    if (again.some(({ type }) => type !== 'moved')) await mirror.refreshRoles();
    left = [...result.later, ...again].map(({ at }) => at).sort((a, b) => a - b);
  }
  const reply = await answer.print();
  trace?.failed(answer.failed);
  return reply;
}

function indexesNamed(operations: readonly BulkOperation[], target: BulkTarget): Set<string | undefined> {
  return new Set(operations.map(({ index = target.index }) => index));
}

type Admitted =
  | (Extract<Admission, { type: 'admitted' }> & { readonly pending: readonly Pending[] })
  /** No operation concerns a running migration, and all are for one cluster. */
  | { readonly type: 'foreign'; readonly where: ClusterSide }
  | { readonly type: 'refused'; readonly error: EngineError };

/** Waits during a hold of one of the indexes. Plans again if names or phases have changed meanwhile. */
async function admit(
  { mirror, decision, deadline, request: { trace } }: Bulk,
  all: readonly BulkOperation[],
  { left, isFirst }: { readonly left: readonly number[]; readonly isFirst: boolean },
): Promise<Admitted> {
  const { target } = decision;
  const operations = left.map((at) => all[at] as BulkOperation);
  for (;;) {
    const names = mirror.names();
    const planned = await inSlices(planningBulk(decision, operations, names));
    if (!planned && isFirst && left.length === all.length) {
      const places = mirror.places();
      const sides = new Set(operations.map(({ index = target.index }) => places.ofName(index, false)));
      const [where = places.others] = sides;
      if (sides.size <= 1) return { type: 'foreign', where };
    }
    const concerned = namesIn(planned);
    trace?.concerns(concerned);
    const admission = await mirror.admit(concerned, deadline, trace);
    if (admission.type === 'refused') return admission;
    if (mirror.names() === names) {
      const pending = operations.map((operation, n) => ({
        at: left[n] as number,
        operation,
        planned: planned?.[n] ?? { type: 'foreign' as const, index: operation.index ?? target.index },
      }));
      return { ...admission, pending };
    }
    admission.release();
  }
}

function namesIn(planned: readonly PlannedOperation[] | undefined): string[] {
  const names = new Set<string>();
  for (const one of planned ?? []) if (one.type === 'write') names.add(one.name);
  return [...names];
}

/** Makes the dry run once only: after a part was sent, the bulk must not be refused as a whole any more. */
function dryRunOnce(
  { mirror, decision: { target }, request, upstream }: Bulk,
  operations: readonly BulkOperation[],
): BulkPass['dryRun'] {
  let asked: Promise<UpstreamReply | undefined> | undefined;
  return async (name) => {
    const toLeader = upstream.to(mirror.indexOf(name).placed.writers);
    asked ??= dryRunBulk(
      { name, operations, target },
      { upstream: toLeader, headers: requestHeaders(request) },
    );
    return await asked;
  };
}

/** Decides which operations are sent again. */
class Retries {
  readonly #deadline: number;
  readonly #block = new ForeignBlock();
  /** How often another client has changed the document first, by the position of the operation. */
  readonly #moved = new Map<number, number>();

  constructor(deadline: number) {
    this.#deadline = deadline;
  }

  sort({ outcomes, whole }: PassResult): { readonly final: Outcome[]; readonly again: Outcome[] } {
    const isLate = performance.now() > this.#deadline;
    const sorted: { readonly final: Outcome[]; readonly again: Outcome[] } = { final: [], again: [] };
    for (const one of outcomes) {
      const isAgain = one.type !== 'done' && (whole !== undefined || (!isLate && this.#isAllowed(one)));
      sorted[isAgain ? 'again' : 'final'].push(one);
    }
    return sorted;
  }

  #isAllowed(outcome: Exclude<Outcome, { type: 'done' }>): boolean {
    if (outcome.type === 'closed') return true;
    if (outcome.type === 'blocked') return !this.#block.isForeign(outcome.generation);
    const moved = (this.#moved.get(outcome.at) ?? 0) + 1;
    this.#moved.set(outcome.at, moved);
    return moved <= outcome.retries;
  }
}

/** The client's answer, which is put together from several answers of the engine. */
class BulkAnswer {
  readonly #operations: readonly BulkOperation[];
  readonly #target: BulkTarget;
  readonly #items = new Map<number, ShownItem>();
  readonly #copying: Promise<unknown>[] = [];
  readonly #warnings: string[] = [];
  #head: BulkHead = { took: 0, ingestTook: undefined, errorsFirst: false };
  #headers: Readonly<Record<string, string>> = JSON_TYPE;
  /** If true, an error of the whole bulk would be wrong: the client needs an item for each operation. */
  mayBeDoneInPart = false;

  constructor(operations: readonly BulkOperation[], target: BulkTarget) {
    this.#operations = operations;
    this.#target = target;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** The number of operations that have failed. */
  get failed(): number {
    return [...this.#items.values()].filter(({ item }) => item.type !== undefined).length;
  }

  /** @param onCopied is called when all copies of these operations have ended */
  add(outcomes: readonly Outcome[], onCopied: () => void): void {
    const copies: Promise<void>[] = [];
    for (const one of outcomes) {
      this.#set(one.at, one.result);
      if (one.type === 'done' && one.copied)
        copies.push(one.copied.then((copied) => this.#correct(one.at, copied)));
    }
    this.#copying.push(Promise.all(copies).finally(onCopied));
  }

  addHead({ answer, later }: PassResult): void {
    this.mayBeDoneInPart ||= answer !== undefined || later.length > 0;
    if (!answer) return;
    const { took, ingestTook, errorsFirst } = this.#head;
    const { head, headers } = answer;
    this.#head = {
      took: took + head.took,
      ingestTook: head.ingestTook === undefined ? ingestTook : (ingestTook ?? 0) + head.ingestTook,
      errorsFirst: errorsFirst || head.errorsFirst,
    };
    this.#headers = replyHeaders(headers, undefined);
  }

  /** Sets the error for the operations at these positions. Operations that have an item keep it. */
  fail(places: readonly number[], error: EngineError): void {
    for (const at of places) if (!this.#items.has(at)) this.#set(at, error);
  }

  /** Waits for the copies, then makes the client's answer. */
  async print(): Promise<ClientReply> {
    await Promise.all(this.#copying);
    const items = this.#operations.map((_, at) => this.#items.get(at) as ShownItem);
    const [warning, ...more] = this.#warnings;
    const text = more.length === 0 ? warning : `${warning} (and ${more.length} more)`;
    return {
      status: 200,
      headers: withWarning(this.#headers, text),
      body: await inSlices(printingBulkReply(this.#head, items, this.#target.params, this.#headers)),
    };
  }

  #correct(at: number, { instead, warning }: Copied): void {
    if (instead) this.#set(at, instead);
    if (warning !== undefined) this.#warnings.push(warning);
  }

  #set(at: number, result: Result): void {
    if ('item' in result) {
      this.#items.set(at, result);
      return;
    }
    const { action, id, index = this.#target.index ?? '' } = this.#operations[at] as BulkOperation;
    const item = failedItem(action, index, id, result);
    this.#items.set(at, { item, action, rename: undefined, withoutGet: false });
  }
}

/** Gives the client the engine's answer to the whole bulk, since no operation is known to be done. */
function showWhole(whole: Whole): ClientReply {
  if ('error' in whole) return refusal(whole.error);
  const { status, headers, body } = whole.reply;
  return { status, headers: replyHeaders(headers, undefined), body };
}

function errorOf(whole: Whole): EngineError {
  if ('error' in whole) return whole.error;
  const { status, body } = whole.reply;
  const { type = 'exception', reason = '' } = parseDocumentReply(status, body);
  return { status, type, reason };
}
