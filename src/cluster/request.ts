// One request to a cluster, and its answer.

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** An object is sent as JSON; a string or bytes as NDJSON. */
  readonly body?: object | string | Uint8Array | undefined;
  /** One JSON value as bytes, in place of `body`. */
  readonly json?: Uint8Array | undefined;
  /**
   * What may be done when the outcome is unknown or the engine is busy:
   * `always` for reads and writes with an external version; `never` (default) for everything whose second copy could
   * do harm: `_aliases`, blocks, the journal, deletes of indexes. Where a connection was refused nothing was sent, so
   * the next node is tried for both.
   */
  readonly repeat?: 'always' | 'never';
  readonly timeoutMs?: number | undefined;
  /** Answers above this many bytes are broken off with `too_large`. Default 256 MiB. */
  readonly maxResponseBytes?: number;
  readonly signal?: AbortSignal | undefined;
}
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}
