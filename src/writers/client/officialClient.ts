// The parts of the official clients that twindex uses. They are the same in @elastic/elasticsearch 8 and 9
// and in @opensearch-project/opensearch 2 and 3. No package is imported, so none has to be installed.

/** A client of `@elastic/elasticsearch` or `@opensearch-project/opensearch`. */
export interface OfficialClient {
  readonly transport: { request: (...args: never[]) => unknown };
  readonly connectionPool: object;
  child: (options: never) => unknown;
  close: (...args: never[]) => unknown;
}

/** An official client, including its internal methods. */
export interface OpenClient {
  readonly transport: Transport;
  child(options?: object): OpenClient;
  close(...args: unknown[]): unknown;
}

export interface Transport {
  readonly connectionPool: Pool;
  /** Returns a promise. In OpenSearch's transport, the last argument may be a callback instead. */
  request(params: RequestParams, ...rest: unknown[]): unknown;
  getConnection(options: object): Connection | null;
}

interface Pool {
  readonly size: number;
  readonly connections: readonly Connection[];
  markAlive(connection: Connection): unknown;
  markDead(connection: Connection): unknown;
}

/** `request` makes one attempt, and differs between the clients (see dialect.ts). */
export interface Connection {
  readonly id: string;
  readonly url: URL;
  request(params: RequestParams, second: unknown): unknown;
}

/** A request as a transport passes it to a connection: serialised, with the transport's headers. */
export interface RequestParams {
  readonly method: string;
  readonly path: string;
  readonly querystring?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  /** Set by OpenSearch's client only. Elasticsearch's passes the time-out in the connection's options. */
  readonly timeout?: unknown;
}
