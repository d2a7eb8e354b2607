// TwindexError, the only public error class, and its codes.

/** docs/errors.md has a section for each code. */
export const ERROR_CODES = [
  'config_invalid', // a configuration or index file is wrong
  'usage', // an unknown command or option, or an invalid value
  'not_found', // no such index, alias, migration, ...
  'unreachable', // no connection to any node, so nothing was sent
  'certificate', // the certificate of a node is not trusted, has expired, or is for another host
  'wrong_scheme', // https was used for a port that serves http, or the other way round
  'not_an_engine', // something other than Elasticsearch or OpenSearch answers at this address
  'unanswered', // a request was sent and not answered, so its outcome is unknown
  'unauthorized', // credentials are missing or wrong
  'forbidden', // the credentials are right, but the user lacks a privilege
  'unsupported_engine', // a version that twindex does not know
  'blocked', // an index or the cluster refuses the operation (write block, read-only, full disk)
  'conflict', // a compare-and-set failed, or something with this name already exists
  'fenced', // this coordinator's token is no longer the current one
  'lease_held', // another coordinator has the lease of the migration
  'no_coordinator', // a command waits in the journal, because no process coordinates the migration
  'timed_out', // a command was not carried out in time
  'too_large', // a response was larger than the limit of its request
  'overloaded', // the cluster is too busy, or a part of it is unavailable, even after retries
  'rejected', // the engine refused the request's content
  'too_many_rejected', // the new index rejects more documents than `--max-rejected`
  'source_failed', // the source of truth of a reingest failed, so that it cannot be read to its end
  'hook_failed', // a hook has failed, so the move that it precedes was not made
  'unsafe', // refused, because data could be lost
  'flag_needed', // refused, because the consequences of the change need the user's consent by an option
  'plan_blocked', // the plan has findings that forbid the change
  'plan_stale', // the live index or the index file has changed since the plan was made
  'definition_changed', // the index file has changed since its migration began
  'journal_unreadable', // the journal contains a migration that this version of twindex cannot read
  'local_engine', // an engine could not be started on this machine
  'interrupted', // stopped by SIGINT or SIGTERM
  'failed', // the migration cannot continue by itself
  'internal', // an unexpected error, which is probably a bug in twindex
] as const;

/** The kind of a `TwindexError`. Codes are stable; messages are not. */
export type ErrorCode = (typeof ERROR_CODES)[number];

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
  /** What to do next. `message` ends with this text. Undefined if there is no separate text about this. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(
      redact(detail.hint === undefined ? message : `${asSentence(message)} ${detail.hint}`),
      detail.cause === undefined ? undefined : { cause: detail.cause },
    );
    this.code = code;
    this.status = detail.status;
    this.engineType = detail.engineType;
    this.hint = detail.hint === undefined ? undefined : redact(detail.hint);
  }
}

interface ErrorDetail {
  readonly cause?: unknown;
  readonly status?: number | undefined;
  readonly engineType?: string | undefined;
  readonly hint?: string | undefined;
}

const asSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** The parts of an error that `--json` prints. */
export interface ErrorParts {
  readonly code: ErrorCode;
  /** What happened. */
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
}

const REPORT =
  'This is probably a bug in twindex. Run the command again with TWINDEX_DEBUG=1, and report its output: ' +
  'https://github.com/twindex/twindex/issues';

/** The parts of an error. An error that is not a TwindexError was not expected, and gets the code `internal`. */
export function partsOf(error: unknown): ErrorParts {
  if (!isTwindexError(error))
    return { code: 'internal', message: asSentence(messageOf(error)), hint: REPORT };
  const { code, message, hint } = error;
  if (hint === undefined) return { code, message };
  return { code, message: message.endsWith(hint) ? message.slice(0, -hint.length).trimEnd() : message, hint };
}

/** True for a TwindexError with one of the given codes, or any code if none is given. */
export function isTwindexError(error: unknown, ...codes: ErrorCode[]): error is TwindexError {
  return error instanceof TwindexError && (codes.length === 0 || codes.includes(error.code));
}

/**
 * Removes credentials and the query from every URL in a text, and the value of every Authorization header, so
 * that messages contain no secrets.
 */
export function redact(text: string): string {
  return text
    .replace(/\b(https?:\/\/)[^/?#\s]*@/gi, '$1')
    .replace(/\b(https?:\/\/[^\s?#"'<>]*)\?[^\s"'<>)]+/gi, '$1?…')
    .replace(/(authorization["']?\s*[:=]\s*["']?)(?:(?:Basic|Bearer|ApiKey)\s+)?[^\s"'<>,;]+/gi, '$1…');
}

/** A one-line text for anything that can be thrown. */
export function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}
