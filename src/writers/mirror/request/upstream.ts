// How operations reach the leader: with the client's authorization, on connections of gateway or client.
import type { ClusterSide } from '../../../cluster/indexRef.js';

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case; without content-length, content-encoding and headers about the connection. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Pieces are sent one after the other, so that they need not be joined. */
  readonly body: Buffer | readonly Buffer[] | undefined;
}

export interface UpstreamReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The decompressed body. */
  readonly body: Buffer;
}

export interface Upstream {
  /** Makes one attempt, which is never repeated. @throws NotSentError, UnansweredError */
  send(request: UpstreamRequest): Promise<UpstreamReply>;

  /** @returns the upstream for another cluster, if there is one */
  to(where: ClusterSide): Upstream;
}

/** The request was certainly not sent, since no connection was made. */
export class NotSentError extends Error {}

/** The request was sent at least in part and not answered, so nobody knows whether it was done. */
export class UnansweredError extends Error {}
