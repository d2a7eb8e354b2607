// Copies a write to the follower when the leader has answered, and decides how long the client waits for the
// copy (docs/protocol.md, "Writers of our own").
import { messageOf } from '../../../errors.js';
import { within } from '../../../within.js';
import type { Roles } from '../../../protocol/writerRoles.js';
import type { Copy, CopyBatcher, CopyOutcome, CopyTarget } from './copyBatcher.js';
import { type ChangedAnswer, hasChanged, type LeaderAnswer, makeCopy } from './makeCopy.js';
import type { DocumentReader } from '../document/documentReader.js';
import type { EngineError } from '../request/engineError.js';
import { followerOf } from '../trace/requested.js';
import type { CopySpan, CopyTrace } from '../trace/writeTrace.js';
import type { ManagedIndex } from '../lease/managedIndex.js';
import { followerIsRicher, type PreparedWrite } from '../document/preparedWrite.js';

export interface CopyLimits {
  /** Time limit for a copy that no client waits for, because readers do not use the follower. */
  readonly unawaitedMs: number;
  /** Limit of copies at the same time that no client waits for, so that a slow follower has no long queue. */
  readonly unawaited: number;
  /** Time limit for a copy that a client waits for only because too many copies are in flight. */
  readonly followerNotReadMs: number;
  /** Time limit if readers are on the follower, or only the follower can store the whole document. */
  readonly readMs: number;
}

/** The warning or error in the client's answer, if the leader has the write and the follower does not. */
export type Shortfall =
  /** Following will copy the write to the follower. */
  | { readonly type: 'warning'; readonly text: string }
  /** Fields that the leader's mapping has no place for may be lost. */
  | { readonly type: 'error'; readonly error: EngineError };

/** Whether the client waits for the copy, and its time limit. */
const WAITS = {
  /** Readers are on the follower, or only the follower can store the whole document. */
  required: { isAwaited: true, limit: 'readMs' },
  /** Too many copies are in flight, so the client has to wait for its copy. This slows the client down. */
  slowed: { isAwaited: true, limit: 'followerNotReadMs' },
  unawaited: { isAwaited: false, limit: 'unawaitedMs' },
} as const;

/** The time limit of a copy grows with the size of the client's request. */
const MS_PER_MB = 400;
const MS_PER_OPERATION = 1;
const sizeMs = ({ bytes, operations }: Load): number =>
  (bytes / 2 ** 20) * MS_PER_MB + operations * MS_PER_OPERATION;

const MAX_UNAWAITED_BYTES = 8 << 20;

/** The client's request that contained the write: its size, and its trace. */
export interface Load {
  readonly bytes: number;
  readonly operations: number;
  readonly refresh: string | undefined;
  readonly trace: CopyTrace | undefined;
}

interface Sending {
  readonly to: CopyTarget;
  /** As a time of `performance.now()`. */
  readonly deadline: number;
  /** Whether the follower must be confirmed before a version conflict counts as success. */
  readonly confirms: boolean;
  readonly span: CopySpan | undefined;
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
    const { context, version, sent, own, kept } = prepared;
    const { mirrorAlias, generation } = context.roles;
    if (!hasChanged(sent.action, answer)) return undefined;
    if (version !== undefined) index.sawShape(version);
    if (mirrorAlias === undefined) return undefined;

