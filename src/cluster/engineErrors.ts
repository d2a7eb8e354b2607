// Maps every error response of an engine to a TwindexError. No other file does this.
import { type ErrorCode, isTwindexError, TwindexError } from '../errors.js';
import type { Answer, Request } from './request.js';

interface EngineError {
  readonly type: string;
  readonly reason: string;
}

/** Temporary errors: a node or a copy of a shard is unavailable, or the engine is too busy. */
const PASSING = new RegExp(
  `^(${[
    'node_not_connected|node_disconnected|node_closed|connect_transport|send_request_transport|receive_timeout_transport|failed_node',
    'no_shard_available_action|unavailable_shards|shard_not_found|no_such_remote_cluster|master_not_discovered',
    'cluster_manager_not_discovered|not_master|not_cluster_manager|process_cluster_event_timeout|timeout',
    'illegal_index_shard_state|index_shard_not_started|index_shard_recovering|index_shard_relocated|index_shard_closed',
    'index_shard_not_recovering|shard_not_in_primary_mode|primary_shard_demoted|retry_on_primary|retry_on_replica',
    'already_closed|engine_closed|engine|translog|es_rejected_execution|open_search_rejected_execution',
    'opensearch_rejected_execution|rejected_execution|circuit_breaking|task_cancelled',
  ].join('|')})_exception$`,
);

/** True if the error of one operation or shard, inside a response with status 200, is temporary. */
export const isTransient = (type: string): boolean => PASSING.test(type);

/** True if a retry may succeed: the engine is too busy, or a part of the cluster is unavailable. */
export function isPassing(answer: Answer): boolean {
  const { status } = answer;
  return status === 429 || isAway(status, status === 500 ? engineError(answer).type : '');
}

/**
 * True if the request was not carried out because the user is unknown or lacks the privilege. A redirect
 * counts as well: engines send none, so it leads to the login page of a proxy.
 */
export function isTurnedAway(answer: Answer): boolean {
  const { status } = answer;
  if (isRedirect(status) || status === 401) return true;
  return status === 403 && meaning(status, engineError(answer).type, '')[0] === 'forbidden';
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400 && status !== 304;

const isAway = (status: number, type: string): boolean =>
  (status >= 502 && status <= 504) || (status === 500 && isTransient(type));

/** The engine's error in a response. If the body is not from an engine, its first characters are the reason. */
function engineError(answer: Answer): EngineError {
  const text = answer.body.toString();
  try {
    const { error } = JSON.parse(text) as { error?: string | EngineErrorBody };
    if (typeof error === 'string') return { type: 'error', reason: error };
    if (error?.type) return { type: error.type, reason: fullReason(error) };
  } catch {
    // not JSON: the response of a proxy or a load balancer
  }
  return { type: pageType(answer), reason: beginningOf(text) };
}

/** Used instead of the engine's `error.type` if the response is not from an engine. */
const pageType = ({ status }: Answer): string => `http_${status}`;

/** Shortens a response that is not from an engine, to the title of a web page or to the first characters. */
export function beginningOf(text: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
  const words = (title ? `the web page "${title}"` : text.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
  return words.slice(0, 200);
}

interface EngineErrorBody {
  readonly type: string;
  readonly reason?: string;
  readonly caused_by?: Partial<EngineErrorBody>;
  readonly suppressed?: readonly Partial<EngineErrorBody>[];
}

/** The reasons of an error, from the outermost to the innermost cause, without duplicates. */
export function causesOf(answer: Answer): readonly string[] {
  try {
    const { error } = JSON.parse(answer.body.toString()) as { error?: string | EngineErrorBody };
    if (typeof error === 'object') return [...new Set(reasonsOf(error))];
  } catch {
    // not JSON: the response of a proxy
  }
  return [engineError(answer).reason];
}

/** OpenSearch gives the reasons why an analyzer cannot be built only in `suppressed`. */
function reasonsOf({ reason, type, caused_by: cause, suppressed = [] }: Partial<EngineErrorBody>): string[] {
  const inner = [...(cause ? [cause] : []), ...suppressed];
  return [reason ?? type ?? '', ...inner.flatMap(reasonsOf)].filter((text) => text !== '');
}

export function fullReason(error: EngineErrorBody): string {
  const cause = error.caused_by?.reason;
  return cause && cause !== error.reason ? `${error.reason}: ${cause}` : (error.reason ?? error.type);
}

export function toTwindexError(request: Pick<Request, 'method' | 'path'>, answer: Answer): TwindexError {
  const { type, reason } = engineError(answer);
  const closed = type === 'index_closed_exception' ? closedIndex(answer) : undefined;
  const [code, usual] = meaning(answer.status, type, reason, closed);
  const advice = timeAdvice(answer) ?? usual;
  // some reasons end with `;` or a full stop
  const said = reason.replace(/[;.\s]+$/, '');
  const status = type === pageType(answer) ? answer.status : `${answer.status} ${type}`;
  const what = `${request.method} ${request.path} was refused with ${status}${said && `: ${said}`}`;
  return new TwindexError(code, what, { status: answer.status, engineType: type, hint: advice });
}

export function toItemError(index: string, { type, reason }: EngineError): TwindexError {
  const what = `${index} gave no answer for some documents: ${type} ${reason}`;
  if (isTransient(type)) return new TwindexError('overloaded', what, { engineType: type });
  if (type === 'index_not_found_exception') return new TwindexError('not_found', what, { engineType: type });
  const hint =
    type === 'index_closed_exception'
      ? `Open it (POST /${index}/_open), and run the command again.`
      : undefined;
  return new TwindexError('failed', what, { engineType: type, hint });
}

/** The error for one operation of a `_bulk` on the journal or a ledger. The operation may be sent again. */
export function toBulkItemError(
  what: string,
  {
    status,
    type,
    reason,
  }: {
    readonly status: number;
    readonly type?: string | undefined;
    readonly reason?: string | undefined;
  },
): TwindexError {
  const usual = type ?? 'unknown';
  const message = `${what}: ${status} ${usual}${reason ? `: ${reason}` : ''}`;
  const [code, advice] =
    isTransient(usual) || status === 503 ? (['overloaded'] as const) : meaning(status, usual, reason ?? '');
  return new TwindexError(code, message, { status, engineType: usual, hint: advice });
}

/** If a time limit of the cluster ended the request, names the setting to check. */
function timeAdvice({ status, body }: Answer): string | undefined {
  if (status < 400) return undefined;
  const text = body.toString();
  if (/time_exceeded_exception|Time exceeded/.test(text))
    return 'The search took longer than the cluster allows: check search.default_search_timeout.';
  if (/Cancellation timeout of/.test(text))
    return 'The cluster cancels searches that take longer than search.cancel_after_time_interval: raise or remove this setting.';
  return undefined;
}

function closedIndex({ body }: Answer): string | undefined {
  return /"index_closed_exception"[^{}]*"index":"([^"]+)"/.exec(body.toString())?.[1];
}

