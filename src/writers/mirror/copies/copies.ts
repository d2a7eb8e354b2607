// Copies a write to the follower when the leader has answered, and decides how long the client waits for the
// copy (docs/protocol.md, "Writers of our own").
import { messageOf } from '../../../errors.js';
import { keepRicher } from '../../../protocol/keepRicher.js';
import { stampOf } from '../../../protocol/stamp.js';
import type { CopyBatcher, Copy, CopyOutcome } from './copyBatcher.js';
import type { DocumentReader } from '../document/documentReader.js';
import type { EngineError } from '../request/engineError.js';
import type { ManagedIndex } from '../lease/managedIndex.js';
import { hasChanged } from './retryReason.js';
import { holdsMore, type PreparedWrite } from '../document/preparedWrite.js';

export interface CopyLimits {
  /** Time limit for a copy that no client waits for, because nobody reads the follower. */
  readonly unawaitedMs: number;
  /** Most copies at one time that no client waits for. More would only lengthen a slow follower's queue. */
  readonly unawaited: number;
  /** Time limit for a copy that a client waits for only because too many copies are in flight. */
  readonly followerNotReadMs: number;
  /** Time limit if readers are on the follower, or only the follower can store the whole document. */
  readonly readMs: number;
}

export interface LeaderAnswer {
  readonly status: number;
  readonly type: string | undefined;
  readonly result: string | undefined;
  readonly seqNo: number | undefined;
  readonly term: number | undefined;
  /** The resulting document, if the request asked for it. */
  readonly source: Buffer | undefined;
}

/** The message to the client if the leader has the write and the follower does not. */
export type Shortfall =
  /** Following will copy the write to the follower. */
  | { readonly type: 'warning'; readonly text: string }
  /** Fields for which the leader has no place may be lost. */
  | { readonly type: 'error'; readonly error: EngineError };

type Plan =
  | { readonly type: 'copy'; readonly copy: Copy }
  | { readonly type: 'none' }
  | { readonly type: 'refused'; readonly reason: string };

/** The time limit of a copy grows with the size of the client's request. */
const MS_PER_MB = 400;
const MS_PER_OPERATION = 1;

const MAX_UNAWAITED_BYTES = 8 << 20;

/** The size of the client's request that contained the write. */
export interface Load {
  readonly bytes: number;
  readonly operations: number;
  readonly refresh: string | undefined;
}

export class Copies {
  readonly #copier: CopyBatcher;
  readonly #reader: DocumentReader;
  readonly #limits: CopyLimits;
  readonly #unawaited = new Set<Promise<unknown>>();
  #unawaitedBytes = 0;

  constructor(copier: CopyBatcher, reader: DocumentReader, limits: CopyLimits) {
    this.#copier = copier;
    this.#reader = reader;
    this.#limits = limits;
  }

