// Normalises mappings, so that two mappings with the same meaning have equal JSON.
import { asKept } from '../json/engineNumbers.js';
import { asList, type Draft, isObject, objectAt, ownValue, setKey, sorted, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import {
  type MappingContext,
  normaliseParameters,
  normaliseScript,
  type Rules,
  rulesOf,
} from './normaliseField.js';

const DATE_FORMATS = 'strict_date_optional_time,yyyy/MM/dd HH:mm:ss Z||yyyy/MM/dd Z';

/**
 * The normal form of mappings: dotted names are nested, `type: object` is explicit, values have the type of
 * their parameter, keys are sorted, and defaults and `_meta.twindex` are left out. A normal form is returned
 * unchanged.
 */
export function normaliseMappings(mappings: JsonObject, context: MappingContext = {}): JsonObject {
  const rules = rulesOf(context);
  const root: Record<string, Json | undefined> = { ...mappings };
  const dynamic = root.dynamic === undefined || root.dynamic === null ? 'true' : textOf(root.dynamic);
  const subobjects = isOn(root.subobjects);
  root.dynamic = dynamic === 'true' ? undefined : dynamic;
  root.subobjects = subobjects ? undefined : 'false';
  root.date_detection = isOn(root.date_detection) ? undefined : 'false';
  root.numeric_detection = isOff(root.numeric_detection) ? undefined : 'true';
  root.dynamic_date_formats = dateFormats(root.dynamic_date_formats);
  root.dynamic_templates = normaliseTemplates(root.dynamic_templates, rules);
  root._meta = normaliseMeta(root._meta);
  root._source = withoutEmpty(root._source, { enabled: 'true' });
  root._routing = withoutEmpty(root._routing, { required: 'false' });
  root._field_names = withoutEmpty(root._field_names, { enabled: 'true' });
  root._size = withoutEmpty(root._size, { enabled: 'false' });
  // The engine adds this to indexes for logs or metrics. Other indexes cannot have it.
  root._data_stream_timestamp = withoutEmpty(root._data_stream_timestamp, { enabled: 'true' });
  root.runtime = normaliseComputed(root.runtime);
  root.derived = normaliseComputed(root.derived);
  root.properties = filled(normaliseProperties(objectAt(root.properties), { rules, dynamic, subobjects }));
  return sorted(withoutNulls(root));
}

interface Surroundings {
  readonly rules: Rules;
  /** The value that applies to an object without `dynamic` of its own. */
  readonly dynamic: string;
  readonly subobjects: boolean;
}

function normaliseProperties(properties: JsonObject, around: Surroundings): JsonObject {
  const shaped = around.subobjects ? nestDotted(properties) : joinNested(properties, '');
  const result: Draft = {};
  for (const [name, field] of Object.entries(shaped)) {
    setKey(result, name, isObject(field) ? normaliseField(field, around) : field);
  }
  return sorted(result);
}

function normaliseField(field: JsonObject, around: Surroundings): JsonObject {
  const type = typeof field.type === 'string' ? field.type : 'object';
  const parameters: Record<string, Json | undefined> = {
    ...normaliseParameters(type, field, around.rules),
    type,
  };
  if (isObjectField(field)) {
    const dynamic = (parameters.dynamic as string | undefined) ?? around.dynamic;
    if (parameters.dynamic === around.dynamic) delete parameters.dynamic;
    const subobjects = around.subobjects && isOn(field.subobjects ?? undefined);
    const inside = { rules: around.rules, dynamic, subobjects };
    parameters.properties = filled(normaliseProperties(objectAt(field.properties), inside));
  } else {
    parameters.fields = filled(normaliseProperties(objectAt(field.fields), around));
  }
  return sorted(parameters);
}

export function isObjectField(field: JsonObject): boolean {
  const { type } = field;
  return (
    type === undefined || type === null || type === 'object' || type === 'nested' || type === 'passthrough'
  );
}

/** `{"a.b": x, a: {properties: {c: y}}}` -> `{a: {properties: {b: x, c: y}}}`, like the engine. */
function nestDotted(properties: JsonObject): JsonObject {
  const result: Draft = {};
  for (const [name, field] of Object.entries(properties)) {
    const dot = name.indexOf('.');
    const head = name.slice(0, dot);
    const tail = name.slice(dot + 1);
    if (dot > 0 && tail !== '' && canHold(ownValue(result, head)) && canHold(ownValue(properties, head))) {
      mergeInto(result, head, { properties: { [tail]: field } });
    } else {
      mergeInto(result, name, field);
    }
  }
  return result;
}

function canHold(field: Json | undefined): boolean {
  return field === undefined || (isObject(field) && isObjectField(field));
}

function mergeInto(target: Draft, name: string, field: Json): void {
  const held = ownValue(target, name);
  if (!isObject(held) || !isObject(field)) return setKey(target, name, field);
  const properties: Draft = { ...objectAt(held.properties) };
  for (const [key, inner] of Object.entries(objectAt(field.properties))) mergeInto(properties, key, inner);
  setKey(target, name, { ...held, ...field, properties });
}

/** `{a: {properties: {b: x}}}` -> `{"a.b": x}`, like the engine with `subobjects: false`. */
function joinNested(properties: JsonObject, prefix: string): JsonObject {
  const result: Draft = {};
  for (const [name, field] of Object.entries(properties)) {
    if (isObject(field) && isObjectField(field) && isObject(field.properties)) {
      for (const [path, inner] of Object.entries(joinNested(field.properties, `${prefix}${name}.`)))
        setKey(result, path, inner);
    } else {
      setKey(result, prefix + name, field);
    }
  }
  return result;
}

const MATCHERS = [
  'match',
  'unmatch',
  'match_mapping_type',
  'unmatch_mapping_type',
  'path_match',
  'path_unmatch',
];

/** The order of templates is kept, because the first one that matches a field applies. */
function normaliseTemplates(templates: Json | undefined, rules: Rules): Json | undefined {
  if (!Array.isArray(templates) || templates.length === 0) return undefined;
  return (templates as readonly Json[]).map((template) => {
    const [name, body] = Object.entries(objectAt(template))[0] ?? [];
    if (name === undefined || !isObject(body)) return template;
    const rule: Record<string, Json | undefined> = { ...body };
    for (const key of MATCHERS) rule[key] = canonicalMatcher(rule[key]);
    if (rule.match_pattern === 'simple') delete rule.match_pattern;
    for (const key of ['mapping', 'runtime']) {
      if (isObject(rule[key])) rule[key] = normaliseTemplateMapping(rule[key], rules);
    }
    const result: Draft = {};
    setKey(result, name, sorted(withoutNulls(rule)));
    return result;
  });
}

function normaliseTemplateMapping(mapping: JsonObject, rules: Rules): JsonObject {
  const { type } = mapping;
  // A template without a type gets the type of the value, so only parameters that all types have can be
  // normalised.
  if (typeof type === 'string' && !type.startsWith('{')) {
    return normaliseField(mapping, { rules, dynamic: 'true', subobjects: true });
  }
  const fields = filled(
    normaliseProperties(objectAt(mapping.fields), { rules, dynamic: 'true', subobjects: true }),
  );
  return sorted({ ...normaliseParameters('', mapping, rules), type: type ?? undefined, fields });
}

/** OpenSearch returns the list `["a*", "b*"]` as the string `[a*, b*]`. */
function canonicalMatcher(value: Json | undefined): Json | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'string' ? /^\[(.*)\]$/.exec(value)?.[1] : undefined;
  const list = text === undefined ? asList(value).map(textOf) : text.split(', ');
  return list.length === 1 ? list[0] : [...list].sort();
}

