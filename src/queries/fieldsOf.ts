// Finds fields in a search that the new index lacks. Such a search rarely fails, but it finds nothing. Pure.
import { isObject } from '../json/plain.js';
import type { JsonObject } from '../json/jsonTypes.js';

/** Strings under these keys of a search are names of fields. */
const NAMES_FIELDS = new Set([
  'field',
  'fields',
  'default_field',
  'path',
  'sort',
  'docvalue_fields',
  'stored_fields',
]);
/** No key and no string below these keys of a search is the name of a field. */
const HOLDS_VALUES = new Set([
  '_source',
  'params',
  'script',
  'ext',
  'source',
  'indices_boost',
  'runtime_mappings',
  'derived',
]);

/** All names by which a search can refer to a field: `title`, `title.raw`, `maker`, `maker.name`. */
export function fieldNames(mappings: JsonObject): ReadonlySet<string> {
  const names = new Set<string>();
  collect(mappings, '', names);
  for (const part of ['runtime', 'derived'])
    if (isObject(mappings[part])) for (const name of Object.keys(mappings[part])) names.add(name);
  return names;
}

function collect(node: JsonObject, prefix: string, names: Set<string>): void {
  for (const part of ['properties', 'fields']) {
    const fields = node[part];
    if (!isObject(fields)) continue;
    for (const [name, field] of Object.entries(fields)) {
      names.add(prefix + name);
      if (isObject(field)) collect(field, `${prefix}${name}.`, names);
    }
  }
}

/** @param query the query string of the URL, since `q` and `sort` may contain fields */
export function lostFields(
  { body, query }: { readonly body: string | undefined; readonly query: string },
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): string[] {
  const lost = new Set([...before].filter((name) => !after.has(name)));
  if (lost.size === 0) return [];
  const used = new Set<string>();
  const parameters = new URLSearchParams(query);
  inText(parameters.get('q') ?? '', lost, used);
  for (const part of (parameters.get('sort') ?? '').split(',')) named(part.split(':')[0] ?? '', lost, used);
  if (body !== undefined) walk(parsed(body), { lost, used, namesFields: false });
  return [...used];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

interface Walk {
  readonly lost: ReadonlySet<string>;
  readonly used: Set<string>;
  readonly namesFields: boolean;
}

function walk(value: unknown, { lost, used, namesFields }: Walk): void {
  if (typeof value === 'string') {
    if (namesFields) named(value, lost, used);
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) walk(item, { lost, used, namesFields });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (lost.has(key)) {
      used.add(key);
      continue;
    }
    if (key === 'query_string' || key === 'simple_query_string') inText(textAt(inner, 'query'), lost, used);
    if (!HOLDS_VALUES.has(key)) walk(inner, { lost, used, namesFields: NAMES_FIELDS.has(key) });
  }
}

function textAt(value: unknown, key: string): string {
  const text = typeof value === 'object' ? (value as Record<string, unknown> | null)?.[key] : undefined;
  return typeof text === 'string' ? text : '';
}

/** Matches a name with a boost, such as `title^2`. */
function named(text: string, lost: ReadonlySet<string>, used: Set<string>): void {
  const name = text.replace(/\^[\d.]+$/, '');
  if (lost.has(name)) used.add(name);
}

/** Finds names in query_string syntax, such as `title:cup AND maker:smith`. */
function inText(text: string, lost: ReadonlySet<string>, used: Set<string>): void {
  for (const [, name = ''] of text.matchAll(/([\w.@-]+)\s*:/g)) if (lost.has(name)) used.add(name);
}
