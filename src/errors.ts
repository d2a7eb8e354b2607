// The one public error. Its code is stable; its message says what happened, to what, and what to do next.

/** What kind of error a `TwindexError` is. Codes are stable; messages are not. */
export type ErrorCode =
  | 'config_invalid' // a configuration or index file is wrong
  | 'usage' // a command was called in a way that it does not know
  | 'not_found' // no such index, alias, migration, ...
  | 'unreachable' // no node could be connected to; nothing was sent
  | 'unanswered' // a request was sent and no answer came: whether it took effect is not known
  | 'unauthorized' // credentials missing, wrong or not sufficient
  | 'unsupported_engine' // not Elasticsearch or OpenSearch, or a version that twindex does not know
  | 'blocked' // an index or the cluster refuses the operation (write block, read-only, full disk)
  | 'conflict' // compare-and-set lost, or the thing exists already
  | 'fenced' // this coordinator's token is no longer the current one
  | 'lease_held' // another coordinator holds the migration
  | 'too_large' // an answer was larger than the bound of the request
  | 'overloaded' // too much to do, or a part of the cluster is not there, even after the retries
  | 'rejected' // the engine refused the request's content
  | 'unsafe' // refused, because going on could lose something
  | 'failed'; // the migration can't go on by itself

/**
 * The error that all functions of twindex throw for a reason outside of its code. The message says what happened, to which index, and
 * what to do next. It holds no credentials.
 * @example
 * import { TwindexError, withTwindex } from 'twindex';
 * import { Client } from '@opensearch-project/opensearch';
 *
 * try {
 *   await withTwindex(new Client({ node: 'http://localhost:9200' }));
 * } catch (error) {
 *   if (error instanceof TwindexError && error.code === 'unreachable') process.exitCode = 1;
 *   else throw error;
 * }
 */
export class TwindexError extends Error {
  override readonly name = 'TwindexError';
  /** Branch on this, never on the message. */
  readonly code: ErrorCode;
  /** HTTP status of the engine's answer, where there was one. */
  readonly status: number | undefined;
  /** The engine's own `error.type`, where there was one. */
  readonly engineType: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    detail: { cause?: unknown; status?: number; engineType?: string } = {},
  ) {
    super(redact(message), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.status = detail.status;
    this.engineType = detail.engineType;
  }
}

/** True for a TwindexError with one of the given codes (any code when none is given). */
export function isTwindexError(error: unknown, ...codes: ErrorCode[]): error is TwindexError {
  return error instanceof TwindexError && (codes.length === 0 || codes.includes(error.code));
}

/** Takes user information and the query out of every URL in a text, so that no message can carry a password or a key. */
export function redact(text: string): string {
  return text
    .replace(/\b(https?:\/\/)[^/?#\s]*@/gi, '$1')
    .replace(/\b(https?:\/\/[^\s?#"'<>]*)\?[^\s"'<>)]+/gi, '$1?…');
}

/** A one-line text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}
