// How operations on the leader are sent: with the authorization of the client, over the gateway's or the client's connections.
import type { ClusterSide } from '../../../cluster/indexRef.js';

export interface UpstreamRequest {
  readonly method: string;
  /** With the query. */
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
  /** Decoded, without its content-encoding. */
  readonly body: Buffer;
}

export interface Upstream {
  /**
   * Makes one attempt, which is never repeated on the way.
   * @throws NotSentError, UnansweredError
   */
  send(request: UpstreamRequest): Promise<UpstreamReply>;

  /** The same for another cluster, where there is one. */
  to(where: ClusterSide): Upstream;
}

/** Certainly not sent, since no connection was made. */
export class NotSentError extends Error {}

/** Sent, at least in part, and not answered, so nobody knows whether it was done. */
export class UnansweredError extends Error {}
