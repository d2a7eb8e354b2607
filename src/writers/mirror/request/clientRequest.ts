// The types of a client's request, of the writes in it, and of the reply.
import type { WriteTrace } from '../trace/writeTrace.js';

export interface ClientRequest {
  /** Upper case. */
  readonly method: string;
  /** Path and query as sent: `/catalogue-write/_doc/1?refresh=true`. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The decompressed body. */
  readonly body: Buffer | undefined;
  /** Undefined if traces are off. */
  readonly trace?: WriteTrace | undefined;
}

export interface ClientReply {
  readonly status: number;
  /** Names in lower case; without content-length, connection and content-encoding. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type WriteAction = 'index' | 'create' | 'update' | 'delete';

export interface Write {
  readonly action: WriteAction;
  /** The name in the index file, such as `catalogue`. */
  readonly name: string;
  /** The name that the client used: an alias or a concrete index. */
  readonly clientIndex: string;
  /** Undefined if the engine should generate the id. */
  readonly id: string | undefined;
  readonly routing: string | undefined;
  /** The version of the document's shape, if the client named it (header, or name of a concrete index). */
  readonly version: number | undefined;
  /** The document (index, create) or the update's body. */
  readonly body: Buffer | undefined;
  /** All other parameters: `if_seq_no`, `pipeline`, `_source`, `refresh`, ... */
  readonly params: Readonly<Record<string, string>>;
}
