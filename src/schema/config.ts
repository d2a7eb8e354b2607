// The types of twindex.config.* and of index files, with functions that give files these types.
import type { ClusterOptions } from '../cluster/clusterOptions.js';
import type { Source } from '../json/jsonTypes.js';
import type { EarlierOf, Given, ReingestOf, Steps } from './documentSteps.js';
import type { HooksInput, NotifyInput } from './hookInput.js';
import type { Mappings } from './mappingTypes.js';
import type { Settings } from './settingTypes.js';
import type { DeclaredIndexes, IndexDefinition } from './types.js';

/** A loaded and validated configuration. */
export interface Config extends DeclaredIndexes {
  /** Absolute path. */
  readonly file: string;
  readonly cluster: ClusterOptions;
  /** The cluster of the old indexes, if it is not `cluster`. */
  readonly source?: ClusterOptions | undefined;
  /** Defaults for indexes whose file does not set these keys, or cannot be read. */
  readonly defaults: Pick<IndexDefinition, 'hooks' | 'notify'>;
}

/**
 * The content of `twindex.config.{ts,js,mjs,json,yaml,yml}`. In JSON and YAML, `${NAME}` is replaced by the
 * environment variable in texts below `cluster`, `source` and `notify`, and in hooks that are no commands.
 * @example
 * import type { ConfigInput } from 'twindex';
 *
 * const config: ConfigInput = { cluster: { nodes: ['http://localhost:9200'] }, indexes: ['./indexes/*.ts'] };
 * export default config;
 */
