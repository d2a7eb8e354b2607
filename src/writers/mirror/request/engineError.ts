// Makes errors in the engine's own format, for requests that never reach the engine.
import type { ClientReply } from './clientRequest.js';

export interface EngineError {
  readonly status: number;
  readonly type: string;
  readonly reason: string;
}

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

export function notPrepared(name: string, version: number): EngineError {
  return {
    status: 503,
    type: 'twindex_not_prepared',
    reason:
      `${name} is being migrated, and this writer can't write both indexes yet, so a document of version ${version} ` +
      `can't be written now. The write was not done: send it again. A writer can begin to write both indexes only while a ` +
      `coordinator runs: see twindex status ${name}`,
  };
}

export function heldTooLong(name: string): EngineError {
  return {
    status: 503,
    type: 'twindex_holding',
    reason: `writes to ${name} have to wait while its writers are being switched, and this write has waited too long. It was not done: send it again`,
  };
}

export function lostByJournal(name: string): EngineError {
  return {
    status: 503,
    type: 'twindex_journal_lost',
    reason:
      `${name} is being migrated, but the journal has no record of it (the journal was deleted or restored), so it ` +
      `is not known which index to write to; the write was not done. See: twindex status ${name}`,
  };
}