function normaliseMeta(meta: Json | undefined): Json | undefined {
  if (!isObject(meta)) return meta;
  const { twindex: _ours, ...theirs } = meta;
  return filled(sorted(objectAt(asKept(theirs))));
}

/** For fields that a script computes at search time: `runtime` (Elasticsearch), `derived` (OpenSearch). */
function normaliseComputed(fields: Json | undefined): Json | undefined {
  const result: Draft = {};
  for (const [name, field] of Object.entries(objectAt(fields))) {
    if (!isObject(field)) continue;
    const script = normaliseScript(field.script ?? null);
    setKey(result, name, sorted(withoutNulls({ ...field, script: script ?? undefined })));
  }
  return filled(sorted(result));
}

function dateFormats(formats: Json | undefined): Json | undefined {
  if (formats === undefined || formats === null) return undefined;
  const list = asList(formats).map(textOf);
  return list.join(',') === DATE_FORMATS ? undefined : list;
}

/** Removes empty lists and given defaults from an object. @returns undefined if nothing is left */
function withoutEmpty(value: Json | undefined, defaults: Readonly<Record<string, string>>): Json | undefined {
  if (!isObject(value)) return value;
  const result: Draft = {};
  for (const [key, entry] of Object.entries(value)) {
    if (entry === null || textOf(entry) === defaults[key]) continue;
    if (Array.isArray(entry) && entry.length === 0) continue;
    setKey(result, key, entry === 'true' ? true : entry === 'false' ? false : entry);
  }
  return filled(sorted(result));
}

function filled(value: JsonObject): JsonObject | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function withoutNulls(value: Readonly<Record<string, Json | undefined>>): Record<string, Json | undefined> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null));
}

function isOn(value: Json | undefined): boolean {
  return value === undefined || value === null || textOf(value) === 'true';
}

function isOff(value: Json | undefined): boolean {
  return value === undefined || value === null || textOf(value) === 'false';
}