export interface ConfigInput {
  /**
   * The cluster with the indexes and the journal.
   * @default the addresses in the environment variable TWINDEX_URL, separated by commas
   * @example
   * cluster: { nodes: ['https://search-1:9200'], auth: { apiKey: process.env['SEARCH_KEY'] ?? '' }, caFile: './ca.pem' }
   */
  readonly cluster?: {
    /**
     * One or more addresses of nodes. User and password may be in the URL. If TWINDEX_URL is set, it is used
     * instead.
     * @default the addresses in TWINDEX_URL
     * @example
     * nodes: ['http://search-1:9200', 'http://search-2:9200']
     */
    readonly nodes?: readonly string[];
    /**
     * The cloud id of an Elastic Cloud deployment, in place of `nodes`. If TWINDEX_URL is set, it is used instead.
     * @default none
     * @see docs/secured-clusters.md#elastic-cloud
     * @example
     * cloudId: 'shop:ZXUtY2VudHJhbC0xLmF3cy5jbG91ZC5lcy5pbzo0NDMkN2YzYmQwZTRhMWM5NGYwZTlkM2M1YjhhMmY2ZTFkMDc='
     */
    readonly cloudId?: string;
    /**
     * Credentials: `{ username, password }`, `{ apiKey }`, `{ bearer }` or `{ aws: { region } }`; read again when
     * the engine answers 401. In place of `password`, `apiKey` and `bearer`, the keys `passwordFile`,
     * `passwordCommand`, `apiKeyFile` and so on name a file with the secret or a command that prints it. A path is
     * relative to the configuration.
     * @default none, or user and password of the address
     * @see docs/secured-clusters.md
     * @example
     * auth: { username: 'twindex', password: process.env['SEARCH_PASSWORD'] ?? '' }
     */
    readonly auth?: ClusterOptions['auth'];
    /**
     * PEM file, relative to the configuration, with the authority that signed the nodes' certificates.
     * @default the authorities that Node trusts
     * @example
     * caFile: './ca.pem'
     */
    readonly caFile?: string;
    /**
     * SHA-256 fingerprint of the authority that signed the nodes' certificates, in place of `caFile`.
     * @default none
     * @see docs/secured-clusters.md#an-authority-of-your-own
     * @example
     * caFingerprint: 'b84e16ad70c7a9c6c1a5e0d3f8b2947c5d6e7f8091a2b3c4d5e6f708192a3b4c'
     */
    readonly caFingerprint?: string;
    /**
     * PEM file, relative to the configuration, with the certificate that twindex shows to the nodes.
     * @default none
     * @see docs/secured-clusters.md#client-certificates
     * @example
     * certFile: './twindex.pem', keyFile: './twindex-key.pem'
     */
    readonly certFile?: string;
    /**
     * PEM file, relative to the configuration, with the private key of `certFile`.
     * @default none
     * @example
     * certFile: './twindex.pem', keyFile: './twindex-key.pem'
     */
    readonly keyFile?: string;
    /**
     * Passphrase of an encrypted `keyFile`.
     * @default none
     * @example
     * certFile: './twindex.pem', keyFile: './twindex-key.pem', keyPassphrase: process.env['SEARCH_PASSPHRASE'] ?? ''
     */
    readonly keyPassphrase?: string;
    /**
     * Address of the HTTP proxy to the nodes; false: none.
     * @default for https the proxy in HTTPS_PROXY, unless NO_PROXY names the host
     * @see docs/secured-clusters.md#proxies
     * @example
     * proxy: 'http://proxy.example.com:3128'
     */
    readonly proxy?: string | false;
    /**
     * Time limit for a request with its whole response, in ms.
     * @default 30000
     * @example
     * requestTimeoutMs: 60_000
     */
    readonly requestTimeoutMs?: number;
    /**
     * How often a request that is safe to repeat is retried, 0 to 100.
     * @default 6
     * @example
     * maxRetries: 10
     */
    readonly maxRetries?: number;
  };
  /**
   * The cluster of the old indexes, if it is not `cluster`. Its engine and version may differ.
   * @default none: old and new index are in `cluster`
   * @see docs/clusters.md
   * @example
   * source: { nodes: ['http://old-search:9200'] }
   */
  readonly source?: ConfigInput['cluster'];
  /**
   * Patterns of index files, relative to the configuration file. Each must match at least one file.
   * @example
   * indexes: ['./indexes/*.ts', './tenants/*.yaml']
   */
  readonly indexes: readonly string[];
  /**
   * Hooks of all migrations. A hook in an index file replaces the hook for the same phase here.
   * @default none
   * @example
   * hooks: { before: { cutover: './smoke-test.sh' } }
   */
  readonly hooks?: HooksInput;
  /**
   * An address that gets a POST when a migration waits for a person, and at its end.
   * @default none
   * @example
   * notify: 'https://chat.example.com/hook'
   */
  readonly notify?: NotifyInput;
}

/**
 * The content of an index file. `Doc` is the type of the documents in `version`. `Earlier` is the type of
 * documents in earlier versions, or a list with one type for each earlier version.
 * @see docs/index-files.md#types-of-documents
 * @example
 * import type { IndexInput } from 'twindex';
 *
 * const index: IndexInput = { name: 'catalogue', version: 1, mappings: { properties: { title: { type: 'text' } } } };
 * export default index;
 */
