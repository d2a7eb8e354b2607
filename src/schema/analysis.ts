// Reads the analysis settings of an index, and finds the components that produce the indexed terms.
import { asList, type Draft, isObject, objectAt, ownValue, setKey, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import type { FlatSettings } from './normaliseSettings.js';
import { isObjectField } from './normaliseMappings.js';

/** The definitions by id, such as `analyzer.title`. */
export type Components = ReadonlyMap<string, JsonObject>;

export function analysisComponents(settings: FlatSettings): Components {
  const components = new Map<string, Draft>();
  for (const [path, value] of settings) {
    const match = /^analysis\.([^.]+)\.(.+)\.([^.]+)$/.exec(path);
    if (!match) continue;
    const id = `${match[1]}.${match[2]}`;
    const component = components.get(id) ?? {};
    setKey(component, match[3] as string, value);
    components.set(id, component);
  }
  return components;
}

export function similarities(settings: FlatSettings): Components {
  const found = new Map<string, Draft>();
  for (const [path, value] of settings) {
    const match = /^(similarity\.[^.]+)\.(.+)$/.exec(path);
    if (!match) continue;
    const definition = found.get(match[1] as string) ?? {};
    setKey(definition, match[2] as string, value);
    found.set(match[1] as string, definition);
  }
  return found;
}

/** The keys by which a component refers to other components, each with the kind of component. */
const REFERENCES: Readonly<Record<string, string>> = {
  tokenizer: 'tokenizer',
  filter: 'filter',
  filters: 'filter',
  char_filter: 'char_filter',
  analyzer: 'analyzer',
  synonym_analyzer: 'analyzer',
};

/** The ids that a component refers to, such as `filter.lowercase`. An item of `filters` may be several names with commas. */
export function references(component: JsonObject): string[] {
  return Object.entries(component).flatMap(([key, value]) => {
    const kind = Object.hasOwn(REFERENCES, key) ? REFERENCES[key] : undefined;
    if (kind === undefined) return [];
    const names = asList(value).flatMap((item) =>
      key === 'filters' ? textOf(item).split(',') : [textOf(item)],
    );
    return names.map((name) => `${kind}.${name.trim()}`);
  });
}

/** The ids in `start` and all ids, defined or built in, that these refer to directly or indirectly. */
export function reachable(start: Iterable<string>, components: Components): Set<string> {
  const seen = new Set<string>();
  const open = [...start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...references(components.get(id) ?? {}));
  }
  return seen;
}

/** A field or sub-field without inner fields, in a normalised mapping. For example `title.fields.raw`. */
export interface Leaf {
  readonly path: string;
  readonly field: JsonObject;
}

export function leaves(properties: Json | undefined, prefix = ''): Leaf[] {
  return Object.entries(objectAt(properties)).flatMap(([name, field]) => {
    if (!isObject(field)) return [];
    const path = prefix + name;
    if (isObjectField(field)) return leaves(field.properties, `${path}.properties.`);
    return [{ path, field }, ...leaves(field.fields, `${path}.fields.`)];
  });
}

export const ANALYSED = /^(text|match_only_text|annotated_text|search_as_you_type)$/;

/** The id of the analyzer or normalizer that produces the indexed terms of a field. */
function indexAnalysis(field: JsonObject, components: Components): string | undefined {
  const type = textOf(field.type);
  const analyzer = ownValue(field, 'analyzer');
  if (ANALYSED.test(type)) {
    const standard = components.has('analyzer.default') ? 'default' : 'standard';
    return `analyzer.${typeof analyzer === 'string' ? analyzer : standard}`;
  }
  if (typeof analyzer === 'string') return `analyzer.${analyzer}`;
  const normalizer = ownValue(field, 'normalizer');
  return typeof normalizer === 'string' ? `normalizer.${normalizer}` : undefined;
}

/** All components that take part in producing the terms of the fields, each with one field that uses it. */
export function usedAtIndexTime(
  fields: readonly Leaf[],
  components: Components,
): ReadonlyMap<string, string> {
  const used = new Map<string, string>();
  for (const { path, field } of fields) {
    const start = indexAnalysis(field, components);
    if (start === undefined) continue;
    for (const id of reachable([start], components)) if (!used.has(id)) used.set(id, fieldName(path));
  }
  return used;
}

/** Shortens `a.properties.b.fields.raw` to `a.b.raw`. */
function fieldName(path: string): string {
  return path.replaceAll('.properties.', '.').replaceAll('.fields.', '.');
}
