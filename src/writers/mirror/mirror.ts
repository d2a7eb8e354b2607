// The write path of gateways and client libraries. A client's write to an index under migration is sent to
// the leader first. Then its copy, with the stamp of the leader's operation, is sent to the follower.
import type { ClusterSide } from '../../cluster/indexRef.js';
import { writeBulk } from './bulk/bulkWrite.js';
import { CopyBatcher } from './copies/copyBatcher.js';
import { Copies, type CopyLimits } from './copies/copies.js';
import type { BreakerLimits } from './copies/followerBreaker.js';
import { type Decision, decide, decideByBody, type Headers } from './request/decide.js';
import { illegal, refuse } from './request/decisions.js';
import { ClientRights } from './document/clientRights.js';
import { DocumentReader } from './document/documentReader.js';
import { writeDocument } from './document/documentWrite.js';
import { type EngineError, heldTooLong, lostByJournal } from './request/engineError.js';
import { finishReply } from './request/finishReply.js';
import { Ledger } from './copies/deleteLedger.js';
import { ManagedIndex, type Ticket } from './lease/managedIndex.js';
import type { MirrorMetrics, MirrorOptions } from './mirrorOptions.js';
import { type MirrorView, type MirrorViews, viewsOf } from './mirrorView.js';
import type { Place } from './request/clusterRouting.js';
import { withoutRepeats } from '../../repeated.js';
import type { ReadRules } from './request/readRules.js';
import type { ReadTally } from './lease/readTally.js';
import { type Admission, passThrough, refusal, type MirrorContext } from './mirrorContext.js';
import type { ClientReply, ClientRequest } from './request/clientRequest.js';
import { readTarget } from './request/target.js';
import type { Upstream } from './request/upstream.js';
import type { WriteTrace } from './trace/writeTrace.js';
import { WriterLease } from './lease/writerLease.js';
import { setTimeout as sleep } from 'node:timers/promises';

interface Task {
  readonly request: ClientRequest;
  readonly upstream: Upstream;
  readonly deadline: number;
}

const LEASE_MS = 10_000;
const HOLD_MS = 30_000;
const EXPIRED_MS = 10_000;
const LIMITS: CopyLimits = { unawaitedMs: 2_000, unawaited: 1_000, followerNotReadMs: 250, readMs: 10_000 };
const BREAKER: BreakerLimits = { patienceMs: 10_000, probeMs: 1_000 };
const LOOK_AGAIN_MS = 20;

export class Mirror {
  readonly #indexes: ReadonlyMap<string, ManagedIndex>;
  readonly #lease: WriterLease;
  readonly #copier: CopyBatcher;
  readonly #mirror: MirrorContext;
  /** The cluster that gets the requests to indexes without an index file. */
  readonly others: ClusterSide;
  readonly #holdMs: number;
  readonly #leaseExpiredMs: number;
  #views: MirrorViews;
  #underWay = 0;
  #stopping = false;
  #onIdle: (() => void) | undefined;

