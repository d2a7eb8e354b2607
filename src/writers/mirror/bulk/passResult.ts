// What one request of a client's bulk to the leader has come to.
import type { BulkHead, ShownItem } from './bulkReply.js';
import type { EngineError } from '../request/engineError.js';
import type { Pending } from './sentBulk.js';
import type { UpstreamReply } from '../request/upstream.js';

export interface Refused {
  readonly pending: Pending;
  readonly why: 'closed' | 'blocked' | 'moved';
  /** That it was refused under. */
  readonly generation: number;
  /** What the client is told if it comes to that. */
  readonly shown: ShownItem | undefined;
  /** The same, of what was not sent at all. */
  readonly waitsFor?: EngineError | undefined;
  /** `moved`: how often it may be tried again, all in all. */
  readonly retries: number;
}

export interface PassResult {
  readonly shown: ReadonlyMap<number, ShownItem>;
  /** Not done, as roles have changed or may have; `moved`: as somebody else was faster. */
  readonly again: readonly Refused[];
  /** Their turn has not come. */
  readonly later: readonly Pending[];
  readonly head: BulkHead | undefined;
  /** The whole request was refused, or its outcome is not known. */
  readonly whole: Whole | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** What the client is told beside what was done; complete when `copied` is there. */
  readonly warnings: readonly string[];
  /** When the follower has been told of all: the errors for those that must not be taken for done. */
  readonly copied: Promise<ReadonlyMap<number, ShownItem>>;
}

export type Whole = { readonly reply: UpstreamReply } | { readonly error: EngineError };
