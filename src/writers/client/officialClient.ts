// Types for the parts of the official clients that twindex uses. These parts have the same names in
// @elastic/elasticsearch 8 and 9 and in @opensearch-project/opensearch 2 and 3. The packages are not
// imported, so neither has to be installed.

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
  /** Returns a promise. OpenSearch's transport may take a callback as the last argument instead. */
  request(params: RequestParams, ...rest: unknown[]): unknown;
  getConnection(options: object): Connection | null;
}

interface Pool {
  readonly size: number;
  readonly connections: readonly Connection[];
  markAlive(connection: Connection): unknown;
  markDead(connection: Connection): unknown;
}

/** Connection to one node. `request` makes one attempt, and differs between the clients (see dialect.ts). */
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
  /** Only set by OpenSearch's client. Elasticsearch's passes the time-out in the connection's options. */
  readonly timeout?: unknown;
}
