// The options of a connection to a cluster.
import type { Auth } from './nodeAddress.js';

/** The places that options of a connection come from, to be named in errors. */
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
   * SHA-256 fingerprint of the certificate authority, in place of `caFile`: 64 hexadecimal digits, with or without
   * colons. The nodes have to send the certificate of their authority, as those of Elasticsearch do.
   * @default none
   * @example
   * caFingerprint: 'b84e16ad70c7a9c6c1a5e0d3f8b2947c5d6e7f8091a2b3c4d5e6f708192a3b4c'
   */
  readonly caFingerprint?: string | undefined;
  /**
   * PEM file with the certificate that twindex shows to the nodes, followed by those of its authorities. A gateway
   * does not show it for the requests of its clients.
   * @default none
   * @see docs/secured-clusters.md#client-certificates
   * @example
   * certFile: '/etc/twindex/client.pem'
   */
  readonly certFile?: string | undefined;
  /**
   * PEM file with the private key of `certFile`.
   * @default none
   * @example
   * keyFile: '/etc/twindex/client-key.pem'
   */
  readonly keyFile?: string | undefined;
  /**
   * Passphrase of an encrypted `keyFile`.
   * @default none
   * @example
   * keyPassphrase: process.env['SEARCH_PASSPHRASE'] ?? ''
   */
  readonly keyPassphrase?: string | undefined;
  /**
   * Address of the HTTP proxy to the nodes, with user and password if it wants them; false: none.
   * @default for https the proxy in HTTPS_PROXY, unless NO_PROXY names the host
   * @example
   * proxy: 'http://proxy.example.com:3128'
   */
  readonly proxy?: string | false | undefined;
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
