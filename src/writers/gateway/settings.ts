// Time limits and size limits of the gateway.
import type { AnswerTimes } from './requestKind.js';

export interface Times {
  /** Time for the head of a request, from its first byte, and for the first byte on a new connection. */
  readonly headMs: number;
  /** Time in which the next KiB of a body must arrive, or a client must read more of its answer. */
  readonly bodyMs: number;
  /** Time in which a node has to answer, or to read more of the request, by the kind of request. */
  readonly answer: AnswerTimes;
  /** Time after which a connection without a request is closed. Long, since clients keep idle connections. */
  readonly idleMs: number;
  /** How long the gateway reads from a connection that it closes. Unread bytes would cut off the answer. */
  readonly lingerMs: number;
  /** Time for the requests in flight when the gateway is stopped. */
  readonly stopMs: number;
}

export const TIMES: Times = {
  headMs: 30_000,
  bodyMs: 30_000,
  answer: { read: 300_000, write: 180_000, long: 86_400_000 },
  idleMs: 600_000,
  lingerMs: 2_000,
  stopMs: 30_000,
};

/** Defaults of `maxBody` and `maxHeld` in `GatewayOptions`, in bytes. */
export const MAX_BODY = 200 << 20;
export const MAX_HELD = 1 << 30;