  private constructor(options: MirrorOptions) {
    const { cluster } = options;
    this.others = options.others ?? (cluster.source ? 'source' : 'target');
    const report = withoutRepeats(options.onWarning ?? (() => undefined));
    this.#holdMs = options.holdMs ?? HOLD_MS;
    this.#leaseExpiredMs = options.leaseExpiredMs ?? EXPIRED_MS;
    this.#indexes = new Map(
      options.definitions.map((definition) => [
        definition.name,
        new ManagedIndex(cluster, definition, {
          onDrained: () => this.#lease.changed(),
          poll: () => this.#lease.poll(),
          breaker: { ...BREAKER, ...options.breakerLimits },
          onWarning: report,
        }),
      ]),
    );
    const indexes = [...this.#indexes.values()];
    this.#lease = new WriterLease(cluster, indexes, {
      type: options.type,
      leaseMs: options.leaseMs ?? LEASE_MS,
      onChange: () => {
        this.#views = viewsOf(indexes, this.others);
      },
      onWarning: report,
    });
    this.#views = viewsOf(indexes, this.others);
    this.#copier = new CopyBatcher();
    const reader = new DocumentReader();
    this.#mirror = {
      ledger: new Ledger(cluster),
      rights: new ClientRights(options.type === 'gateway'),
      reader,
      copies: new Copies(this.#copier, reader, { ...LIMITS, ...options.copyLimits }),
      names: () => this.#view.names,
      places: () => this.#view.places,
      indexOf: (name) => this.#indexOf(name),
      admit: (names, deadline, trace) => this.#admit(names, deadline, trace),
      refreshRoles: async () => {
        await this.#lease.poll();
        await sleep(LOOK_AGAIN_MS);
      },
    };
  }

  /** Registers this process as a writer. @throws TwindexError if the journal cannot be used */
  static async start(options: MirrorOptions): Promise<Mirror> {
    const mirror = new Mirror(options);
    await mirror.#lease.start();
    return mirror;
  }

  get id(): string {
    return this.#lease.id;
  }

  /** Decides about a request without its body. The caller may forward a request with the decision `pass`. */
  decide(method: string, url: string, headers: Headers): Decision {
    const { names, places } = this.#view;
    const decision = decide(method, url, headers, names);
    return decision.type === 'pass' && places.active ? decidePlace(places.ofRequest(method, url)) : decision;
  }

  get readRules(): ReadRules {
    return this.#view.readRules;
  }

  get #view(): MirrorView {
    return this.#lease.isValid ? this.#views.known : this.#views.withoutLease;
  }

  readTally(name: string): ReadTally {
    return this.#indexOf(name).reads;
  }

  /** Whether the request may write to an index that has an index file. If so, only twindex may retry it. */
  concerns(method: string, url: string): boolean {
    return decide(method, url, {}, this.#views.withoutLease.names).type !== 'pass';
  }

  /** Carries out a request, even after its client has disconnected. @param upstream has its credentials */
  async perform(decision: Decision, request: ClientRequest, upstream: Upstream): Promise<ClientReply> {
    if (this.#stopping) return refusal(stopping());
    this.#underWay++;
    try {
      const task = { request, upstream, deadline: performance.now() + this.#holdMs };
      return finishReply(await this.#perform(decision, task), request);
    } finally {
      if (--this.#underWay === 0) this.#onIdle?.();
    }
  }

  async #perform(decision: Decision, task: Task): Promise<ClientReply> {
    const { request, upstream, deadline } = task;
    const mirror = this.#mirror;
    const decideAgain = (): Decision => this.decide(request.method, request.url, request.headers);
    switch (decision.type) {
      case 'pass':
        if (mayHaveVersionType(request)) {
          const target = readTarget(request.method, request.url);
          if (target.type === 'bulk')
            return await writeBulk({
              ...task,
              mirror,
              decision: { type: 'bulk', target, version: undefined },
            });
        }
        return await passThrough(request, decision.where ? upstream.to(decision.where) : upstream);
      case 'placed':
        return await this.#passThroughTo(decision.place, request, upstream);
      case 'document': {
        const performInstead = (other: Decision): Promise<ClientReply> => this.#perform(other, task);
        return await writeDocument({ ...task, mirror, decision, decideAgain, performInstead });
      }
      case 'bulk':
        return await writeBulk({ ...task, mirror, decision });
      case 'waitForSwitch': {
        const admission = await this.#admit(decision.names, deadline);
        if (admission.type === 'refused') return refusal(admission.error);
        // release at once: the request may take hours, and a hold need not wait for it, since the write block
        // of the hold stops it
        admission.release();
        // decide again, since the switch may have exchanged leader and follower
        const again = decideAgain();
        const now = again.type === 'inspect' ? decideByBody(again, request.body, this.#view.names) : again;
        if ('reply' in now) return now.reply;
        const place = this.#view.places.ofRequest(request.method, request.url);
        return await this.#passThroughTo(place, request, upstream);
      }
      case 'inspect':
        return await this.#perform(decideByBody(decision, request.body, this.#view.names), task);
      case 'refuse':
      case 'malformed':
        return decision.reply;
    }
  }

  async #passThroughTo(place: Place, request: ClientRequest, upstream: Upstream): Promise<ClientReply> {
    switch (place.type) {
      case 'in':
        return await passThrough(request, upstream.to(place.where));
      case 'body':
        return await this.#passThroughTo(this.#view.places.ofBody(place, request.body), request, upstream);
      case 'opened':
        return place.instead && !request.body?.includes('"pit"')
          ? await this.#passThroughTo(place.instead, request, upstream)
          : await this.#whereOpened(request, upstream);
      case 'checked': {
        const checked = await Promise.all(place.names.map((name) => this.#isLeaderInSource(name)));
        return checked.every(Boolean)
          ? await passThrough(request, upstream.to('source'))
          : refusal(unknownReaders());
      }
      case 'refused':
        return refusal(illegal(place.reason));
    }
  }

  async #isLeaderInSource(name: string): Promise<boolean> {
    return await this.#indexOf(name)
      .isLeaderInSource()
      .catch(() => false);
  }

  /** A scroll or PIT id is only valid in the cluster that opened it, so each cluster is tried in turn. */
  async #whereOpened(request: ClientRequest, upstream: Upstream): Promise<ClientReply> {
    let first: ClientReply | undefined;
    for (const where of this.#view.places.all) {
      const reply = await passThrough(request, upstream.to(where));
      if (reply.status !== 404 && reply.status !== 400) return reply;
      first ??= reply;
    }
    return first as ClientReply;
  }

  /** Refuses further requests, finishes the requests in flight, and removes the writer's document. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#underWay > 0)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    await this.#mirror.copies.settle();
    for (const index of this.#indexes.values()) index.close();
    await this.#lease.stop();
  }

  metrics(): MirrorMetrics {
    const indexes = [...this.#indexes].map(([name, index]) => {
      const { holds: _, awaitsCopies: __, readers: ___, moves: ____, ...seen } = index.view();
      const { holding, copyDurations, inFlight } = index;
      return [
        name,
        { ...seen, phase: index.phase.type, inFlight: inFlight.count, holding, copyDurations },
      ] as const;
    });
    return {
      leaseIsValid: this.#lease.isValid,
      copiesPending: this.#copier.pending,
      indexes: Object.fromEntries(indexes),
    };
  }

  #indexOf(name: string): ManagedIndex {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`${name} is not managed here`);
    return index;
  }

  /** Takes all tickets in one step: a request that waited for index B while it held A could deadlock. */
  async #admit(names: readonly string[], deadline: number, trace?: WriteTrace): Promise<Admission> {
    const indexes = names.map((name) => this.#indexOf(name));
    const holding = (): ManagedIndex | undefined => indexes.find(({ phase }) => phase.type === 'hold');
    const ready = (): boolean => this.#lease.isValid && !holding();
    const expiresAt = Math.min(deadline, performance.now() + this.#leaseExpiredMs);
    const isUnknown = (): boolean => {
      const held = holding();
      return !this.#lease.isValid || (held?.phase.type === 'hold' && held.phase.isLost === true);
    };
    if (!ready()) {
      trace?.waits(this.#lease.isValid ? 'hold' : 'lease');
      await this.#lease.waitUntil(
        () => ready() || this.#stopping || (isUnknown() && performance.now() >= expiresAt),
        deadline,
      );
      if (this.#stopping && !ready()) return { type: 'refused', error: stopping() };
    }
    if (!this.#lease.isValid) return { type: 'refused', error: leaseExpired() };
    const held = holding();
    if (held) return { type: 'refused', error: whyHeld(held) };
    const tickets = new Map<string, Ticket | undefined>(
      indexes.map((index) => [
        index.definition.name,
        index.phase.type === 'write' ? index.take() : undefined,
      ]),
    );
    const passes = indexes.flatMap((index) => (tickets.get(index.definition.name) ? [] : [index.pass()]));
    const release = (): void => {
      for (const ticket of tickets.values()) ticket?.release();
      for (const end of passes) end();
    };
    return { type: 'admitted', tickets, release };
  }
}

function decidePlace(place: Place): Decision {
  if (place.type === 'in') return { type: 'pass', where: place.where };
  return place.type === 'refused' ? refuse(illegal(place.reason)) : { type: 'placed', place };
}

/** A bulk with the decision `pass` is parsed only if it may contain a `version_type`. */
function mayHaveVersionType({ body }: ClientRequest): boolean {
  return body !== undefined && (body.includes('ersion_type"') || body.includes('ersionType"'));
}

function unknownReaders(): EngineError {
  return {
    status: 503,
    type: 'twindex_lease_expired',
    reason:
      'this gateway could not confirm in which cluster the index is read now, because the journal does not answer. Send the request again',
  };
}

function whyHeld({ phase, definition: { name } }: ManagedIndex): EngineError {
  return phase.type === 'hold' && phase.isLost ? lostByJournal(name) : heldTooLong(name);
}

function leaseExpired(): EngineError {
  return {
    status: 503,
    type: 'twindex_lease_expired',
    reason: 'the phase of the migration could not be confirmed; the write was not done. Send it again',
  };
}

function stopping(): EngineError {
  return {
    status: 503,
    type: 'twindex_stopping',
    reason: 'this gateway or client is being stopped; the request was not sent to the cluster',
  };
}
