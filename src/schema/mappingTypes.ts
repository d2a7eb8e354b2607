// The types of `mappings` in an index file, made from the lists in fieldParameters.ts.
import type { LEAVES, OBJECTS } from './fieldParameters.js';

/** An integer beyond 2^53 is a BigInt. */
type Numeric = number | bigint;
type Scalar = string | Numeric | boolean;
type Dynamic =
  | boolean
  | 'true'
  | 'false'
  | 'strict'
  | 'runtime'
  | 'strict_allow_templates'
  | 'false_allow_templates';

/** For each kind of value in fieldParameters.ts, the TypeScript type of a mapping parameter of this kind. */
interface Values {
  boolean: boolean;
  number: Numeric;
  text: string;
  texts: string | readonly string[];
  scalar: Scalar;
  /** Any JSON. */
  value: unknown;
  object: object;
  objects: object | readonly object[];
  textsByName: Readonly<Record<string, string>>;
  listsByName: Readonly<Record<string, string | readonly string[]>>;
  script: string | object;
  dynamic: Dynamic;
  fields: Fields;
}

type ValueOf<Kind> = Kind extends readonly (infer Allowed)[]
  ? Allowed
  : Kind extends keyof Values
    ? Values[Kind]
    : never;

type WithType<Type, Parameters> = { readonly type: Type } & {
  readonly [P in keyof Parameters]?: ValueOf<Parameters[P]>;
};

type Typed<Types> = { [T in keyof Types]: WithType<T, Types[T]> }[keyof Types];

/** A field with `properties` and no `type` is an object. */
type Untyped = { readonly type?: never } & {
  readonly [P in keyof (typeof OBJECTS)['object']]?: ValueOf<(typeof OBJECTS)['object'][P]>;
};

/**
 * A field of `mappings`: its type with the parameters that the type has on Elasticsearch or OpenSearch. A type
 * or a parameter that is missing here, for example one of a plugin, is passed with `unchecked()`.
 * @see https://docs.opensearch.org/latest/mappings/supported-field-types/
 * @see https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/field-data-types
 * @example
 * import type { Field } from 'twindex';
 *
 * const price: Field = { type: 'scaled_float', scaling_factor: 100 };
 * export default price;
 */
export type Field = Typed<typeof LEAVES> | Typed<typeof OBJECTS> | Untyped;

interface Fields {
  readonly [name: string]: Field;
}

/** A template may hold placeholders (`{dynamic_type}`), so its mapping is not checked. */
interface DynamicTemplate {
  readonly match?: string | readonly string[];
  readonly unmatch?: string | readonly string[];
  readonly path_match?: string | readonly string[];
  readonly path_unmatch?: string | readonly string[];
  readonly match_mapping_type?: string | readonly string[];
  readonly unmatch_mapping_type?: string | readonly string[];
  readonly match_pattern?: 'simple' | 'regex';
  readonly mapping?: object;
  readonly runtime?: object;
}

/**
 * The `mappings` of an index file, as in `PUT /<index>`. Give mappings that are not written inside
 * `defineIndex` this type. Otherwise TypeScript takes each `type` for any `string`, and `defineIndex` refuses it.
 * @see https://docs.opensearch.org/latest/mappings/
 * @see https://www.elastic.co/docs/manage-data/data-store/mapping
 * @example
 * import { defineIndex, type Mappings } from 'twindex';
 *
 * const mappings: Mappings = { dynamic: 'strict', properties: { title: { type: 'text' } } };
 * export default defineIndex({ name: 'catalogue', version: 1, mappings });
 */
export interface Mappings {
  readonly properties?: Fields;
  readonly dynamic?: Dynamic;
  readonly dynamic_templates?: readonly { readonly [name: string]: DynamicTemplate }[];
  readonly dynamic_date_formats?: string | readonly string[];
  readonly date_detection?: boolean;
  readonly numeric_detection?: boolean;
  readonly enabled?: boolean;
  readonly subobjects?: boolean;
  /** Elasticsearch: fields that are computed when a search asks for them. */
  readonly runtime?: { readonly [name: string]: object };
  /** OpenSearch: fields that are computed when a search asks for them. */
  readonly derived?: { readonly [name: string]: object };
  /** OpenSearch: star trees. */
  readonly composite?: { readonly [name: string]: object };
  readonly _source?: {
    readonly enabled?: boolean;
    readonly includes?: string | readonly string[];
    readonly excludes?: string | readonly string[];
    readonly mode?: 'stored' | 'synthetic' | 'disabled';
    readonly recovery_source_enabled?: boolean;
    readonly recovery_source_includes?: readonly string[];
    readonly recovery_source_excludes?: readonly string[];
  };
  readonly _routing?: { readonly required?: boolean };
  readonly _field_names?: { readonly enabled?: boolean };
  readonly _size?: { readonly enabled?: boolean };
  readonly _data_stream_timestamp?: { readonly enabled?: boolean };
  /** Any JSON. The engine only keeps it. */
  readonly _meta?: { readonly [name: string]: unknown };
}
