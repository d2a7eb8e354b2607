// The result of one request to the leader for a client's bulk.
import type { BulkHead, ShownItem } from './bulkReply.js';
import type { EngineError } from '../request/engineError.js';
import type { Pending } from './sentBulk.js';
import type { UpstreamReply } from '../request/upstream.js';

export interface Refused {
  readonly pending: Pending;
  readonly why: 'closed' | 'blocked' | 'moved';
  /** The generation under which the operation was refused. */
  readonly generation: number;
  /** The item for the client, if the operation is not sent again. */
  readonly shown: ShownItem | undefined;
  /** The error for the client, if the operation was not sent at all. */
  readonly waitsFor?: EngineError | undefined;
  /** For `moved`: how often the operation may be sent again in all. */
  readonly retries: number;
}

export interface PassResult {
  readonly shown: ReadonlyMap<number, ShownItem>;
  /** Operations not done: the roles may have changed, or (`moved`) another client changed the document. */
  readonly again: readonly Refused[];
  /** Operations for a later pass. */
  readonly later: readonly Pending[];
  readonly head: BulkHead | undefined;
  /** Set when the whole request was refused, or its outcome is unknown. */
  readonly whole: Whole | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Warnings for the client about writes that were done; complete when `copied` is resolved. */
  readonly warnings: readonly string[];
  /** Resolves when all copies have ended, to the errors of operations that must not be reported as done. */
  readonly copied: Promise<ReadonlyMap<number, ShownItem>>;
}

export type Whole = { readonly reply: UpstreamReply } | { readonly error: EngineError };
