// Sends a request to a node of the official client. Tries the next node only if no connection was made.
import { messageOf } from '../../errors.js';
import { NotSentError, UnansweredError } from '../mirror/request/upstream.js';
import type { Answered } from './clientAnswer.js';
import type { Call, Dialect } from './dialect.js';
import type { Connection, Transport } from './officialClient.js';

export interface Nodes {
  readonly transport: Transport;
  readonly dialect: Dialect;
  readonly next: () => Connection | null;
}

/** @throws NotSentError, UnansweredError; the cause is the client's own error */
export async function sendToSomeNode(
  { transport, dialect, next }: Nodes,
  call: Call,
  first: Connection | null = next(),
): Promise<Answered> {
  const pool = transport.connectionPool;
  let cause: unknown;
  let connection = first;
  for (let left = pool.size; connection; connection = --left > 0 ? next() : null) {
    try {
      const answered = await dialect.send(connection, call);
      pool.markAlive(connection);
      return answered;
    } catch (error) {
      pool.markDead(connection);
      if (!wasNotSent(error)) throw new UnansweredError(messageOf(error), { cause: error });
      cause = error;
    }
  }
  const reason = cause === undefined ? 'the client has no node' : messageOf(cause);
  throw new NotSentError(reason, { cause });
}

/** Messages of errors after which nothing was sent. Official clients keep only the message of the cause. */
const NOT_CONNECTED =
  /^(?:connect E(?:CONNREFUSED|HOSTUNREACH|NETUNREACH|ADDRNOTAVAIL|TIMEDOUT)\b|getaddrinfo E|Connect Timeout Error)/;

function wasNotSent(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConnectionError' && NOT_CONNECTED.test(error.message);
}
