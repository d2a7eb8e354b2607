// TwindexError, the only public error.

/** The kind of a `TwindexError`. Codes are stable; messages are not. */
export type ErrorCode =
  | 'config_invalid' // a configuration or index file is wrong
  | 'usage' // an unknown command or option, or an invalid value
  | 'not_found' // no such index, alias, migration, ...
  | 'unreachable' // no connection to any node, so nothing was sent
  | 'unanswered' // a request was sent and not answered, so its outcome is unknown
  | 'unauthorized' // credentials missing, wrong or not sufficient
  | 'unsupported_engine' // not Elasticsearch or OpenSearch, or a version that twindex does not know
  | 'blocked' // an index or the cluster refuses the operation (write block, read-only, full disk)
  | 'conflict' // a compare-and-set failed, or something with this name exists already
  | 'fenced' // this coordinator's token is no longer the current one
  | 'lease_held' // another coordinator has the lease of the migration
  | 'too_large' // a response was larger than the limit of its request
  | 'overloaded' // the cluster is too busy, or a part of it is unavailable, even after retries
  | 'rejected' // the engine refused the request's content
  | 'unsafe' // refused, because data could be lost
  | 'failed'; // the migration cannot continue by itself

/**
 * The error that all functions of twindex throw, except for bugs. The message says what happened, to which
 * index, and what to do next. It contains no credentials.
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
  /** Branch on this code, never on the message. */
  readonly code: ErrorCode;
  /** HTTP status of the engine's response, if there was one. */
  readonly status: number | undefined;
  /** The engine's `error.type`, if there was one. */
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

/** True for a TwindexError with one of the given codes, or any code if none is given. */
export function isTwindexError(error: unknown, ...codes: ErrorCode[]): error is TwindexError {
  return error instanceof TwindexError && (codes.length === 0 || codes.includes(error.code));
}

/** Removes credentials and the query from every URL in a text, so that messages contain no secrets. */
export function redact(text: string): string {
  return text
    .replace(/\b(https?:\/\/)[^/?#\s]*@/gi, '$1')
    .replace(/\b(https?:\/\/[^\s?#"'<>]*)\?[^\s"'<>)]+/gi, '$1?…');
}

/** A one-line text for anything that can be thrown. */
export function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}
