// Completes a normalised mapping so that the engine accepts it: a field with a search analyzer also needs an index
// analyzer.
import { isObject, objectAt } from '../json/plain.js';
import type { JsonObject } from '../json/jsonTypes.js';
import { isObjectField } from './normaliseMappings.js';

export function creatableMappings(normalised: JsonObject): JsonObject {
  const { properties } = normalised;
  return isObject(properties) ? { ...normalised, properties: creatableFields(properties) } : normalised;
}

export function creatableField(field: JsonObject): JsonObject {
  if (isObjectField(field)) return creatableMappings(field);
  const named = field.search_analyzer !== undefined || field.search_quote_analyzer !== undefined;
  const analyzer = named && field.analyzer === undefined ? 'default' : field.analyzer;
  const search =
    field.search_quote_analyzer !== undefined && field.search_analyzer === undefined
      ? analyzer
      : field.search_analyzer;
  return {
    ...field,
    ...(analyzer === undefined ? {} : { analyzer }),
    ...(search === undefined ? {} : { search_analyzer: search }),
    ...(isObject(field.fields) ? { fields: creatableFields(objectAt(field.fields)) } : {}),
  };
}

function creatableFields(fields: JsonObject): JsonObject {
  const entries = Object.entries(fields).map(([name, field]) => [
    name,
    isObject(field) ? creatableField(field) : field,
  ]);
  return Object.fromEntries(entries) as JsonObject;
}
