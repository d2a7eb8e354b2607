// The interface for requests to a cluster, sent with the client's authorization. The gateway and the client
// library implement it on their own connections.
import type { ClusterSide } from '../../../cluster/indexRef.js';

export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case; without content-length, content-encoding and headers about the connection. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Pieces are sent one after the other, so they need not be joined. */
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
  /** Makes one attempt. @throws NotSentError, UnansweredError */
  send(request: UpstreamRequest): Promise<UpstreamReply>;

  /** @returns the upstream for this cluster, or itself if it reaches only one cluster */
  to(where: ClusterSide): Upstream;
}

/** No connection was made, so the request was certainly not sent. */
export class NotSentError extends Error {}

/** The request was sent at least in part and not answered. It may have been carried out. */
export class UnansweredError extends Error {}
