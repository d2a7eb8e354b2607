// The words of schema/: what a user declares, and how a declared schema differs from the live one. Pure.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A document's `_source`, parsed. Integers beyond 2^53 are BigInt, so that no digit is lost. */
// biome-ignore lint: user land
export type Source = Record<string, unknown>;

export interface TransformMeta {
  readonly id: string;
  readonly routing: string | undefined;
  /** The version that the document has after this step. */
  readonly version: number;
}

/** Gives the document in the next shape; `null` drops it. Must be deterministic. */
export type Transform = (doc: Source, meta: TransformMeta) => Source | null | Promise<Source | null>;

export interface Migration {
  readonly up?: Transform | undefined;
  readonly down?: Transform | undefined;
}

/** Yields `{ id, source, routing? }` for every document of the source of truth. */
export type Reingest = () => AsyncIterable<unknown> | Iterable<unknown>;

/** One index file, validated. Concrete indexes are `<name>-v<version>`. */
export interface IndexDefinition {
  readonly name: string;
  /** 1 or more. */
  readonly version: number;
  readonly aliases: { readonly read: string; readonly write: string };
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
  /** Keyed by the version they lead to. */
  readonly migrations: Readonly<Record<number, Migration>>;
  /** `external`: the clients bring their documents' versions, and those are the stamps. Default `internal`. */
  readonly versioning?: 'internal' | 'external' | undefined;
  /** Gives the documents again from the source of truth. */
  readonly reingest?: Reingest | undefined;
  /** The file it came from. */
  readonly file: string;
}

/** What is needed to bring a change about. */
export type ChangeClass =
  | 'in-place' // a mapping or dynamic settings update of the live index
  | 'close-and-open' // the index has to be closed for a moment: an outage
  | 'new-version' // a new index
  | 'blocked'; // no index could be created like this

export interface Change {
  /** `mappings.properties.price.type`, `settings.analysis.analyzer.title` */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  readonly needs: ChangeClass;
  /** Why, in one sentence. */
  readonly reason: string;
}
