// What a user writes: the shapes of twindex.config.* and of index files, with functions that only give them their types.
import type { ClusterOptions } from '../cluster/connection.js';
import type { HooksInput, NotifyInput } from './hookSchema.js';
import type { DeclaredIndexes, IndexDefinition, Migration, Reingest } from './types.js';

/** A loaded and validated configuration. */
export interface Config extends DeclaredIndexes {
  /** Absolute path. */
  readonly file: string;
  readonly cluster: ClusterOptions;
  /** The cluster that indexes come from, where that is another one. */
  readonly source?: ClusterOptions | undefined;
  /** What holds for every index whose file does not say otherwise, also for one whose file can't be read. */
  readonly defaults: Pick<IndexDefinition, 'hooks' | 'notify'>;
}

/**
 * The content of `twindex.config.{ts,js,mjs,json,yaml,yml}`. In JSON and YAML, `${NAME}` in a text below `cluster`, `source` and
 * `notify` stands for the environment variable.
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
     * One or more addresses of nodes. User and password may be in the URL.
     * @default the addresses in TWINDEX_URL, which also replaces addresses that are given here
     * @example
     * nodes: ['http://search-1:9200', 'http://search-2:9200']
     */
    readonly nodes?: readonly string[];
    /**
     * Credentials: `{ username, password }`, `{ apiKey }` or `{ bearer }`. They are read again when the engine answers 401.
     * @default none, or user and password of the address
     * @example
     * auth: { username: 'twindex', password: process.env['SEARCH_PASSWORD'] ?? '' }
     */
    readonly auth?: ClusterOptions['auth'];
    /**
     * A PEM file with the certificate authority that signed the certificates of the nodes, relative to the configuration file.
     * @default the authorities of Node
     * @example
     * caFile: './ca.pem'
     */
    readonly caFile?: string;
    /**
     * Time for the whole answer of one request, in ms.
     * @default 30000
     * @example
     * requestTimeoutMs: 60_000
     */
    readonly requestTimeoutMs?: number;
    /**
     * How often a request that is safe to repeat is tried again, 0 to 100.
     * @default 6
     * @example
     * maxRetries: 10
     */
    readonly maxRetries?: number;
  };
  /**
   * The cluster that indexes are moved from, if it is another one than `cluster`. Its engine and version may differ.
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
   * Hooks of all migrations. A hook in an index file replaces the one for the same phase.
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
 * The content of an index file.
 * @example
 * import type { IndexInput } from 'twindex';
 *
 * const index: IndexInput = { name: 'catalogue', version: 1, mappings: { properties: { title: { type: 'text' } } } };
 * export default index;
 */
