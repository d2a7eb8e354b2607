// The options of a connection to a cluster.
import type { Auth } from './nodeAddress.js';

/** The places that the options of a connection were read from. */
export interface Origins {
  /** @example 'TWINDEX_URL' */
  readonly nodes: string;
  /** @example 'cluster.auth (twindex.config.ts)' */
  readonly auth: string;
  /** @example 'cluster.caFile (twindex.config.ts)' */
  readonly caFile: string;
}

/** How twindex reaches a cluster. */
export interface ClusterOptions {
  /**
   * One or more node URLs. User and password in a URL are used as `auth`.
   * @example
   * nodes: ['http://search-1:9200', 'http://search-2:9200']
   */
  readonly nodes: readonly string[];
  /**
   * Credentials.
   * @default none, or user and password of the first URL that has them
   * @example
   * auth: { apiKey: process.env['SEARCH_KEY'] ?? '' }
   */
  readonly auth?: Auth | undefined;
  /**
   * PEM file with the certificate authority that signed the nodes' certificates.
   * @default the authorities that Node trusts
   * @example
   * caFile: '/etc/search/ca.pem'
   */
  readonly caFile?: string | undefined;
  /**
   * Reads these options again from their origin. twindex calls it when the engine answers 401, so credentials
   * can be changed while a process runs.
   * @default none: the credentials stay the same
   * @example
   * readAgain: async () => ({ nodes: ['http://search-1:9200'], auth: { bearer: 'a newer token' } })
   */
  readonly readAgain?: (() => Promise<ClusterOptions>) | undefined;
  /**
   * Time limit for a request with its whole response, in ms.
   * @default 30000
   * @example
   * requestTimeoutMs: 60_000
   */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * How often a request that is safe to repeat is retried.
   * @default 6
   * @example
   * maxRetries: 10
   */
  readonly maxRetries?: number | undefined;
  /**
   * Where these options come from. Errors name the place that has to be corrected.
   * @default `cluster.nodes`, `cluster.auth` and `cluster.caFile`
   * @example
   * origins: { nodes: '--url', auth: '--url', caFile: 'NODE_EXTRA_CA_CERTS' }
   */
  readonly origins?: Origins | undefined;
}
