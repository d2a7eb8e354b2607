// Writes TypeScript types of documents from a mapping, for `twindex types`. Pure.
import { isObject, objectAt, textOf } from '../json/plain.js';
import type { JsonObject } from '../json/jsonTypes.js';
import { normaliseMappings } from './normalise.js';

const STRING = 'string';
const NUMBER = 'number';
/** An integer beyond 2^53 arrives in a transform as a BigInt. */
const INTEGER = 'number | bigint';
const DATE = 'string | number';
const ANY_OBJECT = '{ [field: string]: unknown }';
const WEIGHTS = '{ [feature: string]: number }';
const GEOMETRY = 'string | { type: string; coordinates?: unknown; [member: string]: unknown }';
const GEO_POINT = `${GEOMETRY} | { lat: number; lon: number } | [number, number]`;
const XY_POINT = `${GEOMETRY} | { x: number; y: number } | [number, number]`;
const rangeOf = (bound: string): string => `{ gte?: ${bound}; gt?: ${bound}; lte?: ${bound}; lt?: ${bound} }`;

/** The TypeScript type of a value in `_source`, by field type. Undefined: the field is never in `_source`. */
const OF_TYPE: Readonly<Record<string, string | undefined>> = {
  text: STRING,
  match_only_text: STRING,
  annotated_text: STRING,
  search_as_you_type: STRING,
  keyword: STRING,
  wildcard: STRING,
  constant_keyword: STRING,
  counted_keyword: STRING,
  icu_collation_keyword: STRING,
  token_count: STRING,
  binary: STRING,
  ip: STRING,
  version: STRING,
  semantic_version: STRING,
  murmur3: STRING,
  hll: STRING,
  long: INTEGER,
  unsigned_long: INTEGER,
  integer: NUMBER,
  short: NUMBER,
  byte: NUMBER,
  double: NUMBER,
  float: NUMBER,
  half_float: NUMBER,
  scaled_float: NUMBER,
  rank_feature: NUMBER,
  boolean: 'boolean',
  date: DATE,
  date_nanos: DATE,
  integer_range: rangeOf(NUMBER),
  float_range: rangeOf(NUMBER),
  double_range: rangeOf(NUMBER),
  long_range: rangeOf(INTEGER),
  date_range: rangeOf(DATE),
  ip_range: `string | ${rangeOf(STRING)}`,
  geo_point: GEO_POINT,
  geo_shape: GEOMETRY,
  point: XY_POINT,
  shape: GEOMETRY,
  xy_point: XY_POINT,
  xy_shape: GEOMETRY,
  flattened: ANY_OBJECT,
  flat_object: ANY_OBJECT,
  percolator: ANY_OBJECT,
  rank_features: WEIGHTS,
  sparse_vector: WEIGHTS,
  aggregate_metric_double: '{ [metric: string]: number }',
  histogram: '{ values: number[]; counts: number[] }',
  exponential_histogram: ANY_OBJECT,
  dense_vector: 'number[] | string',
  knn_vector: 'number[]',
  rank_vectors: 'number[][]',
  completion: 'string | string[] | { input: string | string[]; weight?: number; contexts?: unknown }',
  join: 'string | { name: string; parent?: string }',
  semantic_text: 'string | { [field: string]: unknown }',
  semantic: STRING,
  alias: undefined,
};

/**
 * The field types that this file can write, for a test. `OF_TYPE` lacks the three object types, which have
 * `properties`.
 */
export const DOCUMENT_TYPES: readonly string[] = [...Object.keys(OF_TYPE), 'object', 'nested', 'passthrough'];

/** The first line of a file with types. `twindex types --out` replaces only files that begin with it. */
export const TYPES_HEADER = '// Written by `twindex types`.';

export interface DocumentType {
  /** For example `Book`. */
  readonly type: string;
  /** For example `books, version 2 (indexes/books.ts)`. */
  readonly of: string;
  readonly mappings: JsonObject;
}

/** A file with the type of the documents of an index. */
export function renderDocumentType({ type, of, mappings }: DocumentType): string {
  const { properties } = normaliseMappings(mappings);
  return [
    TYPES_HEADER,
    `// The documents of ${of}. A mapping does not say which fields a document has, nor which`,
    '// of them hold lists: all fields are optional here, and only `nested` fields are lists. Copy and correct the',
    '// type if your documents differ.',
    `export interface ${type} ${objectText(objectAt(properties), '')}`,
    '',
  ].join('\n');
}

function objectText(properties: JsonObject, indent: string): string {
  const lines = Object.entries(properties).flatMap(([name, field]) => {
    const text = isObject(field) ? fieldText(field, `${indent}  `) : 'unknown';
    return text === undefined ? [] : [`${indent}  ${keyText(name)}?: ${text};`];
  });
  return lines.length === 0 ? ANY_OBJECT : ['{', ...lines, `${indent}}`].join('\n');
}

function fieldText(field: JsonObject, indent: string): string | undefined {
  const type = textOf(field['type'] ?? 'object');
  if (type === 'nested') return `${innerText(field, indent)}[]`;
  if (type === 'object' || type === 'passthrough') return innerText(field, indent);
  return Object.hasOwn(OF_TYPE, type) ? OF_TYPE[type] : 'unknown';
}

const innerText = (field: JsonObject, indent: string): string =>
  objectText(objectAt(field['properties']), indent);

const keyText = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** For example `Book` for `books`, `OrderLine` for `order-lines`, `Tenant` for `tenant-*`. */
export function typeNameOf(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const last = singular(words.pop() ?? 'document');
  const joined = [...words, last].map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[A-Za-z]/.test(joined) ? joined : `Document${joined}`;
}

function singular(word: string): string {
  if (/[^aeiou]ies$/.test(word)) return word.replace(/ies$/, 'y');
  if (/(s|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[^su]s$/.test(word) && !word.endsWith('is') ? word.slice(0, -1) : word;
}
