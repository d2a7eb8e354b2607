// The words of schema/: what a user declares, and how a declared schema differs from the live one. Pure.

import type { Json, JsonObject, Source } from '../json/jsonTypes.js';
import type { Acceptance } from './acceptance.js';

export interface TransformMeta {
  readonly id: string;
  readonly routing: string | undefined;
  /** The version that the document has after this step. */
  readonly version: number;
}

/** Gives the document in the next shape; `null` drops it. Must be deterministic. */
export type Transform = (doc: Source, meta: TransformMeta) => Source | null | Promise<Source | null>;

/** Documents pass through an ingest pipeline of the engine. */
export interface PipelineStep {
  readonly pipeline: string;
}

export interface Migration {
  readonly up?: Transform | PipelineStep | undefined;
  readonly down?: Transform | PipelineStep | undefined;
}

/** A document as the source of truth has it, in the shape of the declared version. */
export interface ReingestDocument {
  readonly id: string | number | bigint;
  readonly source: object;
  readonly routing?: string | number | null | undefined;
  /** 0 to 2^50 - 1, growing with the document's changes: of two that are given the larger one is kept. */
  readonly version?: number | bigint | null | undefined;
  /** Any JSON: `after` of a later call, when everything up to this document is in the new index. */
  readonly cursor?: unknown;
}

export interface ReingestContext {
  /** The last `cursor` up to which everything is in the new index; undefined: from the beginning. */
  // the user's own: what it is, only the user knows
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly after: any;
  /** Aborted when nothing more is wanted. */
  readonly signal: AbortSignal;
  /** Of the index, for a family. */
  readonly name: string;
}

/** Yields every document of the source of truth. */
export type Reingest = (
  context: ReingestContext,
) => AsyncIterable<ReingestDocument> | Iterable<ReingestDocument>;

/** Gates that hooks may stand before. `rollback`: readers or writers go back to the old index. */
export type BeforeHookPoint = 'copying' | 'cutover' | 'switched' | 'finalized' | 'aborted' | 'rollback';
export type AfterHookPoint = BeforeHookPoint | 'ready';

export interface HttpCall {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A shell command, run in a folder, or a POST. */
export type Hook = ({ readonly command: string; readonly folder: string } | HttpCall) & {
  readonly timeoutMs: number;
};

/** What is called at the gates of a migration, in this order. */
export interface Hooks {
  readonly before: { readonly [M in BeforeHookPoint]?: readonly Hook[] | undefined };
  readonly after: { readonly [M in AfterHookPoint]?: readonly Hook[] | undefined };
}

/** One index file, validated. Concrete indexes are `<name>-v<version>`. */
export interface IndexDefinition {
  readonly name: string;
  /** 1 or more. */
  readonly version: number;
  readonly aliases: { readonly read: string; readonly write: string };
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
  /** What becomes of live fields that `mappings` does not mention. Default `keep`. */
  readonly undeclaredFields?: 'keep' | 'dynamic' | undefined;
  /** Keyed by the version they lead to. */
  readonly migrations: Readonly<Record<number, Migration>>;
  /** `external`: the clients bring their documents' versions, and those are the stamps. Default `internal`. */
  readonly versioning?: 'internal' | 'external' | undefined;
  /** Gives the documents again from the source of truth. */
  readonly reingest?: Reingest | undefined;
  /** A file of searches that are compared before the cut-over; absolute path. */
  readonly queries?: string | undefined;
  /** Thresholds that have to be kept before the cut-over, by name. */
  readonly acceptance?: Acceptance | undefined;
  readonly hooks?: Hooks | undefined;
  /** Who is told when somebody is needed, and at the end. */
  readonly notify?: HttpCall | undefined;
  /** The file it came from. */
  readonly file: string;
}

/** An index file for many indexes: what each of them is declared as, with a `*` where its part of the name is put. */
export interface IndexFamily extends Omit<IndexDefinition, 'name'> {
  /** `tenant-*` */
  readonly pattern: string;
}

/** What the index files of a configuration hold. */
export interface DeclaredIndexes {
  /** By name. */
  readonly indexes: readonly IndexDefinition[];
  readonly families: readonly IndexFamily[];
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
