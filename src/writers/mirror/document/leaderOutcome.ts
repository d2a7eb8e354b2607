// The possible outcomes of a write that was sent to the leader.
import type { DocumentReply } from './documentReply.js';
import type { EngineError } from '../request/engineError.js';

export interface Answered {
  readonly type: 'answered';
  readonly reply: DocumentReply;
  readonly headers: Readonly<Record<string, string>>;
  readonly warning?: string;
}

export type LeaderOutcome =
  | Answered
  /** Not done, since the roles may have changed. The write is started again with the roles in the journal. */
  | {
      readonly type: 'again';
      readonly why: 'closed' | 'blocked';
      readonly answered: Answered | undefined;
    }
  | { readonly type: 'failed'; readonly error: EngineError };
