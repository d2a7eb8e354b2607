// What of the official clients is used here: the same names in @elastic/elasticsearch 8 and 9 and in
// @opensearch-project/opensearch 2 and 3. Nothing of the packages is imported, so that none has to be installed.

/** A client of `@elastic/elasticsearch` or `@opensearch-project/opensearch`. */
export interface OfficialClient {
  readonly transport: { request: (...args: never[]) => unknown };
  readonly connectionPool: object;
  child: (options: never) => unknown;
  close: (...args: never[]) => unknown;
}

/** The same with what can be done with it. */
export interface OpenClient {
  readonly transport: Transport;
  child(options?: object): OpenClient;
  close(...args: unknown[]): unknown;
}

export interface Transport {
  readonly connectionPool: Pool;
  /** Elasticsearch: gives a promise. OpenSearch: that, or takes a callback as the last of its arguments. */
  request(params: RequestParams, ...rest: unknown[]): unknown;
  getConnection(options: object): Connection | null;
}

interface Pool {
  readonly size: number;
  readonly connections: readonly Connection[];
  markAlive(connection: Connection): unknown;
  markDead(connection: Connection): unknown;
}

/** One node. `request` is one attempt, and differs: see dialect.ts. */
export interface Connection {
  readonly id: string;
  readonly url: URL;
  request(params: RequestParams, second: unknown): unknown;
}

/** As a transport gives it to a connection: serialised, with the headers of the transport. */
export interface RequestParams {
  readonly method: string;
  readonly path: string;
  readonly querystring?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  /** OpenSearch; Elasticsearch has it in the options of the connection. */
  readonly timeout?: unknown;
}
