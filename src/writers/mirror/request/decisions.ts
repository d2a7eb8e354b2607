// The possible decisions about a client's request.
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { type EngineError, errorReply } from './engineError.js';
import type { Managed } from './managedNames.js';
import type { Place } from './clusterRouting.js';
import type { AdminTarget, BulkTarget } from './target.js';
import type { ClientReply, Write } from './clientRequest.js';

export interface DocumentDecision {
  readonly type: 'document';
  readonly write: Omit<Write, 'body'>;
}

export interface BulkDecision {
  readonly type: 'bulk';
  readonly target: BulkTarget;
  /** The version in the header. */
  readonly version: number | undefined;
}

export interface InspectDecision {
  /** `decideByBody` decides from the body. */
  readonly type: 'inspect';
  readonly target: AdminTarget | { readonly type: 'reindex' };
}

/** The request is answered at once, and never sent. */
export interface RefuseDecision {
  readonly type: 'refuse' | 'malformed';
  readonly reply: ClientReply;
}

/** Waits while one of these migrations holds, then is decided again, and forwarded unchanged. */
export interface WaitForSwitchDecision {
  readonly type: 'waitForSwitch';
  readonly names: readonly string[];
}

export interface PassDecision {
  readonly type: 'pass';
  /** The cluster, if it differs from the cluster for unmanaged indexes. */
  readonly where?: ClusterSide;
}

/** The request goes to a cluster that its body names, or that is found by asking. */
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

/** Refuses a request because of a migration, which the reason names. */
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