export const ANSWERED_BETWEEN =
  'Something between twindex and the cluster (a proxy, a login page) answers instead of the cluster.';

function meaning(status: number, type: string, reason: string, closed = 'INDEX'): [ErrorCode, string?] {
  if (isRedirect(status)) return ['unauthorized', ANSWERED_BETWEEN];
  if (status === 401)
    return ['unauthorized', 'Check cluster.auth: user and password, API key or bearer token.'];
  if (type === 'cluster_block_exception' || (status === 403 && /block/.test(type)))
    return ['blocked', blockAdvice(reason)];
  if (status === 403)
    return [
      'forbidden',
      'The credentials are valid, but the user may not do this. Grant the user the privilege.',
    ];
  if (type === 'index_closed_exception')
    return ['rejected', `Open it (POST /${closed}/_open), and run the command again.`];
  if (type === 'version_conflict_engine_exception') return ['conflict'];
  if (type === 'resource_already_exists_exception' || type === 'invalid_alias_name_exception')
    return ['conflict'];
  if (status === 404) return ['not_found'];
  if (status === 409) return ['conflict'];
  if (status === 413)
    return ['too_large', 'The request is larger than http.max_content_length of the cluster.'];
  if (status === 429) return ['overloaded', 'The cluster is too busy; the request is sent again later.'];
  if (isAway(status, type)) return ['overloaded', 'The cluster or a part of it is not available.'];
  if (status >= 500) return ['failed'];
  return ['rejected'];
}

function blockAdvice(reason: string): string {
  if (/read-only-allow-delete|read_only_allow_delete|disk usage exceeded/.test(reason))
    return 'The disk is over the flood-stage watermark: free space, then set index.blocks.read_only_allow_delete to null.';
  if (/cluster read-only|cluster\.blocks|FORBIDDEN\/6/.test(reason))
    return 'The cluster is read-only: set cluster.blocks.read_only to null.';
  const index = /index \[([^\]]+)\] blocked by/.exec(reason)?.[1] ?? 'INDEX';
  return `Remove the block from the index (PUT /${index}/_settings with index.blocks.* null) and run the command again.`;
}

/** True if the cluster cannot be asked for its state, perhaps never again. `config_invalid`: no secret to log in. */
export const isClusterAway = (error: unknown): boolean =>
  isTwindexError(error, 'unreachable', 'unanswered', 'overloaded', 'config_invalid');

/** True if one request failed, but other requests to the cluster may still succeed. */
export const concernsOneRequest = (error: unknown): error is TwindexError =>
  isTwindexError(
    error,
    'rejected',
    'failed',
    'not_found',
    'unauthorized',
    'forbidden',
    'blocked',
    'overloaded',
  ) && error.status !== 401;