  async settle(): Promise<void> {
    await Promise.all(this.#unawaited);
  }

  /** Never throws: if the copy fails, following copies the write later. */
  async bring(
    index: ManagedIndex,
    prepared: PreparedWrite,
    answer: LeaderAnswer,
    load: Load,
  ): Promise<Shortfall | undefined> {
    const { context, version, sent } = prepared;
    const { mirrorAlias } = context.roles;
    if (!hasChanged(sent.action, answer)) return undefined;
    if (version !== undefined) index.sawShape(version);
    if (mirrorAlias === undefined) return undefined;

    const own = prepared.own !== undefined;
    // the readers may have been moved since this write began
    const { phase } = index;
    const isRead =
      context.roles.followerIsRead ||
      (phase.type === 'write' &&
        phase.roles.follower === context.roles.follower &&
        phase.roles.followerIsRead);
    const mustReplicate = own || prepared.kept !== undefined || isRead;
    const away = context.breaker?.away;
    if (away) {
      index.count('bypassed');
      const reason = `it takes no copies since ${away.since} (${away.reason})`;
      return mustReplicate ? shortfallOf(prepared, { type: 'unanswered', reason }, { own }) : undefined;
    }
    const isAwaited = mustReplicate || !this.#hasRoom(load);
    const { readMs, followerNotReadMs, unawaitedMs } = this.#limits;
    const waitMs =
      (mustReplicate ? readMs : isAwaited ? followerNotReadMs : unawaitedMs) +
      (load.bytes / 2 ** 20) * MS_PER_MB +
      load.operations * MS_PER_OPERATION;

    const began = performance.now();
    const copying = this.#copy(index, prepared, answer, mirrorAlias, {
      deadline: began + waitMs,
      confirms: mustReplicate,
      isRead,
      refresh: load.refresh,
    });
    const release = mustReplicate ? undefined : index.retain(context.roles.generation);
    const counted = copying.then((copied) => {
      if (copied) {
        count(index, copied);
        index.copyDurations.add(performance.now() - began);
      }
      release?.();
      return copied;
    });
    if (!isAwaited) {
      this.#letGo(counted, load);
      return undefined;
    }
    const outcome = await counted;
    return mustReplicate && outcome ? shortfallOf(prepared, outcome, { own }) : undefined;
  }

  #hasRoom(load: Load): boolean {
    return (
      this.#unawaited.size + load.operations <= this.#limits.unawaited &&
      this.#unawaitedBytes + load.bytes <= MAX_UNAWAITED_BYTES
    );
  }

  #letGo(copying: Promise<unknown>, load: Load): void {
    const bytes = load.bytes / load.operations;
    this.#unawaited.add(copying);
    this.#unawaitedBytes += bytes;
    void copying.finally(() => {
      this.#unawaited.delete(copying);
      this.#unawaitedBytes -= bytes;
    });
  }

  async #copy(
    index: ManagedIndex,
    prepared: PreparedWrite,
    answer: LeaderAnswer & { readonly seqNo: number; readonly term: number },
    alias: string,
    wait: {
      readonly deadline: number;
      readonly confirms: boolean;
      readonly isRead: boolean;
      readonly refresh: string | undefined;
    },
  ): Promise<CopyOutcome | undefined> {
    try {
      const plan = await this.#plan(index, prepared, answer);
      if (plan.type === 'none') return undefined;
      if (plan.type === 'refused')
        return { type: 'refused', status: 400, errorType: 'twindex_transform', reason: plan.reason };
      const refresh = wait.isRead ? refreshOf(wait.refresh) : undefined;
      const to = { ...prepared.context.follower, alias, refresh };
      const outcome = await this.#send(prepared, to, plan.copy, wait);
      if (outcome.type === 'done' && plan.copy.version % 2n === 1n) index.count('richer');
      return outcome;
    } catch (error) {
      return { type: 'unanswered', reason: messageOf(error) };
    }
  }

  async #send(
    { context }: PreparedWrite,
    inFlight: Parameters<CopyBatcher['copy']>[0],
    copy: Copy,
    wait: { readonly deadline: number; readonly confirms: boolean },
  ): Promise<CopyOutcome> {
    const sentAt = performance.now();
    const outcome = await this.#sendConfirmed(context, inFlight, copy, wait);
    const { breaker } = context;
    if (outcome.type === 'unanswered') {
      breaker?.failed(sentAt, outcome.reason);
      // give up the queued copies too, since they would also run into their time limits
      if (breaker?.away) this.#copier.giveUp(inFlight.index, breaker.away.reason);
    } else if (outcome.type === 'blocked') breaker?.blocked(outcome.reason);
    else if (outcome.type !== 'fenced') breaker?.answered();
    return outcome;
  }

  async #sendConfirmed(
    { confirmer }: PreparedWrite['context'],
    inFlight: Parameters<CopyBatcher['copy']>[0],
    copy: Copy,
    { deadline, confirms }: { readonly deadline: number; readonly confirms: boolean },
  ): Promise<CopyOutcome> {
    for (;;) {
      const baseline = confirmer?.baseline;
      const outcome = await this.#copier.copy(inFlight, copy, deadline);
      if (outcome.type !== 'conflict' || !confirms) return outcome;
      if (!confirmer || !baseline) return { type: 'unanswered', reason: 'it could not be confirmed yet' };
      const confirmed = await before(deadline, confirmer.confirm(baseline));
      if (confirmed) return outcome;
      if (performance.now() >= deadline) return { type: 'unanswered', reason: 'not confirmed in time' };
    }
  }

  async #plan(
    index: ManagedIndex,
    prepared: PreparedWrite,
    answer: LeaderAnswer & { readonly seqNo: number; readonly term: number },
  ): Promise<Plan> {
    const { context, content, key, sent } = prepared;
    const { epoch } = context.roles;
    const version = stampOf(epoch, answer.term, answer.seqNo);
    if (sent.action === 'delete' || answer.result === 'deleted')
      return { type: 'copy', copy: { key, version, source: undefined } };
    if (content === 'own')
      return { type: 'copy', copy: { key, version: version + 1n, source: prepared.own } };
    // read the document: an update without a routing keeps the stored routing, which the answer lacks
    const keepsRouting = context.roles.routed && sent.action === 'update' && key.routing === undefined;
    const given = content === 'body' ? sent.body : content === 'answer' ? answer.source : undefined;
    const known = keepsRouting ? undefined : given;
    if (known) return await this.#reshaped(index, prepared, known, version);

    const stored = await this.#reader.readStored(context.leader, key, answer);
    // the document was deleted since, and that delete makes its own copy
    if (!stored?.source) return { type: 'none' };
    const storedKey = { id: stored.id, routing: stored.routing };
    const storedVersion = stampOf(epoch, stored.term, stored.seqNo);
    // do not merge if a later change is stored, since the fields to keep belong to this change only
    const kept = storedVersion === version ? prepared.kept : undefined;
    if (prepared.kept && !kept) index.count('unmerged');
    return await this.#reshaped(index, { ...prepared, kept, key: storedKey }, stored.source, storedVersion);
  }

  async #reshaped(
    index: ManagedIndex,
    { context, key, kept }: PreparedWrite,
    source: Buffer,
    version: bigint,
  ): Promise<Plan> {
    const { toFollower: there, toLeader: back } = context.shapes;
    const change = kept && { before: kept.before, after: source };
    const outcome = change && (await keepRicher(kept.rich, change, key, { there, back }));
    // larger by one, so that the merged document wins over following's copy of the same operation
    if (outcome?.type === 'merged')
      return { type: 'copy', copy: { key, version: version + 1n, source: outcome.source } };
    if (outcome?.lost) index.count('unmerged');
    const shaped = outcome ? outcome.shaped : await there(source, key);
    if (shaped.type === 'refused') return shaped;
    return {
      type: 'copy',
      copy: { key, version, source: shaped.type === 'index' ? shaped.source : undefined },
    };
  }
}

