// Carries out a client's bulk, from its admission to its answer. An operation that was not done is sent again
// if the roles have changed, or if another client has changed its document first.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { BulkPass } from './bulkPass.js';
import { type BulkHead, failedItem, printingBulkReply, type ShownItem } from './bulkReply.js';
import { type BulkOperation, parsingBulk } from './bulkRequest.js';
import { type BulkDecision, planningBulk, type PlannedOperation } from '../request/decide.js';
import { heldTooLong } from '../document/documentWrite.js';
import { parseDocumentReply } from '../document/documentReply.js';
import type { EngineError } from '../request/engineError.js';
import { ForeignBlock } from '../foreignBlock.js';
import type { Ticket } from '../lease/managedIndex.js';
import type { PassResult, Whole } from './passResult.js';
import type { Pending } from './sentBulk.js';
import { dryRunBulk } from '../document/dryRun.js';
import {
  passThrough,
  refusal,
  replyHeaders,
  requestHeaders,
  type MirrorContext,
  withWarning,
} from '../mirrorContext.js';
import type { ClientReply, ClientRequest } from '../request/clientRequest.js';
import { inSlices } from '../../../timeSlice.js';
import type { Upstream, UpstreamReply } from '../request/upstream.js';

const JSON_TYPE = { 'content-type': 'application/json; charset=UTF-8' };

interface Parts {
  readonly mirror: MirrorContext;
  readonly decision: BulkDecision;
  readonly request: ClientRequest;
  readonly upstream: Upstream;
  readonly deadline: number;
}

export async function writeBulk(parts: Parts): Promise<ClientReply> {
  const { request } = parts;
  const parsed = await inSlices(parsingBulk(request.body ?? Buffer.alloc(0)));
  if (parsed.type === 'malformed') return parsed.reply;
  return await new Bulk(parts, parsed.operations).run();
}

type Tickets = ReadonlyMap<string, Ticket | undefined>;

type Admitted =
  | {
      readonly type: 'admitted';
      readonly pending: readonly Pending[];
      readonly tickets: Tickets;
      readonly release: () => void;
    }
  /** No operation is for a managed index, and all are for one cluster. */
  | { readonly type: 'foreign'; readonly where: ClusterSide }
  | { readonly type: 'refused'; readonly error: EngineError };

class Bulk {
  readonly #parts: Parts;
  readonly #operations: readonly BulkOperation[];
  readonly #block = new ForeignBlock();
  /** Items of the client's answer, by position. */
  readonly #shown = new Map<number, ShownItem>();
  readonly #copied: PassResult['copied'][] = [];
  readonly #warnings: PassResult['warnings'][] = [];
  /** How often another client has changed the document first, by position. */
  readonly #tried = new Map<number, number>();
  #dryRun: Promise<UpstreamReply | undefined> | undefined;
  #mayBeDoneInPart = false;
  #head: BulkHead = { took: 0, ingestTook: undefined, errorsFirst: false };
  #headers: Readonly<Record<string, string>> = JSON_TYPE;

  constructor(parts: Parts, operations: readonly BulkOperation[]) {
    this.#parts = parts;
    this.#operations = operations;
  }

