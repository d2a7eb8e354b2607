// How first operations reach the cluster: with the authorization of the client, over connections that are not ours.
import type { ClusterSide } from '../../../cluster/indexRef.js';

export interface UpstreamRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Names in lower case; without content-length, content-encoding and what is about the connection. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Pieces are sent one after the other, so that nobody has to put them together. */
  readonly body: Buffer | readonly Buffer[] | undefined;
}

export interface UpstreamReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded: no content-encoding any more. */
  readonly body: Buffer;
}

export interface Upstream {
  /**
   * One attempt: never repeated on the way.
   * @throws NotSentError, UnansweredError
   */
  send(request: UpstreamRequest): Promise<UpstreamReply>;

  /** The same for another cluster, where there is one. */
  to(where: ClusterSide): Upstream;
}

/** Certainly not sent: no connection came about. */
export class NotSentError extends Error {}

/** Sent, at least in part, and not answered: nobody knows whether it was done. */
export class UnansweredError extends Error {}