/** @returns undefined if the deadline passes first */
async function before<T>(deadline: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, deadline - performance.now()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function refreshOf(asked: string | undefined): 'true' | 'wait_for' | undefined {
  if (asked === 'wait_for') return 'wait_for';
  return asked === '' || asked === 'true' ? 'true' : undefined;
}

function count(index: ManagedIndex, outcome: CopyOutcome): void {
  if (outcome.type === 'done') index.count('mirrored');
  else if (outcome.type === 'conflict') index.count('conflicts');
  else index.count(outcome.type === 'refused' ? 'refused' : 'unanswered');
}

/**
 * The client gets an error only if the leader has no place for some fields of the document. No status is used
 * after which clients retry by themselves (429, 502, 503, 504), since the leader has the write.
 */
function shortfallOf(
  { context, key }: PreparedWrite,
  outcome: CopyOutcome,
  { own }: { readonly own: boolean },
): Shortfall | undefined {
  if (outcome.type === 'done' || outcome.type === 'conflict') return undefined;
  const { follower, leader } = context.roles;
  const { reason } = outcome;
  const isRefused = outcome.type === 'refused';
  if (!own || !holdsMore(context.roles)) {
    const what = isRefused ? 'has refused it' : 'does not have it yet, and gets it by following';
    return {
      type: 'warning',
      text: `document ${key.id} is written to ${leader}; ${follower} ${what}: ${reason}`,
    };
  }
  const done = `document ${key.id} is written to ${leader}, in the form of its version, but`;
  if (isRefused)
    return {
      type: 'error',
      error: {
        status: outcome.status,
        type: outcome.errorType,
        reason: `${done} ${follower} refused it as it was given: ${reason}`,
      },
    };
  return {
    type: 'error',
    error: {
      status: 500,
      type: 'twindex_copy_unanswered',
      reason:
        `${done} ${follower} has not answered for the document as it was given: ${reason}. What version ` +
        `${context.roles.leaderVersion} has no room for may be lost. Read it before it is sent again`,
    },
  };
}
