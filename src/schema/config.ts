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

/** The content of `twindex.config.{ts,js,mjs,json,yaml,yml}`. */
export interface ConfigInput {
  /** In JSON and YAML, `${NAME}` in a text stands for the environment variable. */
  readonly cluster?: {
    /** `http://host:9200`; the environment variable TWINDEX_URL goes before it. */
    readonly nodes?: readonly string[];
    readonly auth?: ClusterOptions['auth'];
    /** A PEM file, relative to the configuration file. */
    readonly caFile?: string;
    /** 30,000 */
    readonly requestTimeoutMs?: number;
    /** 6 */
    readonly maxRetries?: number;
  };
  /**
   * The cluster that indexes come from, where that is another one: what is live there, and not in `cluster`, is migrated from
   * there to there. Its engine and version may be others (docs/clusters.md).
   */
  readonly source?: ConfigInput['cluster'];
  /** Patterns of index files, relative to the configuration file: `./indexes/*.ts`. */
  readonly indexes: readonly string[];
  /** Of all migrations; what an index file has for the same gate goes before it. */
  readonly hooks?: HooksInput;
  /** Is sent a POST when somebody is needed, and at the end. */
  readonly notify?: NotifyInput;
}

/** The content of an index file. */
export interface IndexInput {
  /** Concrete indexes are `<name>-v<version>`. With one `*`, as in `tenant-*`: a family, one file for many indexes. */
  readonly name: string;
  /** 1 or more; one more for each breaking change. */
  readonly version: number;
  /** `<name>-read` and `<name>-write`; those of a family have a `*`, too. */
  readonly aliases?: { readonly read?: string; readonly write?: string };
  /** As in `PUT /<index>`, in any of the engine's styles. */
  readonly settings?: object;
  /** As in `PUT /<index>`. */
  readonly mappings?: object;
  /**
   * What becomes of fields of the live index that `mappings` does not mention. `keep`: a new version has them as they are.
   * `dynamic`: they are left to the `dynamic` of the mapping; where that is `true`, the engine maps them anew, by the first
   * value that it meets.
   * @default 'keep'
   */
  readonly undeclaredFields?: 'keep' | 'dynamic';
  /** Keyed by the version they lead to, 2 to `version`. */
  readonly migrations?: Readonly<Record<number, Migration>>;
  readonly versioning?: 'internal' | 'external';
  /** Gives the documents again from the source of truth, for `migrate --route reingest`. */
  readonly reingest?: Reingest;
  /** Commands and addresses that are called before and after the gates of a migration. */
  readonly hooks?: HooksInput;
  /** Is sent a POST when somebody is needed, and at the end. */
  readonly notify?: NotifyInput;
  /** NDJSON, one search a line, relative to this file: sent to both indexes and compared before the cut-over. */
  readonly queries?: string;
  /** What has to hold before the cut-over. */
  readonly acceptance?: {
    /** Documents that could not be compared, as the transform gives another result each time. 0 unless it is said. */
    readonly nonDeterministic?: number;
    /** Aliases whose filter finds documents of the old index and none of the new one. 0 unless it is said. */
    readonly emptyAliases?: number;
    /** Documents that verification found to differ, mended or not. */
    readonly differences?: number;
    /** Searches that fail on the new index and not on the old one. With `queries`: 0 */
    readonly queryErrors?: number;
    /** 0 to 1: at least so much of the first ten hits is the same, on average. */
    readonly overlapAt10?: number;
    /** 0 to 1: the same with its order. */
    readonly rankBiasedOverlap?: number;
    /** Searches whose number of hits differs. */
    readonly totalsDiffer?: number;
    /** Searches whose aggregations differ. */
    readonly aggregationsDiffer?: number;
    /** The new index's p95 over the old one's. */
    readonly latencyP95Ratio?: number;
  };
}

/**
 * Types a configuration file; gives back what it is given.
 * @example
 * export default defineConfig({ cluster: { nodes: ['http://localhost:9200'] }, indexes: ['./indexes/*.ts'] });
 */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

/**
 * Types an index file; gives back what it is given.
 * @example
 * export default defineIndex({
 *   name: 'catalogue',
 *   version: 2,
 *   mappings: { properties: { price: { type: 'double' } } },
 *   migrations: { 2: { up: (doc) => ({ ...doc, price: Number(doc.price) }) } },
 * });
 */
export function defineIndex(index: IndexInput): IndexInput {
  return index;
}
