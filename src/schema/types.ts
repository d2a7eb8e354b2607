// The types of schema/: declared indexes, and differences between a declared schema and the live one. Pure.
import type { Json, JsonObject, Source } from '../json/jsonTypes.js';
import type { Acceptance } from './acceptance.js';

/** The second argument of a transform. */
export interface TransformMeta {
  /** The document's `_id`. */
  readonly id: string;
  /** The document's `_routing`; undefined if it has none. */
  readonly routing: string | undefined;
  /** The version that the document has after this step. */
  readonly version: number;
}

/**
 * Returns the document in the shape of the next version, or `null` to leave it out. `doc` is a copy and may
 * be changed. A transform must be deterministic, since verification runs it again and compares. If it throws,
 * the document is rejected with the message as the reason. A returned promise must settle within 30 s.
 * @see docs/index-files.md#transforms
 * @example
 * import type { Transform } from 'twindex';
 *
 * const up: Transform = (doc) => (doc['hidden'] === true ? null : { ...doc, price: Number(doc['price']) });
 * export default up;
 */
export type Transform<Before extends object = Source, After extends object = Source> = (
  doc: Before,
  meta: TransformMeta,
) => After | null | Promise<After | null>;

/**
 * An ingest pipeline of the engine as a step. It must exist, and not change `_id`, `_routing` or `_index`.
 * @see https://docs.opensearch.org/latest/ingest-pipelines/
 */
export interface PipelineStep {
  readonly pipeline: string;
}

/**
 * The step from the previous version to the version that is its key in `migrations`, and back.
 * @example
 * import { defineIndex, type Migration } from 'twindex';
 *
 * const toNumbers: Migration = { up: { pipeline: 'prices-to-numbers' }, down: { pipeline: 'prices-to-text' } };
 * export default defineIndex({ name: 'catalogue', version: 2, migrations: { 2: toNumbers } });
 */
export interface Migration<Before extends object = Source, After extends object = Source> {
  /** Required in an index file. */
  readonly up?: Transform<Before, After> | PipelineStep | undefined;
  /**
   * Restores the old shape for a rollback after the switch.
   * @default none: a rollback after the switch may lose the changes of `up`
   */
  readonly down?: Transform<After, Before> | PipelineStep | undefined;
}

/** A document of the source of truth, in the shape of the declared version. */
export interface ReingestDocument<Doc extends object = object> {
  /** A text or a whole number. */
  readonly id: string | number | bigint;
  readonly source: Doc;
  /** @default none */
  readonly routing?: string | number | null | undefined;
  /**
   * A whole number, 0 to 2^50 - 1, that grows with each change of the document. If a document is yielded
   * twice, the larger version is kept.
   * @default none: the document that was yielded last is kept
   */
  readonly version?: number | bigint | null | undefined;
  /**
   * Any JSON that says where in the source this document is. After a restart, `reingest` continues behind
   * `after`, the last cursor up to which all documents are in the new index.
   * @default none: a restart begins anew
   */
  readonly cursor?: unknown;
}

/** The argument of `reingest`. */
export interface ReingestContext {
  /** The last `cursor` up to which everything is in the new index; undefined: from the beginning. */
  // the cursor has a type of the user's own
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly after: any;
  /** Aborted when no more documents are needed. */
  readonly signal: AbortSignal;
  /** The name of the index, for a family. */
  readonly name: string;
}

/**
 * Yields every document of the source of truth, in the order of their cursors. It is read only as fast as
 * documents are written, so the source may be larger than the memory.
 * @see docs/index-files.md#reingest
 * @example
 * import { defineIndex, type Reingest } from 'twindex';
 *
 * const reingest: Reingest = async function* ({ after }) {
 *   for (let id = Number(after ?? 0) + 1; id <= 3; id++) yield { id, source: { title: `Book ${id}` }, cursor: id };
 * };
 * export default defineIndex({ name: 'books', version: 2, reingest });
 */
export type Reingest<Doc extends object = object> = (
  context: ReingestContext,
) => AsyncIterable<ReingestDocument<Doc>> | Iterable<ReingestDocument<Doc>>;

/** Phases that hooks may run before. `rollback`: readers or writers return to the old index. */
export type BeforeHookPoint = 'copying' | 'cutover' | 'switched' | 'finalized' | 'aborted' | 'rollback';
export type AfterHookPoint = BeforeHookPoint | 'ready';

export interface HttpCall {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A shell command that runs in a folder, or a POST. */
export type Hook = ({ readonly command: string; readonly folder: string } | HttpCall) & {
  readonly timeoutMs: number;
};

/** The hooks at the gates of a migration, in the order in which they run. */
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
  /** Decides on live fields that `mappings` does not mention. Default: `keep`. */
  readonly undeclaredFields?: 'keep' | 'dynamic' | undefined;
  /** The steps, by the version that they lead to. */
  readonly migrations: Readonly<Record<number, Migration>>;
  /** `external`: clients send the versions of documents. Default: `internal`. */
  readonly versioning?: 'internal' | 'external' | undefined;
  /** Yields the documents from the source of truth. */
  readonly reingest?: Reingest | undefined;
  /** Absolute path of the file with the searches to run on both indexes before the cut-over. */
  readonly queries?: string | undefined;
  /** Thresholds that must hold before the cut-over, by name. */
  readonly acceptance?: Acceptance | undefined;
  readonly hooks?: Hooks | undefined;
  /** The address that gets a POST when a migration needs a person, and at its end. */
  readonly notify?: HttpCall | undefined;
  /** Path of the index file. */
  readonly file: string;
}

/** An index file for many indexes. A `*` in its texts stands for the part of the name that differs. */
export interface IndexFamily extends Omit<IndexDefinition, 'name'> {
  /** For example `tenant-*`. */
  readonly pattern: string;
}

/** The content of all index files of a configuration. */
export interface DeclaredIndexes {
  /** Sorted by name. */
  readonly indexes: readonly IndexDefinition[];
  readonly families: readonly IndexFamily[];
}

/** The way in which a change can be applied. */
export type ChangeClass =
  | 'in-place' // an update of the live index's mapping or dynamic settings
  | 'close-and-open' // the index must be closed for a moment, which is an outage
  | 'new-version' // a new index
  | 'blocked'; // no index can be created like this

export interface Change {
  /** For example `mappings.properties.price.type`, `settings.analysis.analyzer.title`. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  readonly needs: ChangeClass;
  /** The reason in one sentence. */
  readonly reason: string;
}
