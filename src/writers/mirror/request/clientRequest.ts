// The types of mirror/: a client's request, its writes, and the reply.

export interface ClientRequest {
  /** Upper case. */
  readonly method: string;
  /** As it was sent, with its query: `/catalogue-write/_doc/1?refresh=true`. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Decoded, without its content-encoding; undefined where there was none. */
  readonly body: Buffer | undefined;
}

export interface ClientReply {
  readonly status: number;
  /** Names in lower case; without content-length, connection and content-encoding. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type WriteAction = 'index' | 'create' | 'update' | 'delete';

/** One write of a client to one document of a managed index. */
export interface Write {
  readonly action: WriteAction;
  /** The name of the managed index, as in its index file. */
  readonly name: string;
  /** The name that the client used: an alias or a concrete index. */
  readonly clientIndex: string;
  /** Undefined: the engine is to generate one. */
  readonly id: string | undefined;
  readonly routing: string | undefined;
  /** The version whose shape the document has, where the client named one (in a header, or by a concrete index). */
  readonly version: number | undefined;
  /** The document (index, create) or the update's body; not copied. */
  readonly body: Buffer | undefined;
  /**
   * All other parameters as the client gave them: `if_seq_no`, `if_primary_term`, `version`, `version_type`, `pipeline`,
   * `require_alias`, `retry_on_conflict`, `_source`, `_source_includes`, `refresh`, `timeout`, ...
   */
  readonly params: Readonly<Record<string, string>>;
}
