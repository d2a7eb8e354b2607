// Time limits and size limits of the gateway.
import type { AnswerTimes } from './requestKind.js';

export interface Times {
  /** For the head of a request, from its first byte. */
  readonly headMs: number;
  /** For each KiB of a body, and for a client that reads nothing of its answer. */
  readonly bodyMs: number;
  /** For a node that neither answers nor reads, by the kind of request. */
  readonly answer: AnswerTimes;
  /** For a connection without a request. Engines close no idle connections, and clients keep theirs for long. */
  readonly idleMs: number;
  /** For reading on after the last answer of a connection. */
  readonly lingerMs: number;
  /** For requests in flight when the gateway is stopped. */
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

/** Most bytes of a request that the gateway has to read; others are streamed. */
export const MAX_BODY = 200 << 20;
/** Most bytes of all such requests at one time. */
export const MAX_HELD = 1 << 30;
