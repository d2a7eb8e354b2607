// The possible outcomes of an operation of a client's bulk in one request to the leader.
import type { ShownItem } from './bulkReply.js';
import type { EngineError } from '../request/engineError.js';

/** The item for an operation in the client's answer: the leader's item, or an error. */
export type Result = ShownItem | EngineError;

interface Outcomes {
  /** `copied` resolves when the copy has ended. */
  readonly done: { readonly copied?: Promise<Copied> };
  /** Not done, since the roles have changed or the index is not ready for this operation. */
  readonly closed: unknown;
  /** Not done, because of a write block, which a hold or somebody else has set. */
  readonly blocked: { readonly generation: number };
  /** Not done, since another client has changed the document first. `retries` is the limit of retries. */
  readonly moved: { readonly retries: number };
}

/** `at` is the position in the client's bulk. The client gets `result` if the operation is not sent again. */
export type Outcome = {
  [T in keyof Outcomes]: { readonly type: T; readonly at: number; readonly result: Result } & Outcomes[T];
}[keyof Outcomes];

export interface Copied {
  /** Replaces the leader's answer to the operation, if the client must not see that answer. */
  readonly instead?: Result | undefined;
  /** A warning about a write that was done. */
  readonly warning?: string | undefined;
}