export interface IndexInput<Doc extends object = Source, Earlier extends object = EarlierOf<Doc>> {
  /**
   * Lower case, at most 200 bytes. Indexes are called `<name>-v<version>`. A name with one `*`, such as
   * `tenant-*`, is a family: one file for many indexes.
   * @see https://docs.opensearch.org/latest/api-reference/index-apis/create-index/
   * @example
   * name: 'catalogue'
   */
  readonly name: string;
  /**
   * 1 or more. Raise it by one for each change that needs a new index; `twindex plan` names these changes.
   * @example
   * version: 2
   */
  readonly version: number;
  /**
   * The aliases that the application uses. Both may be the same. In a family, they contain a `*`, too.
   * @default `<name>-read` and `<name>-write`
   * @see https://docs.opensearch.org/latest/im-plugin/index-alias/
   * @example
   * aliases: { read: 'shop-search', write: 'shop-import' }
   */
  readonly aliases?: {
    /**
     * The alias that the application searches.
     * @default `<name>-read`
     * @example
     * read: 'shop-search'
     */
    readonly read?: string;
    /**
     * The alias that the application writes to.
     * @default `<name>-write`
     * @example
     * write: 'shop-import'
     */
    readonly write?: string;
  };
  /**
   * As in `PUT /<index>`, nested or dotted, with or without `index.`. Operational settings that are not
   * mentioned, such as `number_of_replicas`, are kept from the live index.
   * @default {}
   * @see https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/
   * @see https://www.elastic.co/docs/reference/elasticsearch/index-settings/
   * @example
   * settings: { number_of_shards: 3, 'analysis.analyzer.title': { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } }
   */
  readonly settings?: Settings;
  /**
   * As in `PUT /<index>`.
   * @default {}
   * @see https://docs.opensearch.org/latest/mappings/
   * @see https://www.elastic.co/docs/manage-data/data-store/mapping
   * @example
   * mappings: { properties: { price: { type: 'scaled_float', scaling_factor: 100 } } }
   */
  readonly mappings?: Mappings;
  /**
   * Decides on live fields that `mappings` does not mention. `keep`: a new version has them unchanged.
   * `dynamic`: they follow the new mapping's `dynamic`; with `true`, the engine maps them by the first value
   * it meets.
   * @default 'keep'
   * @example
   * undeclaredFields: 'dynamic'
   */
  readonly undeclaredFields?: 'keep' | 'dynamic';
  /**
   * The steps from version to version. The key of a step is the version that it leads to, 2 to `version`. A
   * version without a step leaves documents unchanged.
   * @default {}
   * @example
   * migrations: { 2: { up: (doc) => ({ ...doc, price: Number(doc['price']) }) } }
   */
  readonly migrations?: Steps<Doc, Earlier>;
  /**
   * `external`, for indexes whose clients send versions, is not supported yet: `twindex plan` refuses it.
   * @default 'internal'
   * @example
   * versioning: 'internal'
   */
  readonly versioning?: 'internal' | 'external';
  /**
   * Yields the documents from the source of truth, for `twindex migrate NAME --route reingest`.
   * @default none
   * @example
   * async *reingest() {
   *   yield { id: 1, source: { title: 'The Leopard' } };
   * }
   */
  readonly reingest?: ReingestOf<Doc>;
  /**
   * Commands and addresses that are called before and after the phases of a migration.
   * @default the hooks of the configuration
   * @example
   * hooks: { after: { switched: 'make clear-cache' } }
   */
  readonly hooks?: HooksInput;
  /**
   * An address that gets a POST when the migration waits for a person, and at its end.
   * @default the address in the configuration
   * @example
   * notify: { url: 'https://chat.example.com/hook', headers: { authorization: 'Bearer x' } }
   */
  readonly notify?: NotifyInput;
  /**
   * A file of searches (NDJSON), relative to this file, that run on both indexes before the cut-over.
   * @default none
   * @example
   * queries: './catalogue.searches.ndjson'
   */
  readonly queries?: string;
  /**
   * Thresholds that must hold before readers are moved to the new index.
   * @default `{ nonDeterministic: 0, emptyAliases: 0 }`, with `queries` also `queryErrors: 0`
   * @see docs/index-files.md#queries-and-acceptance
   * @example
   * acceptance: { queryErrors: 0, overlapAt10: 0.95, latencyP95Ratio: 1.5 }
   */
  readonly acceptance?: {
    /**
     * Highest allowed number of documents that could not be compared, since the transform's result differs
     * each time.
     * @default 0
     * @example
     * nonDeterministic: 10
     */
    readonly nonDeterministic?: number;
    /**
     * Highest allowed number of aliases whose filter finds documents in the old index but none in the new
     * one.
     * @default 0
     * @example
     * emptyAliases: 1
     */
    readonly emptyAliases?: number;
    /**
     * Highest allowed number of documents that verification found to be different, repaired or not.
     * @default no limit
     * @example
     * differences: 0
     */
    readonly differences?: number;
    /**
     * Highest allowed number of searches that fail only on the new index, or use a field that only the old
     * index has.
     * @default 0 if there are `queries`, else no limit
     * @example
     * queryErrors: 0
     */
    readonly queryErrors?: number;
    /**
     * Lowest allowed average share (0 to 1) of the first ten hits that both indexes return.
     * @default no limit
     * @example
     * overlapAt10: 0.95
     */
    readonly overlapAt10?: number;
    /**
     * Lowest allowed average similarity (0 to 1) of the rankings that both indexes return. The first ranks
     * count most.
     * @default no limit
     * @see https://doi.org/10.1145/1852102.1852106
     * @example
     * rankBiasedOverlap: 0.9
     */
    readonly rankBiasedOverlap?: number;
    /**
     * Highest allowed number of searches whose number of hits differs.
     * @default no limit
     * @example
     * totalsDiffer: 0
     */
    readonly totalsDiffer?: number;
    /**
     * Highest allowed number of searches whose aggregations or suggestions differ.
     * @default no limit
     * @example
     * aggregationsDiffer: 0
     */
    readonly aggregationsDiffer?: number;
    /**
     * Highest allowed ratio of the 95th percentiles of search times: new index divided by old index. Times
     * below 5 ms count as 5 ms.
     * @default no limit
     * @example
     * latencyP95Ratio: 1.5
     */
    readonly latencyP95Ratio?: number;
  };
}

