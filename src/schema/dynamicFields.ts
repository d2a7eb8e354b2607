// Decides whether an undeclared live field may have been added by documents.
import { isObject, objectAt, sameJson, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { isObjectField, normaliseMappings } from './normaliseMappings.js';

/** The mappings that engines choose for values to which no dynamic template applies. */
const BY_DEFAULT: readonly JsonObject[] = [
  { type: 'text', fields: { keyword: { ignore_above: 256, type: 'keyword' } } },
  { type: 'long' },
  { type: 'float' },
  { type: 'double' },
  { type: 'boolean' },
  { type: 'date' },
  { type: 'date', format: 'yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis' },
  { type: 'dense_vector' },
];

const DETECTED = new Set(BY_DEFAULT.map(({ type }) => type));

export function addsFields(dynamic: string): boolean {
  return dynamic === 'true' || dynamic === 'runtime' || dynamic.endsWith('_allow_templates');
}

/**
 * True if documents may have added the field under `dynamic: true`: the index file need not mention it. Any
 * other field (an integer, a keyword without a template, a field with an analyzer) must once have been declared.
 */
export function mayComeFromDocuments(
  name: string,
  field: JsonObject,
  templates: readonly JsonObject[],
): boolean {
  if (isObjectField(field)) {
    const { properties, ...parameters } = field;
    const shapeIsPlain =
      sameJson(parameters, { type: 'object' }) || fitsTemplate(name, parameters, templates);
    return (
      shapeIsPlain &&
      Object.entries(objectAt(properties)).every(
        ([inner, entry]) => isObject(entry) && mayComeFromDocuments(inner, entry, templates),
      )
    );
  }
  const vector = field.type === 'dense_vector' ? { type: 'dense_vector' } : field;
  const dateWithFormat =
    field.type === 'date' && Object.keys(field).every((key) => key === 'type' || key === 'format');
  return (
    dateWithFormat ||
    BY_DEFAULT.some((known) => sameJson(known, vector)) ||
    fitsTemplate(name, field, templates)
  );
}

function fitsTemplate(name: string, field: JsonObject, templates: readonly JsonObject[]): boolean {
  return templates.some((template) => {
    const type = template.type;
    if (type === undefined && field.type !== 'object' && !DETECTED.has(field.type)) return false;
    const filled = fillIn({ ...template, type: type ?? field.type ?? 'object' }, name, textOf(field.type));
    return sameJson(normaliseOne(filled as JsonObject), field);
  });
}

export function fillIn(value: Json, name: string, type: string): Json {
  if (typeof value === 'string') return value.replaceAll('{name}', name).replaceAll('{dynamic_type}', type);
  if (Array.isArray(value)) return value.map((item: Json) => fillIn(item, name, type));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, name, type)]));
}

function normaliseOne(field: JsonObject): Json | undefined {
  return objectAt(normaliseMappings({ properties: { field } }).properties).field;
}

export function templateMappings(...mappings: JsonObject[]): JsonObject[] {
  return mappings.flatMap(({ dynamic_templates: templates }) =>
    ((templates ?? []) as readonly Json[]).flatMap((template) =>
      Object.values(objectAt(template)).map((body) => objectAt(objectAt(body).mapping)),
    ),
  );
}
