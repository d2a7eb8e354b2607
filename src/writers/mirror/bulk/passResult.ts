// The result of one request to the leader for a client's bulk.
import type { BulkHead, ShownItem } from './bulkReply.js';
import type { EngineError } from '../request/engineError.js';
import type { Pending } from './sentBulk.js';
import type { UpstreamReply } from '../request/upstream.js';

export interface Refused {
  readonly pending: Pending;
  readonly why: 'closed' | 'blocked' | 'moved';
  readonly generation: number;
  /** The client gets this item if the operation is not sent again. */
  readonly shown: ShownItem | undefined;
  /** The client gets this error if the operation is never sent. */
  readonly waitsFor?: EngineError | undefined;
  /** For `moved`: how often the operation may be sent again in all. */
  readonly retries: number;
}

export interface PassResult {
  readonly shown: ReadonlyMap<number, ShownItem>;
  /** Operations that were not done: the roles changed, or another client changed the document first. */
  readonly again: readonly Refused[];
  readonly later: readonly Pending[];
  readonly head: BulkHead | undefined;
  /** Set if the engine refused the request as a whole, or its outcome is unknown. */
  readonly whole: Whole | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Warnings about writes that were done. Complete when `copied` has resolved. */
  readonly warnings: readonly string[];
  /** Resolves when all copies have ended, to items for operations that must not be reported as done. */
  readonly copied: Promise<ReadonlyMap<number, ShownItem>>;
}

export type Whole = { readonly reply: UpstreamReply } | { readonly error: EngineError };
