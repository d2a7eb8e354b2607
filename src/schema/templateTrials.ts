// Builds the fields that dynamic templates would create, for the engine to check. OpenSearch accepts a template
// with an unknown type or analyzer, and refuses only documents to which the template applies. Pure.
import { printJson } from '../json/exactJson.js';
import { fillIn } from './dynamicFields.js';
import { asList, isObject, objectAt, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';

export interface TemplateTrial {
  readonly path: string;
  /** One field for each kind of value. If the engine accepts one of these, the template is valid. */
  readonly fields: readonly JsonObject[];
}

const NAME = '{name}';
/** The type that engines choose for each kind of value. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  long: 'long',
  double: 'float',
  boolean: 'boolean',
  date: 'date',
  binary: 'binary',
  object: 'object',
};

/** Leaves out templates that depend on a field's name, or on other fields. */
export function templateTrials({ dynamic_templates: templates }: JsonObject): TemplateTrial[] {
  return asList(templates ?? []).flatMap((entry, n) =>
    Object.entries(objectAt(entry)).flatMap(([name, template]): TemplateTrial[] => {
      const { mapping, match_mapping_type: kinds } = objectAt(template);
      if (!isObject(mapping) || mapping['type'] === 'alias' || mentions(mapping, NAME)) return [];
      const named = asList(kinds ?? '*').map((kind) => textOf(kind));
      const types = (named.includes('*') ? Object.keys(TYPES) : named).map((kind) => TYPES[kind] ?? kind);
      const fields = types.map((type) => objectAt(fillIn({ type, ...mapping }, NAME, type)));
      const different = [...new Map(fields.map((field) => [printJson(field), field])).values()];
      return [{ path: `mappings.dynamic_templates.${n}.${name}.mapping`, fields: different }];
    }),
  );
}

function mentions(value: Json, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (Array.isArray(value)) return value.some((item: Json) => mentions(item, text));
  return Object.entries(objectAt(value)).some(([key, item]) => key.includes(text) || mentions(item, text));
}
