// What mirror/ tells of a client's write while it carries it out, if traces are on (docs/traces.md). The code
// behind these interfaces is imported only then.
import type { Cluster } from '../../../cluster/cluster.js';
import type { Upstream } from '../request/upstream.js';

export interface WriteTrace {
  /** Call this when a bulk has been cut into operations. `indexes` are those that the client has named. */
  hasOperations(count: number, indexes: Iterable<string | undefined>): void;
  /** Call this when it is known which migrations a bulk concerns. */
  concerns(migrations: readonly string[]): void;
  /** The write waits, because the writers are being switched, or because the lease has expired. */
  waits(reason: 'hold' | 'lease'): void;
  /** The number of operations of a bulk that have failed. */
  failed(operations: number): void;
  /** Gives each request that is sent through the returned upstream a span. */
  through(upstream: Upstream, requested: Requested): Upstream;
  /** The same for a request that is forwarded unchanged. */
  forwarding(upstream: Upstream): Upstream;
  /** For the copies of one request to the leader. */
  copies(): CopyTrace;
  /** @param status undefined if the client got no answer */
  end(status: number | undefined): void;
}

/** The indexes of a request to the engine, which are in one cluster. */
export interface Requested {
  readonly role?: 'leader' | 'follower';
  readonly migrations: readonly string[];
  readonly indexes: readonly string[];
  /** The number of operations of a bulk. */
  readonly operations?: number;
  /** Undefined if no index of a migration is written. */
  readonly cluster?: Cluster | undefined;
}

/**
 * The copies that one request to the leader brings about. All copies to one follower have one span. It begins
 * when the first of them is queued, and ends when the last of them has ended, which may be after the client's
 * answer.
 */
export interface CopyTrace {
  /** Call this when a copy is queued. @param isAwaited whether the client waits for the copy */
  begin(follower: Requested, isAwaited: boolean): CopySpan;
  /** A copy is not sent, because the follower accepts none. */
  bypassed(): void;
  /** Call this when the copies have begun. A copy of a bulk that is repeated may begin later. */
  close(): void;
}

export interface CopySpan {
  readonly request: RequestSpan;
  /** @param counted undefined if no copy was needed, because the document was deleted since */
  ended(counted: CountedCopy | undefined): void;
}

/** The outcome of a copy, as the metric `twindex_gateway_copies_total` has it. */
export type CountedCopy = 'mirrored' | 'conflicts' | 'refused' | 'unanswered';

/** The span of a request to the engine. */
export interface RequestSpan {
  set(attributes: Readonly<Record<string, string | number | boolean>>): void;
  event(name: string, attributes: Readonly<Record<string, string | number>>): void;
  fail(errorType: string): void;
  end(): void;
  /** The headers that name this span to the engine. */
  headers(): Readonly<Record<string, string>>;
  /** Sends the request with this span as the active one, so that instrumentation of HTTP finds it. */
  within<T>(send: () => T): T;
}