export interface IndexInput {
  /**
   * Concrete indexes are `<name>-v<version>`. Lower case, at most 200 bytes. With one `*`, as in `tenant-*`: a family, one file for
   * many indexes.
   * @see https://docs.opensearch.org/latest/api-reference/index-apis/create-index/
   * @example
   * name: 'catalogue'
   */
  readonly name: string;
  /**
   * 1 or more. Raise it by one for each change that needs a new index; `twindex plan` says which do.
   * @example
   * version: 2
   */
  readonly version: number;
  /**
   * The aliases of the application. The same text in both: one alias for all. Those of a family have a `*`, too.
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
   * As in `PUT /<index>`, nested or dotted, with or without `index.`. Operational settings that are left out, such as
   * `number_of_replicas`, are taken over from the live index.
   * @default {}
   * @see https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/
   * @see https://www.elastic.co/docs/reference/elasticsearch/index-settings/
   * @example
   * settings: { number_of_shards: 3, 'analysis.analyzer.title': { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } }
   */
  readonly settings?: object;
  /**
   * As in `PUT /<index>`.
   * @default {}
   * @see https://docs.opensearch.org/latest/mappings/
   * @see https://www.elastic.co/docs/manage-data/data-store/mapping
   * @example
   * mappings: { properties: { price: { type: 'scaled_float', scaling_factor: 100 } } }
   */
  readonly mappings?: object;
  /**
   * Fields of the live index that `mappings` does not mention. `keep`: a new version has them as they are. `dynamic`: the `dynamic`
   * of the new mapping decides; where that is `true`, the engine maps them again by the first value that it meets.
   * @default 'keep'
   * @example
   * undeclaredFields: 'dynamic'
   */
  readonly undeclaredFields?: 'keep' | 'dynamic';
  /**
   * How documents get from one version to the next. Keyed by the version that an entry leads to, 2 to `version`; a version without an
   * entry leaves documents as they are.
   * @default {}
   * @example
   * migrations: { 2: { up: (doc) => ({ ...doc, price: Number(doc['price']) }) } }
   */
  readonly migrations?: Readonly<Record<number, Migration>>;
  /**
   * `external`, for indexes whose clients send versions of their own, is not supported yet: `twindex plan` refuses it.
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
  readonly reingest?: Reingest;
  /**
   * Commands and addresses that are called before and after the phases of a migration.
   * @default those of the configuration
   * @example
   * hooks: { after: { switched: 'make clear-cache' } }
   */
  readonly hooks?: HooksInput;
  /**
   * An address that gets a POST when the migration waits for a person, and at its end.
   * @default that of the configuration
   * @example
   * notify: { url: 'https://chat.example.com/hook', headers: { authorization: 'Bearer x' } }
   */
  readonly notify?: NotifyInput;
  /**
   * A file of searches (NDJSON, one a line), relative to this file. They run on both indexes before the cut-over.
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
     * At most: documents that could not be compared, as the transform gives another result each time.
     * @default 0
     * @example
     * nonDeterministic: 10
     */
    readonly nonDeterministic?: number;
    /**
     * At most: aliases whose filter finds documents of the old index and none of the new one.
     * @default 0
     * @example
     * emptyAliases: 1
     */
    readonly emptyAliases?: number;
    /**
     * At most: documents that verification found to differ, repaired or not.
     * @default no limit
     * @example
     * differences: 0
     */
    readonly differences?: number;
    /**
     * At most: searches that fail on the new index and not on the old one, or use a field that only the old one has.
     * @default 0 where there are `queries`, else no limit
     * @example
     * queryErrors: 0
     */
    readonly queryErrors?: number;
    /**
     * At least, 0 to 1: the share of the first ten hits that both indexes have, on average.
     * @default no limit
     * @example
     * overlapAt10: 0.95
     */
    readonly overlapAt10?: number;
    /**
     * At least, 0 to 1: the same with the order of the hits, the first ranks counting most.
     * @default no limit
     * @see https://doi.org/10.1145/1852102.1852106
     * @example
     * rankBiasedOverlap: 0.9
     */
    readonly rankBiasedOverlap?: number;
    /**
     * At most: searches whose number of hits differs.
     * @default no limit
     * @example
     * totalsDiffer: 0
     */
    readonly totalsDiffer?: number;
    /**
     * At most: searches whose aggregations or suggestions differ.
     * @default no limit
     * @example
     * aggregationsDiffer: 0
     */
    readonly aggregationsDiffer?: number;
    /**
     * At most: the 95th percentile of the search times on the new index over that on the old one. Times below 5 ms count as 5.
     * @default no limit
     * @example
     * latencyP95Ratio: 1.5
     */
    readonly latencyP95Ratio?: number;
  };
}

/**
 * Gives a configuration file its types, and returns its argument. The file is checked when a command loads it: wrong and unknown keys
 * are reported all at once, as a TwindexError `config_invalid`.
 * @example
 * import { defineConfig } from 'twindex';
 *
 * export default defineConfig({ cluster: { nodes: ['http://localhost:9200'] }, indexes: ['./indexes/*.ts'] });
 */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

/**
 * Gives an index file its types, and returns its argument. The file is checked when a command loads it, as for `defineConfig`.
 * @example
 * import { defineIndex } from 'twindex';
 *
 * export default defineIndex({
 *   name: 'catalogue',
 *   version: 2,
 *   mappings: { properties: { price: { type: 'double' } } },
 *   migrations: {
 *     2: {
 *       up: (doc) => ({ ...doc, price: Number(doc['price']) }),
 *       down: (doc) => ({ ...doc, price: String(doc['price']) }),
 *     },
 *   },
 * });
 */
export function defineIndex(index: IndexInput): IndexInput {
  return index;
}
