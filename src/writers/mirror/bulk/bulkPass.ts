// One request to the leader for a client's bulk: selects the operations to send now, and sorts the outcomes.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import type { BulkOperation } from './bulkRequest.js';
import {
  type BulkHead,
  type BulkReply,
  failedItem,
  parseBulkItem,
  parsingBulkReply,
  type ReplyItem,
  type ShownItem,
} from './bulkReply.js';
import { hasMoved, needsBase, onBase, retriesOf } from '../document/basedUpdate.js';
import { sendBulkOfOne } from './bulkOfOne.js';
import { bulkWrite } from '../request/decide.js';
import { printQuery } from '../document/documentRequest.js';
import type { EngineError } from '../request/engineError.js';
import type { Load } from '../copies/copies.js';
import type { Entered } from '../copies/deleteLedger.js';
import { createdBefore, type LeaderOutcome, lostAnswer } from '../document/leaderOperation.js';
import type { Ticket } from '../lease/managedIndex.js';
import { whyNotDone } from '../copies/retryReason.js';
import { type PartialUpdate, partialUpdate } from '../document/partialUpdate.js';
import { type PreparedWrite, prepareWrite } from '../document/preparedWrite.js';
import type { PassResult, Refused } from './passResult.js';
import { refusedOperations } from './refusedOperations.js';
import { pairItems, type Pending, printingReady, type Ready } from './sentBulk.js';
import type { BulkTarget } from '../request/target.js';
import { inSlices, mapping, TimeSlice } from '../../../timeSlice.js';
import { requestHeaders, sendUpstream, type MirrorContext } from '../mirrorContext.js';
import type { ClientRequest, Write, WriteAction } from '../request/clientRequest.js';
import { hasUpsert } from '../document/updateBody.js';
import type { Upstream, UpstreamReply } from '../request/upstream.js';

interface BulkParts {
  readonly mirror: MirrorContext;
  readonly target: BulkTarget;
  readonly request: ClientRequest;
  readonly upstream: Upstream;
  readonly tickets: ReadonlyMap<string, Ticket | undefined>;
  /** Finds out whether the engine would refuse the whole bulk, before a part of it is sent. */
  readonly dryRun: (name: string) => Promise<UpstreamReply | undefined>;
}

const TRIES = 3;

export class BulkPass {
  readonly #mirror: MirrorContext;
  readonly #target: BulkTarget;
  readonly #request: ClientRequest;
  readonly #upstream: Upstream;
  readonly #tickets: BulkParts['tickets'];
  readonly #dryRun: BulkParts['dryRun'];
  readonly #shown = new Map<number, ShownItem>();
  readonly #again: Refused[] = [];
  readonly #warnings: string[] = [];
  readonly #ready: Ready[] = [];
  /** Documents of this pass. Those in `#updated` are written only if they are still as they were read. */
  readonly #written = new Set<string>();
  readonly #updated = new Set<string>();
  /** The cluster of this request. Operations for another cluster wait for a later pass. */
  #where: ClusterSide | undefined;
  /** From the answer to a partial update in the follower's shape, which is carried out alone in its pass. */
  #alone: Pick<PassResult, 'head' | 'headers'> = { head: undefined, headers: undefined };

  constructor(parts: BulkParts) {
    this.#mirror = parts.mirror;
    this.#target = parts.target;
    this.#request = parts.request;
    this.#upstream = parts.upstream;
    this.#tickets = parts.tickets;
    this.#dryRun = parts.dryRun;
  }

