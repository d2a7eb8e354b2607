// What a user writes: the shapes of twindex.config.* and of index files, with functions that only give them their types.
import type { ClusterOptions } from '../cluster/connection.js';
import type { DeclaredIndexes, Migration, Reingest } from './types.js';

/** A loaded and validated configuration. */
export interface Config extends DeclaredIndexes {
  /** Absolute path. */
  readonly file: string;
  readonly cluster: ClusterOptions;
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
  /** Patterns of index files, relative to the configuration file: `./indexes/*.ts`. */
  readonly indexes: readonly string[];
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
  /** Keyed by the version they lead to, 2 to `version`. */
  readonly migrations?: Readonly<Record<number, Migration>>;
  readonly versioning?: 'internal' | 'external';
  /** Gives the documents again from the source of truth, for `migrate --route reingest`. */
  readonly reingest?: Reingest;
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
