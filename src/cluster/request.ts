// The types of a request to a cluster, and of its response.

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** More headers, in lower case. A client library leaves them out. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** An object is sent as JSON, a string or bytes as NDJSON. */
  readonly body?: object | string | Uint8Array | undefined;
  /** One JSON value as bytes, in place of `body`. */
  readonly json?: Uint8Array | undefined;
  /**
   * Whether to retry if the outcome is unknown or the engine is busy. `always`: reads, and writes with an
   * external version. `never` (default): requests that do harm if they are carried out twice (`_aliases`,
   * blocks, the journal, deletes of indexes). If a node refuses the connection, nothing was sent, so the next
   * node is tried in both cases.
   */
  readonly repeat?: 'always' | 'never';
  /** True if a refusal does no harm, so that a refused request is not sent again. Default: false. */
  readonly mayBeRefused?: boolean;
  readonly timeoutMs?: number | undefined;
  /** A larger response is aborted with `too_large`. Default: 256 MiB. */
  readonly maxResponseBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}
