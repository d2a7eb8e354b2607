// Selects, in their order, the operations of a client's bulk that can share the next request to the leader.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { TimeSlice } from '../../../timeSlice.js';
import type { Outcome } from './bulkOutcome.js';
import type { Pending, Ready } from './sentBulk.js';
import { needsBase } from '../document/basedUpdate.js';
import { type Preparation, prepareWrite } from '../document/preparedWrite.js';
import { hasUpsert } from '../document/updateBody.js';
import type { Ticket } from '../lease/managedIndex.js';
import type { RoleContext } from '../lease/roleContext.js';
import type { MirrorContext } from '../mirrorContext.js';
import type { ClientRequest, Write } from '../request/clientRequest.js';
import { bulkWrite } from '../request/decide.js';
import { type EngineError, heldTooLong } from '../request/engineError.js';
import type { BulkTarget } from '../request/target.js';
import type { Upstream, UpstreamReply } from '../request/upstream.js';

/** The inputs for one request to the leader. */
export interface BulkPass {
  readonly mirror: MirrorContext;
  readonly target: BulkTarget;
  readonly request: ClientRequest;
  readonly upstream: Upstream;
  readonly tickets: ReadonlyMap<string, Ticket | undefined>;
  /** Finds out, before a part of the bulk is sent alone, whether the engine would refuse the whole bulk. */
  readonly dryRun: (name: string) => Promise<UpstreamReply | undefined>;
}

/** A partial update in the follower's shape. No other operation shares a request with it. */
export type Alone = Extract<Preparation, { type: 'partial' }> & {
  readonly pending: Pending;
  readonly context: RoleContext;
};

type Waits = { readonly type: 'waits'; readonly error: EngineError | undefined };

type Step =
  | { readonly type: 'send'; readonly side: ClusterSide; readonly ready: Ready }
  | Alone
  | Outcome
  /** This operation can't share a request with those before it. It and all after it are left for later. */
  | { readonly type: 'later'; readonly whole?: UpstreamReply | undefined };

interface Selected {
  readonly ready: Ready[];
  /** The cluster that the request goes to: the cluster of the first operation. */
  side: ClusterSide | undefined;
  /** The outcomes of operations that are not sent. */
  readonly outcomes: Outcome[];
}

interface Selection extends Selected {
  /** The operations that are left for a later request. */
  readonly later: readonly Pending[];
  readonly alone?: Alone;
  /** The engine's refusal of the whole bulk, found by a dry run. */
  readonly whole?: UpstreamReply | undefined;
}

/** The selection so far, and the restrictions that it puts on later operations. */
interface SoFar extends Selected {
  /**
   * The indexes with an operation that has to wait. Later operations on the same index wait, too, since they
   * may change the same document.
   */
  readonly waiting: Map<string, EngineError | undefined>;
  readonly written: Set<string>;
  /**
   * Documents with a condition: they are written only if they have not changed since they were read. No other
   * operation of this request may change them.
   */
  readonly updated: Set<string>;
}

export async function selectOperations(pass: BulkPass, pending: readonly Pending[]): Promise<Selection> {
  const soFar: SoFar = {
    ready: [],
    side: undefined,
    outcomes: [],
    waiting: new Map(),
    written: new Set(),
    updated: new Set(),
  };
  const slice = new TimeSlice();
  for (const [n, one] of pending.entries()) {
    if (slice.isOver) await slice.pause();
    const step = await nextStep(pass, one, soFar);
    if (step.type === 'later') return { ...soFar, later: pending.slice(n), whole: step.whole };
    if (step.type === 'partial') return { ...soFar, later: pending.slice(n + 1), alone: step };
    if (step.type === 'send') {
      soFar.side = step.side;
      soFar.ready.push(step.ready);
    } else soFar.outcomes.push(step);
  }
  return { ...soFar, later: [] };
}

async function nextStep(pass: BulkPass, one: Pending, soFar: SoFar): Promise<Step> {
  const { at, operation, planned } = one;
  if (planned.type === 'refused') return { type: 'done', at, result: planned.error };
  if (planned.type === 'foreign') return forwarded(pass, { ...one, planned }, soFar);
  const { name, clientIndex } = planned;
  const ticket = pass.tickets.get(name);
  if (ticket && isElsewhere(soFar, ticket.context.leaderSide)) return { type: 'later' };
  if (!soFar.waiting.has(name)) {
    const write = bulkWrite(operation, planned, pass.target);
    const step = ticket
      ? await prepared(pass, one, { write, context: ticket.context }, soFar)
      : await unmirrored(pass, one, write, soFar);
    if (step.type !== 'waits') return step;
    soFar.waiting.set(name, step.error);
  }
  return { type: 'closed', at, result: soFar.waiting.get(name) ?? heldTooLong(clientIndex) };
}

const isElsewhere = ({ side }: SoFar, wanted: ClusterSide): boolean => side !== undefined && side !== wanted;

function forwarded(
  { mirror }: BulkPass,
  one: Pending & { readonly planned: { readonly type: 'foreign' } },
  soFar: SoFar,
): Step {
  const side = mirror.places().ofName(one.planned.index, false);
  return isElsewhere(soFar, side)
    ? { type: 'later' }
    : { type: 'send', side, ready: { ...one, prepared: undefined } };
}

async function unmirrored(pass: BulkPass, one: Pending, write: Write, soFar: SoFar): Promise<Step | Waits> {
  const decision = await pass.mirror.indexOf(write.name).unmirrored(write);
  if (decision.type === 'waits') return decision;
  if (decision.type === 'refused') return { type: 'done', at: one.at, result: decision.error };
  const planned = { type: 'foreign', index: write.clientIndex } as const;
  return forwarded(pass, { ...one, planned }, soFar);
}

async function prepared(
  pass: BulkPass,
  one: Pending,
  { write, context }: Pick<Alone, 'write' | 'context'>,
  soFar: SoFar,
): Promise<Step | Waits> {
  const document = `${write.name} ${write.id ?? ''}`;
  if (soFar.updated.has(document)) return await later(pass, write);
  const preparation = await prepareWrite(write, context, true);
  switch (preparation.type) {
    case 'tooEarly':
      return { type: 'waits', error: preparation.error };
    case 'refused':
      return { type: 'done', at: one.at, result: preparation.error };
    case 'partial': {
      const whole = await pass.dryRun(write.name);
      if (whole || soFar.ready.length > 0) return { type: 'later', whole };
      return { ...preparation, pending: one, context };
    }
    case 'prepared':
      if (needsBase(preparation.prepared)) {
        if (soFar.written.has(document)) return await later(pass, write);
        const whole = hasUpsert(write.body) ? await pass.dryRun(write.name) : undefined;
        if (whole) return { type: 'later', whole };
        soFar.updated.add(document);
      }
      soFar.written.add(document);
      return { type: 'send', side: context.leaderSide, ready: { ...one, prepared: preparation.prepared } };
  }
}

/** Leaves an operation for a later request. The dry run shows whether the whole bulk is refused instead. */
async function later({ dryRun }: BulkPass, { name }: Write): Promise<Step> {
  return { type: 'later', whole: await dryRun(name) };
}