    const isRead = isFollowerRead(index, context.roles);
    const isRequired = isRead || own !== undefined || kept !== undefined;
    const away = context.breaker?.away;
    if (away) {
      index.count('bypassed');
      load.trace?.bypassed();
      const reason = `it has accepted no copies since ${away.since} (${away.reason})`;
      return isRequired ? shortfallOf(prepared, { type: 'unanswered', reason }) : undefined;
    }
    const wait = WAITS[isRequired ? 'required' : this.#hasRoom(load) ? 'unawaited' : 'slowed'];
    const refresh = isRead ? refreshOf(load.refresh) : undefined;
    const copying = this.#copy(index, prepared, answer, {
      to: { ...context.follower, alias: mirrorAlias, refresh },
      deadline: performance.now() + this.#limits[wait.limit] + sizeMs(load),
      confirms: isRequired,
      span: load.trace?.begin(followerOf(context), wait.isAwaited),
    });
    const ended = isRequired ? copying : copying.finally(index.inFlight.beginCopy(generation));
    if (!wait.isAwaited) {
      this.#letGo(ended, load);
      return undefined;
    }
    const outcome = await ended;
    return isRequired && outcome ? shortfallOf(prepared, outcome) : undefined;
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
    answer: ChangedAnswer,
    sending: Sending,
  ): Promise<CopyOutcome | undefined> {
    const began = performance.now();
    const outcome = await this.#tryCopy(index, prepared, answer, sending).catch(
      (error: unknown): CopyOutcome => ({ type: 'unanswered', reason: messageOf(error) }),
    );
    const counter = outcome && COUNTERS[outcome.type];
    if (counter) {
      index.count(counter);
      index.copyDurations.add(performance.now() - began);
    }
    sending.span?.ended(counter);
    return outcome;
  }

  async #tryCopy(
    index: ManagedIndex,
    prepared: PreparedWrite,
    answer: ChangedAnswer,
    sending: Sending,
  ): Promise<CopyOutcome | undefined> {
    const made = await makeCopy(this.#reader, prepared, answer, () => index.count('unmerged'));
    if (made.type === 'none') return undefined;
    if (made.type === 'refused')
      return { type: 'refused', status: 400, errorType: 'twindex_transform', reason: made.reason };
    const outcome = await this.#send(prepared, made.copy, sending);
    if (outcome.type === 'done' && made.copy.version % 2n === 1n) index.count('richer');
    return outcome;
  }

  async #send({ context }: PreparedWrite, copy: Copy, sending: Sending): Promise<CopyOutcome> {
    const sentAt = performance.now();
    const outcome = await this.#sendConfirmed(context, copy, sending);
    const { breaker } = context;
    if (outcome.type === 'unanswered') {
      breaker?.failed(sentAt, outcome.reason);
      // give up the queued copies, too, since they would only wait until their time limits
      if (breaker?.away) this.#copier.giveUp(sending.to.index, breaker.away.reason);
    } else if (outcome.type === 'blocked') breaker?.blocked(outcome.reason);
    else if (outcome.type !== 'fenced') breaker?.answered();
    return outcome;
  }

  async #sendConfirmed(
    { confirmer }: PreparedWrite['context'],
    copy: Copy,
    { to, deadline, confirms, span }: Sending,
  ): Promise<CopyOutcome> {
    for (;;) {
      const baseline = confirmer?.baseline;
      const outcome = await this.#copier.copy(to, copy, deadline, span);
      if (outcome.type !== 'conflict' || !confirms) return outcome;
      if (!confirmer || !baseline)
        return { type: 'unanswered', reason: 'the copy could not be confirmed yet' };
      const confirmed = await within(confirmer.confirm(baseline), deadline - performance.now());
      if (confirmed) return outcome;
      if (performance.now() >= deadline)
        return { type: 'unanswered', reason: 'the copy was not confirmed in time' };
    }
  }
}

/** Checks the present roles, too, since readers may have been moved since the write began. */
function isFollowerRead({ phase }: ManagedIndex, { follower, followerIsRead }: Roles): boolean {
  if (followerIsRead) return true;
  return phase.type === 'write' && phase.roles.follower === follower && phase.roles.followerIsRead;
}

function refreshOf(asked: string | undefined): 'true' | 'wait_for' | undefined {
  if (asked === 'wait_for') return 'wait_for';
  return asked === '' || asked === 'true' ? 'true' : undefined;
}

/** The counter for each outcome of a copy. */
const COUNTERS = {
  done: 'mirrored',
  conflict: 'conflicts',
  refused: 'refused',
  fenced: 'unanswered',
  blocked: 'unanswered',
  unanswered: 'unanswered',
} as const satisfies Record<CopyOutcome['type'], string>;

/**
 * Returns an error, not a warning, if fields may be lost because the leader has no place for them. The leader
 * has the write, so the status is none after which clients retry by themselves (429, 502, 503, 504).
 */
function shortfallOf({ context, key, own }: PreparedWrite, outcome: CopyOutcome): Shortfall | undefined {
  if (outcome.type === 'done' || outcome.type === 'conflict') return undefined;
  const { follower, leader } = context.roles;
  const { reason } = outcome;
  const isRefused = outcome.type === 'refused';
  if (own === undefined || !followerIsRicher(context.roles)) {
    const what = isRefused ? 'has refused it' : 'does not have it yet and will get it later';
    return {
      type: 'warning',
      text: `document ${key.id} is written to ${leader}; ${follower} ${what}: ${reason}`,
    };
  }
  const done = `document ${key.id} is written to ${leader}, converted to version ${context.roles.leaderVersion}, but`;
  if (isRefused)
    return {
      type: 'error',
      error: {
        status: outcome.status,
        type: outcome.errorType,
        reason: `${done} ${follower} refused the original document: ${reason}`,
      },
    };
  return {
    type: 'error',
    error: {
      status: 500,
      type: 'twindex_copy_unanswered',
      reason:
        `${done} ${follower} has not confirmed the original document: ${reason}. Fields that version ` +
        `${context.roles.leaderVersion} cannot store may be lost. Read the document before you send it again`,
    },
  };
}
