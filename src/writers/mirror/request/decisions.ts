// The possible decisions about a client's request.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { type EngineError, errorReply } from './engineError.js';
import type { Managed, ManagedNames } from './managedNames.js';
import type { Place } from './clusterRouting.js';
import type { AdminTarget, BulkTarget } from './target.js';
import type { ClientReply, Write } from './clientRequest.js';

export interface DocumentDecision {
  readonly type: 'document';
  /** The names and phases that the decision is based on. */
  readonly names: ManagedNames;
  readonly write: Omit<Write, 'body'>;
}

export interface BulkDecision {
  readonly type: 'bulk';
  readonly target: BulkTarget;
  /** From the header `x-twindex-version`. */
  readonly version: number | undefined;
}

export interface InspectDecision {
  readonly type: 'inspect';
  readonly target: AdminTarget | { readonly type: 'reindex' };
}

export interface RefuseDecision {
  readonly type: 'refuse' | 'malformed';
  readonly reply: ClientReply;
}

/** The request waits while one of these migrations is in a hold. Then it is decided again, and forwarded. */
export interface WaitForSwitchDecision {
  readonly type: 'waitForSwitch';
  readonly names: readonly string[];
}

export interface PassDecision {
  readonly type: 'pass';
  /** The cluster of the request. If undefined, the cluster for indexes without an index file (`others`). */
  readonly where?: ClusterSide;
}

/** The cluster is not known from the head of the request. The body, or a request to a cluster, shows it. */
interface RoutedByBodyDecision {
  readonly type: 'placed';
  readonly place: Extract<Place, { type: 'body' | 'opened' | 'checked' }>;
}

export type Decision =
  | PassDecision
  | RoutedByBodyDecision
  | DocumentDecision
  | BulkDecision
  | WaitForSwitchDecision
  | InspectDecision
  | RefuseDecision;

export type Headers = Readonly<Record<string, string | undefined>>;

export const PASS: PassDecision = { type: 'pass' };

export function refuse(error: EngineError): RefuseDecision {
  return { type: 'refuse', reply: errorReply(error) };
}

export function refuseBecauseOf({ name, source, target }: Managed, what: string): RefuseDecision {
  const reason = `${what} while [${name}] is being migrated from ${source.index} to ${target.index}`;
  return refuse({ status: 400, type: 'illegal_argument_exception', reason });
}

export function waitForSwitch(reached: readonly Managed[]): WaitForSwitchDecision | PassDecision {
  return reached.length === 0 ? PASS : { type: 'waitForSwitch', names: reached.map(({ name }) => name) };
}

export const illegal = (reason: string): EngineError => ({
  status: 400,
  type: 'illegal_argument_exception',
  reason,
});
