// Errors in the engine's own form, for requests that never reach it.
import type { ClientReply } from './clientRequest.js';

export interface EngineError {
  readonly status: number;
  /** `illegal_argument_exception` */
  readonly type: string;
  readonly reason: string;
}

/** `{"error":{"root_cause":[{type,reason}],type,reason},"status":N}` */
export function errorReply(
  { status, type, reason }: EngineError,
  headers: Readonly<Record<string, string>> = {},
): ClientReply {
  const cause = { type, reason };
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: Buffer.from(JSON.stringify({ error: { root_cause: [cause], ...cause }, status })),
  };
}