  async run(): Promise<ClientReply> {
    const { mirror, request, upstream, decision } = this.#parts;
    let left: readonly number[] = this.#operations.map((_, at) => at);
    while (left.length > 0) {
      const admitted = await this.#admit(left);
      const isFirst = this.#shown.size === 0;
      if (admitted.type === 'foreign') return await passThrough(request, upstream.to(admitted.where));
      if (admitted.type === 'refused') {
        if (isFirst) return refusal(admitted.error);
        this.#fail(left, admitted.error);
        break;
      }
      const { pending, tickets, release } = admitted;
      const { target } = decision;
      const dryRun = (name: string): Promise<UpstreamReply | undefined> => this.#dryRunOnce(name);
      const pass = new BulkPass({ mirror, target, request, upstream, tickets, dryRun });
      const result = await pass.send(pending).catch((error: unknown) => {
        release();
        throw error;
      });
      this.#copied.push(result.copied.finally(release));
      this.#warnings.push(result.warnings);
      for (const [at, shown] of result.shown) this.#shown.set(at, shown);
      if (result.whole) {
        if (!this.#mayBeDoneInPart) return showWhole(result.whole);
        this.#fail(left, errorOf(result.whole));
        break;
      }
      this.#keepHead(result);
      left = await this.#whatIsLeft(result);
    }
    for (const missing of await Promise.all(this.#copied))
      for (const [at, shown] of missing) this.#shown.set(at, shown);
    const items = this.#operations.map((_, at) => this.#shown.get(at) as ShownItem);
    const [warning, ...more] = this.#warnings.flat();
    return {
      status: 200,
      headers: withWarning(
        this.#headers,
        more.length === 0 ? warning : `${warning} (and ${more.length} more)`,
      ),
      body: await inSlices(printingBulkReply(this.#head, items, decision.target.params, this.#headers)),
    };
  }

  /** Waits while one of the indexes is held. Plans again if names or phases have changed meanwhile. */
  async #admit(left: readonly number[]): Promise<Admitted> {
    const { mirror, decision, deadline } = this.#parts;
    const operations = left.map((at) => this.#operations[at] as BulkOperation);
    for (;;) {
      const names = mirror.names();
      const planned = await inSlices(planningBulk(decision, operations, names));
      if (!planned && this.#shown.size === 0 && left.length === this.#operations.length) {
        const places = mirror.places();
        const all = new Set(
          operations.map(({ index = decision.target.index }) => places.ofName(index, false)),
        );
        const [where = places.others] = all;
        if (all.size <= 1) return { type: 'foreign', where };
      }
      const admission = await mirror.admit(namesIn(planned), deadline);
      if (admission.type === 'refused') return admission;
      if (mirror.names() !== names) {
        admission.release();
        continue;
      }
      const pending = operations.map((operation, n) => ({
        at: left[n] as number,
        operation,
        planned: planned?.[n] ?? foreign(operation, decision),
      }));
      return { ...admission, pending };
    }
  }

  /** Asks the engine only once: a bulk that it has accepted must not be refused as a whole later. */
  async #dryRunOnce(name: string): Promise<UpstreamReply | undefined> {
    const { decision, request, upstream } = this.#parts;
    const bulk = { name, operations: this.#operations, target: decision.target };
    const toLeader = upstream.to(this.#parts.mirror.indexOf(name).placed.writers);
    this.#dryRun ??= dryRunBulk(bulk, { upstream: toLeader, headers: requestHeaders(request) });
    return await this.#dryRun;
  }

  async #whatIsLeft({ again, later }: PassResult): Promise<readonly number[]> {
    const now = performance.now();
    const isLate = now > this.#parts.deadline;
    const left = later.map(({ at }) => at);
    let isRefused = false;
    for (const { pending, why, shown, generation, waitsFor, retries } of again) {
      if (why === 'moved') {
        const tried = (this.#tried.get(pending.at) ?? 0) + 1;
        this.#tried.set(pending.at, tried);
        if (tried <= retries && !isLate) left.push(pending.at);
        else if (shown) this.#shown.set(pending.at, shown);
        continue;
      }
      isRefused = true;
      const isForeign = why === 'blocked' && this.#block.isForeign(generation);
      if (shown && (isForeign || isLate)) this.#shown.set(pending.at, shown);
      else if (isLate) this.#fail([pending.at], waitsFor ?? heldTooLong(clientIndexOf(pending)));
      else left.push(pending.at);
    }
    if (isRefused && left.length > later.length) await this.#parts.mirror.refreshRoles();
    return left.sort((a, b) => a - b);
  }

  #keepHead({ head, headers, later }: PassResult): void {
    this.#mayBeDoneInPart ||= head !== undefined || later.length > 0;
    if (!head) return;
    const { took, ingestTook, errorsFirst } = this.#head;
    this.#head = {
      took: took + head.took,
      ingestTook: head.ingestTook === undefined ? ingestTook : (ingestTook ?? 0) + head.ingestTook,
      errorsFirst: errorsFirst || head.errorsFirst,
    };
    if (headers) this.#headers = replyHeaders(headers, undefined);
  }

  #fail(places: readonly number[], error: EngineError): void {
    for (const at of places) {
      if (this.#shown.has(at)) continue;
      const operation = this.#operations[at] as BulkOperation;
      const { action, id } = operation;
      const index = operation.index ?? this.#parts.decision.target.index ?? '';
      const item = failedItem(action, index, id, error);
      this.#shown.set(at, { item, action, rename: undefined, withoutGet: false });
    }
  }
}

function namesIn(planned: readonly PlannedOperation[] | undefined): string[] {
  const names = new Set<string>();
  for (const one of planned ?? []) if (one.type === 'write') names.add(one.name);
  return [...names];
}

function foreign(operation: BulkOperation, { target }: BulkDecision): PlannedOperation {
  return { type: 'foreign', index: operation.index ?? target.index };
}

function clientIndexOf({ planned }: Pending): string {
  return planned.type === 'write' ? planned.clientIndex : '';
}

/** The client gets the engine's answer unchanged, since nothing was done or no outcome is known. */
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
