// The words of schema/: what a user declares, and how a declared schema differs from the live one. Pure.
import type { Json, JsonObject, Source } from '../json/jsonTypes.js';
import type { Acceptance } from './acceptance.js';

/** The second argument of a transform. */
export interface TransformMeta {
  /** The document's `_id`. */
  readonly id: string;
  /** The document's `_routing`, undefined where it has none. */
  readonly routing: string | undefined;
  /** The version that the document has after this step. */
  readonly version: number;
}

/**
 * Gives the document as the next version has it; `null` leaves it out. It must be deterministic: verification runs it again and
 * compares. `doc` is a copy and may be changed. A document for which it throws is rejected, with the message as the reason. A promise
 * has 30 s for a document.
 * @see docs/index-files.md#transforms
 * @example
 * import type { Transform } from 'twindex';
 *
 * const up: Transform = (doc) => (doc['hidden'] === true ? null : { ...doc, price: Number(doc['price']) });
 * export default up;
 */
export type Transform = (doc: Source, meta: TransformMeta) => Source | null | Promise<Source | null>;

/**
 * Documents pass through an ingest pipeline of the engine. It must exist, and must not change `_id`, `_routing` or `_index`.
 * @see https://docs.opensearch.org/latest/ingest-pipelines/
 */
export interface PipelineStep {
  readonly pipeline: string;
}

/**
 * The step from the version before to the one that is its key in `migrations`, and back.
 * @example
 * import { defineIndex, type Migration } from 'twindex';
 *
 * const toNumbers: Migration = { up: { pipeline: 'prices-to-numbers' }, down: { pipeline: 'prices-to-text' } };
 * export default defineIndex({ name: 'catalogue', version: 2, migrations: { 2: toNumbers } });
 */
export interface Migration {
  /** Required in an index file. */
  readonly up?: Transform | PipelineStep | undefined;
  /**
   * What a rollback after the switch gives back is as good as this function.
   * @default none: a rollback after the switch may lose what `up` has changed
   */
  readonly down?: Transform | PipelineStep | undefined;
}

/** A document of the source of truth, in the shape of the declared version. */
export interface ReingestDocument {
  /** A text or a whole number. */
  readonly id: string | number | bigint;
  readonly source: object;
  /** @default none */
  readonly routing?: string | number | null | undefined;
  /**
   * A whole number, 0 to 2^50 - 1, that grows with the changes of the document: of two the larger one is kept.
   * @default none: the one that was given later is kept
   */
  readonly version?: number | bigint | null | undefined;
  /**
   * Any JSON. A later call gets it as `after`, when everything up to this document is in the new index.
   * @default none: a restart begins anew
   */
  readonly cursor?: unknown;
}

/** The argument of `reingest`. */
export interface ReingestContext {
  /** The last `cursor` up to which everything is in the new index; undefined: from the beginning. */
  // the user's own: what it is, only the user knows
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly after: any;
  /** Aborted when no more documents are needed. */
  readonly signal: AbortSignal;
  /** The name of the index, for a family. */
  readonly name: string;
}

/**
 * Yields every document of the source of truth, in the order of their cursors. It is read as fast as documents are written, so the source
 * may be larger than the memory.
 * @see docs/index-files.md#reingest
 * @example
 * import { defineIndex, type Reingest } from 'twindex';
 *
 * const reingest: Reingest = async function* ({ after }) {
 *   for (let id = Number(after ?? 0) + 1; id <= 3; id++) yield { id, source: { title: `Book ${id}` }, cursor: id };
 * };
 * export default defineIndex({ name: 'books', version: 2, reingest });
 */
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
