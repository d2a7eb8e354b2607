// Marks the parts of a schema that the types of index files lack, so that `twindex init` writes
// `unchecked(...)` around them. Pure.
import { isObject } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { parametersOf } from './fieldParameters.js';
import type { Mappings } from './mappingTypes.js';
import { flattenSettings } from './normaliseSettings.js';
import { isKnownSetting } from './settingRules.js';

/** A part that is written as `unchecked(part)`. */
export class Unchecked {
  readonly part: JsonObject;
  constructor(part: JsonObject) {
    this.part = part;
  }
}

/** JSON with marked parts. */
export type Marked = Json | Unchecked | readonly Marked[] | { readonly [key: string]: Marked };

const ROOT: Readonly<Record<keyof Mappings, true>> = {
  properties: true,
  dynamic: true,
  dynamic_templates: true,
  dynamic_date_formats: true,
  date_detection: true,
  numeric_detection: true,
  enabled: true,
  subobjects: true,
  runtime: true,
  derived: true,
  composite: true,
  _source: true,
  _routing: true,
  _field_names: true,
  _size: true,
  _data_stream_timestamp: true,
  _meta: true,
};

export function markSettings(settings: JsonObject): Marked {
  const isKnown = [...flattenSettings(settings).keys()].every(isKnownSetting);
  return isKnown ? settings : new Unchecked(settings);
}

export function markMappings(mappings: JsonObject): Marked {
  if (!Object.keys(mappings).every((key) => Object.hasOwn(ROOT, key))) return new Unchecked(mappings);
  return withInner(mappings);
}

function withInner(field: JsonObject): { readonly [key: string]: Marked } {
  const inner = (fields: Json): Marked =>
    isObject(fields)
      ? Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, markField(one)]))
      : fields;
  return Object.fromEntries(
    Object.entries(field).map(([key, value]) => [
      key,
      key === 'properties' || key === 'fields' ? inner(value) : value,
    ]),
  );
}

function markField(field: Json): Marked {
  if (!isObject(field)) return field;
  return isTyped(field) ? withInner(field) : new Unchecked(field);
}

function isTyped({ type = 'object', ...parameters }: JsonObject): boolean {
  const known = typeof type === 'string' ? parametersOf(type) : undefined;
  if (!known) return false;
  return Object.entries(parameters).every(([name, value]) => {
    const kind = known.get(name);
    return Array.isArray(kind) ? kind.includes(value) : kind !== undefined;
  });
}