  async send(pending: readonly Pending[]): Promise<PassResult> {
    const later = await this.#prepare(pending);
    const results = {
      shown: this.#shown,
      again: this.#again,
      warnings: this.#warnings,
      copied: Promise.resolve(new Map()),
    };
    if ('reply' in later) return { ...results, later: [], head: undefined, whole: later, headers: undefined };
    await this.#findBases();
    await this.#enterInLedger();
    const nothing = { ...results, later };
    if (this.#ready.length === 0) return { ...nothing, ...this.#alone, whole: undefined };

    const sent = await this.#sendReady();
    if ('error' in sent || sent.reply.status >= 300)
      return { ...nothing, head: undefined, whole: sent, headers: undefined };
    const head = await inSlices(parsingBulkReply(sent.reply.body));
    if (head.items.length !== this.#ready.length)
      return { ...nothing, head: undefined, whole: { error: tooFew() }, headers: undefined };
    const { all: copied } = await this.#sortItems(head, sent.attempt);
    return { ...nothing, head, whole: undefined, headers: sent.reply.headers, copied };
  }

  /** @returns the operations for a later pass, or the engine's refusal of the whole bulk */
  async #prepare(
    pending: readonly Pending[],
  ): Promise<readonly Pending[] | { readonly reply: UpstreamReply }> {
    const waiting = new Map<string, EngineError | undefined>();
    const slice = new TimeSlice();
    for (const [n, one] of pending.entries()) {
      if (slice.isOver) await slice.pause();
      const { operation, planned, at } = one;
      if (planned.type === 'foreign') {
        if (!this.#isFor(this.#mirror.places().ofName(planned.index, false))) return pending.slice(n);
        this.#ready.push({ ...one, prepared: undefined });
        continue;
      }
      if (planned.type === 'refused') {
        const item = failedItem(operation.action, planned.index, operation.id, planned.error);
        this.#shown.set(at, shownAs(operation, item));
        continue;
      }
      const ticket = this.#tickets.get(planned.name);
      if (ticket && !this.#isFor(ticket.context.leaderSide)) return pending.slice(n);
      const write = bulkWrite(operation, planned, this.#target);
      // an earlier operation on this index waits, and this one may be on the same document
      if (waiting.has(planned.name)) {
        this.#refused(one, 'closed', undefined, { waitsFor: waiting.get(planned.name) });
        continue;
      }
      if (!ticket) {
        const unmirrored = await this.#mirror.indexOf(planned.name).unmirrored(write);
        if (unmirrored.type === 'passedThrough') {
          const passedThrough = { type: 'foreign', index: operation.index ?? this.#target.index } as const;
          if (!this.#isFor(this.#mirror.places().ofName(passedThrough.index, false))) return pending.slice(n);
          this.#ready.push({ ...one, planned: passedThrough, prepared: undefined });
        } else if (unmirrored.type === 'refused')
          this.#shown.set(at, shownAs(operation, failed(write, unmirrored.error)));
        else {
          waiting.set(planned.name, unmirrored.error);
          this.#refused(one, 'closed', undefined, { waitsFor: unmirrored.error });
        }
        continue;
      }
      // the pass updates this document only if it has not changed, so further operations on it wait
      if (this.#updated.has(nameOf(write))) return await this.#later(pending.slice(n), planned.name);
      const preparation = await prepareWrite(write, ticket.context, true);
      if (preparation.type === 'tooEarly') {
        waiting.set(planned.name, preparation.error);
        this.#refused(one, 'closed', undefined, { waitsFor: preparation.error });
      } else if (preparation.type === 'refused')
        this.#shown.set(at, shownAs(operation, failed(write, preparation.error)));
      else if (preparation.type === 'prepared') {
        const { prepared } = preparation;
        if (needsBase(prepared)) {
          if (this.#written.has(nameOf(write))) return await this.#later(pending.slice(n), planned.name);
          const reply = hasUpsert(write.body) ? await this.#dryRun(planned.name) : undefined;
          if (reply) return { reply };
          this.#updated.add(nameOf(write));
        }
        this.#written.add(nameOf(write));
        this.#ready.push({ ...one, prepared });
      } else {
        const reply = await this.#dryRun(planned.name);
        if (reply) return { reply };
        if (this.#ready.length > 0) return pending.slice(n);
        await this.#updatePartially(one, preparation, ticket);
        return pending.slice(n + 1);
      }
    }
    return [];
  }

  async #later(
    pending: readonly Pending[],
    name: string,
  ): Promise<readonly Pending[] | { readonly reply: UpstreamReply }> {
    const reply = await this.#dryRun(name);
    return reply ? { reply } : pending;
  }

  async #findBases(): Promise<void> {
    if (!this.#ready.some(({ prepared }) => prepared && needsBase(prepared))) return;
    const based = await Promise.all(
      this.#ready.map(async (one) =>
        one.prepared && needsBase(one.prepared)
          ? { ...one, prepared: await onBase(this.#mirror, one.prepared) }
          : one,
      ),
    );
    this.#ready.splice(0, this.#ready.length, ...based);
  }

  /** The first operation that is ready decides which cluster this request is for. */
  #isFor(where: ClusterSide): boolean {
    if (this.#ready.length === 0) this.#where = where;
    return this.#where === where;
  }

  get #upstreamOfAll(): Upstream {
    return this.#where ? this.#upstream.to(this.#where) : this.#upstream;
  }

  #refused(
    pending: Pending,
    why: Refused['why'],
    shown: ShownItem | undefined,
    { waitsFor, retries = 0 }: Partial<Pick<Refused, 'waitsFor' | 'retries'>> = {},
  ): void {
    const { planned, operation, at } = pending;
    const ticket = planned.type === 'write' ? this.#tickets.get(planned.name) : undefined;
    const generation = ticket?.context.roles.generation ?? 0;
    this.#again.push({ pending: { planned, operation, at }, why, generation, shown, waitsFor, retries });
  }

  async #updatePartially(
    pending: Pending,
    partial: Pick<PartialUpdate, 'write' | 'key'>,
    { context }: Ticket,
  ): Promise<void> {
    const { refresh, timeout, wait_for_active_shards } = this.#target.params;
    const way = {
      upstream: this.#upstream.to(context.leaderSide),
      headers: requestHeaders(this.#request),
      params: { refresh, timeout, wait_for_active_shards },
      onHead: (head: BulkHead, headers: PassResult['headers']) => {
        this.#alone = { head, headers };
      },
    };
    const outcome = await partialUpdate({
      ...partial,
      mirror: this.#mirror,
      context,
      inBulk: true,
      refresh,
      send: (write, changes) => sendBulkOfOne(write, changes, way),
    });
    const { operation, at } = pending;
    const rename = { from: context.roles.leaderAlias, to: partial.write.clientIndex };
    const show = (answered: LeaderOutcome | undefined): ShownItem | undefined =>
      answered?.type === 'answered'
        ? { ...shownAs(operation, parseBulkItem(answered.reply.raw)), rename }
        : undefined;
    if (outcome.type === 'again') this.#refused(pending, outcome.why, show(outcome.answered));
    else if (outcome.type === 'failed')
      this.#shown.set(at, shownAs(operation, failed(partial.write, outcome.error)));
    else {
      if (outcome.warning !== undefined) this.#warnings.push(outcome.warning);
      this.#shown.set(at, show(outcome) as ShownItem);
    }
  }

  async #enterInLedger(): Promise<void> {
    if (!this.#ready.some(({ prepared }) => prepared?.intent)) return;
    await this.#leaveOutRefused();
    // `enter` never rejects, so these promises need no handler until they are awaited together
    const entering: Promise<Entered | undefined>[] = await inSlices(
      mapping(this.#ready, async ({ prepared }) =>
        prepared?.intent ? await this.#mirror.ledger.enter(prepared.context.roles, prepared.key) : undefined,
      ),
    );
    const entered = await Promise.all(entering);
    const kept = this.#ready.filter((one, n) => {
      const outcome = entered[n];
      if (!outcome || outcome.type === 'entered') return true;
      if (outcome.type === 'closed') this.#refused(one, 'closed', undefined);
      else {
        const error = { status: 503, type: 'twindex_ledger', reason: `not deleted: ${outcome.reason}` };
        this.#shown.set(one.at, shownAs(one.operation, failed((one.prepared as PreparedWrite).write, error)));
      }
      return false;
    });
    this.#ready.splice(0, this.#ready.length, ...kept);
  }

  async #leaveOutRefused(): Promise<void> {
    const refused = await refusedOperations(this.#ready, {
      rights: this.#mirror.rights,
      upstream: this.#upstream,
      headers: requestHeaders(this.#request),
    });
    const kept = this.#ready.filter((one) => {
      const error = refused.get(one);
      if (error)
        this.#shown.set(one.at, shownAs(one.operation, failed((one.prepared as PreparedWrite).write, error)));
      return !error;
    });
    this.#ready.splice(0, this.#ready.length, ...kept);
  }

  async #sendReady(): Promise<
    { readonly reply: UpstreamReply; readonly attempt: number } | { readonly error: EngineError }
  > {
    const { inPath, body } = await inSlices(printingReady(this.#ready));
    const params = printQuery({ ...this.#target.params, filter_path: undefined, pretty: undefined });
    const path = `${inPath === undefined ? '' : `/${encodeURIComponent(inPath)}`}/_bulk${params}`;
    const headers = requestHeaders(this.#request);
    // repeat only if every id is generated, since such a document can be created only once
    const repeatable = this.#ready.every(({ prepared }) => prepared?.freshId === true);
    for (let attempt = 1; ; attempt++) {
      const sent = await sendUpstream(this.#upstreamOfAll, { method: 'POST', path, headers, body });
      if (sent.type === 'answered') return { reply: sent.reply, attempt };
      if (sent.type === 'notSent' || !repeatable || attempt >= TRIES) return { error: sent.error };
    }
  }

  /** Begins all copies. `all` resolves when they have ended, to errors that replace items of the answer. */
  async #sortItems({ items }: BulkReply, attempt: number): Promise<{ readonly all: PassResult['copied'] }> {
    const load = {
      bytes: this.#request.body?.length ?? 0,
      operations: this.#ready.length,
      refresh: this.#target.params['refresh'],
    };
    const copying: Promise<[number, ShownItem] | undefined>[] = [];
    const inPlace = pairItems(this.#ready, items);
    const slice = new TimeSlice();
    for (const [n, one] of this.#ready.entries()) {
      if (slice.isOver) await slice.pause();
      const item = inPlace[n] as ReplyItem;
      const { prepared, operation, at } = one;
      const { planned } = one;
      if (!prepared || planned.type !== 'write') {
        this.#shown.set(at, shownAs(operation, item));
        continue;
      }
      const rename = { from: prepared.context.roles.leaderAlias, to: planned.clientIndex };
      const shown = { ...shownAs(operation, item), rename, withoutGet: prepared.withoutGet };
      const why = whyNotDone(item);
      if (why && attempt === 1) {
        this.#refused(one, why, shown);
        continue;
      }
      if (hasMoved(prepared, item)) {
        this.#refused(one, 'moved', shown, { retries: retriesOf(prepared) });
        continue;
      }
      this.#shown.set(at, shown);
      const settled = this.#settle(prepared, item, { load, attempt }).then(
        (instead): [number, ShownItem] | undefined =>
          instead ? [at, { ...shown, item: instead }] : undefined,
      );
      // avoid an unhandled rejection if this fails before all copies have begun; `all` reports the failure
      settled.catch(() => undefined);
      copying.push(settled);
    }
    const all = Promise.all(copying).then((missing) => new Map(missing.filter((one) => one !== undefined)));
    return { all };
  }

  /** @returns the item that the client gets instead of `item`, if any */
  async #settle(
    prepared: PreparedWrite,
    item: ReplyItem,
    { load, attempt }: { readonly load: Load; readonly attempt: number },
  ): Promise<ReplyItem | undefined> {
    const wasLost = attempt > 1 && prepared.freshId && item.status === 409;
    const before = wasLost ? await createdBefore(this.#mirror, prepared) : undefined;
    if (before === 'unknown') return failed(prepared.write, lostAnswer(prepared.key.id));
    const created = before && asItem(item.action, prepared.write, before);
    const index = this.#mirror.indexOf(prepared.write.name);
    const shortfall = await this.#mirror.copies.bring(index, prepared, created ?? item, load);
    if (shortfall?.type === 'error') return failed(prepared.write, shortfall.error);
    if (shortfall) this.#warnings.push(shortfall.text);
    return created;
  }
}

const nameOf = ({ name, id }: Write): string => `${name} ${id ?? ''}`;

function shownAs(operation: BulkOperation, item: ReplyItem): ShownItem {
  return { item, action: operation.action, rename: undefined, withoutGet: false };
}

function failed({ action, clientIndex, id }: Write, error: EngineError): ReplyItem {
  return failedItem(action, clientIndex, id, error);
}

function asItem(
  action: WriteAction,
  write: Write,
  { reply }: Extract<LeaderOutcome, { type: 'answered' }>,
): ReplyItem {
  if (reply.type !== undefined || reply.status >= 300)
    return failed(write, {
      status: reply.status,
      type: reply.type ?? 'exception',
      reason: reply.reason ?? reply.raw.toString(),
    });
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