/**
 * Gives a configuration file its types, and returns its argument. A command that loads the file reports all
 * wrong and unknown keys at once, in a TwindexError `config_invalid`.
 * @example
 * import { defineConfig } from 'twindex';
 *
 * export default defineConfig({ cluster: { nodes: ['http://localhost:9200'] }, indexes: ['./indexes/*.ts'] });
 */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

/**
 * Gives an index file its types, and returns its argument. The file is checked as for `defineConfig`.
 *
 * With the type of its documents, `defineIndex<Book>`, TypeScript also checks `up`, `down` and `reingest`.
 * `twindex types NAME` writes such a type. A second type describes the documents before `up`:
 * `defineIndex<Book, BookV1>`, or for each earlier version, `defineIndex<Book, [BookV1, BookV2]>`.
 * @see docs/index-files.md#types-of-documents
 * @example
 * import { defineIndex } from 'twindex';
 *
 * interface Product {
 *   title?: string;
 *   price?: number;
 * }
 *
 * export default defineIndex<Product>({
 *   name: 'catalogue',
 *   version: 2,
 *   mappings: { properties: { title: { type: 'text' }, price: { type: 'double' } } },
 *   migrations: {
 *     2: {
 *       up: (doc) => ({ ...doc, price: Number(doc.price) }),
 *       down: (doc) => ({ ...doc, price: String(doc.price) }),
 *     },
 *   },
 * });
 */
export function defineIndex<Doc extends object = Source, Earlier extends object = EarlierOf<Doc>>(
  index: IndexInput<Given<Doc>, Given<Earlier>>,
): IndexInput {
  return index as unknown as IndexInput;
}

/**
 * Returns a part of `mappings` or `settings` unchanged, and keeps TypeScript from checking it. Use it for a field
 * type of a plugin, or for a parameter that is newer than this version of twindex. `twindex plan` asks the engine
 * about this part, too.
 * @see docs/index-files.md#what-the-types-do-not-know
 * @example
 * import { defineIndex, unchecked } from 'twindex';
 *
 * export default defineIndex({
 *   name: 'catalogue',
 *   version: 1,
 *   mappings: { properties: { title: { type: 'text' }, colour: unchecked({ type: 'colour', space: 'lab' }) } },
 * });
 */
// oxlint-disable-next-line typescript/no-explicit-any
export function unchecked(part: object): any {
  return part;
}
