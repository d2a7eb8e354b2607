// Normalises the parameters of one field, and removes those that repeat a default.
import type { Engine } from '../cluster/cluster.js';
import { defaultParameter, isForgotten, parameterKind } from './fieldTypes.js';
import { asKept, asValue, numberOf, type Precision } from '../json/engineNumbers.js';
import { asList, type Draft, isObject, ownValue, sameJson, setKey, sorted, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { flattenSettings, type FlatSettings } from './normaliseSettings.js';

export interface MappingContext {
  /** The index settings. They may change defaults: a default analyzer, a similarity, `mapping.coerce`. */
  readonly settings?: JsonObject | undefined;
  readonly engine?: Engine | undefined;
}

export interface Rules {
  readonly engine: Engine | undefined;
  readonly settings: FlatSettings;
}

export function rulesOf(context: MappingContext): Rules {
  return { engine: context.engine, settings: flattenSettings(context.settings ?? {}) };
}

export function normaliseParameters(type: string, field: JsonObject, rules: Rules): JsonObject {
  const values: Record<string, Json | undefined> = {};
  for (const [parameter, given] of Object.entries(field)) {
    if (given === null || parameter === 'properties' || parameter === 'fields' || parameter === 'type')
      continue;
    if (isForgotten(type, parameter, rules.engine)) continue;
    const value = canonicalParameter(type, parameter, given, rules.engine);
    if (!isDefault(type, parameter, value, rules)) setKey(values as Draft, parameter, value);
  }
  dropRepeatedAnalyzers(values, rules);
  if (type === 'dense_vector' && hasDefaultVectorIndex(values.index_options)) delete values.index_options;
  return sorted(values);
}

function canonicalParameter(type: string, parameter: string, value: Json, engine: Engine | undefined): Json {
  switch (parameter) {
    case 'copy_to':
      return asList(value).map(textOf).sort();
    case 'dynamic':
    case 'path':
      return textOf(value);
    case 'meta':
      return isObject(value) ? sorted(value) : value;
    case 'relations':
      return isObject(value)
        ? sorted(mapValues(value, (children) => asList(children).map(textOf).sort()))
        : value;
    case 'contexts':
      return asList(value).map(canonicalContext);
    case 'index_prefixes':
      return isObject(value) ? sorted(mapValues({ min_chars: 2, max_chars: 5, ...value }, toExact)) : value;
    case 'fielddata_frequency_filter':
      return isObject(value)
        ? sorted(mapValues({ min: 0, max: 2147483647, min_segment_size: 0, ...value }, toDouble))
        : value;
    case 'orientation':
      return typeof value === 'string' ? (ownValue(ORIENTATIONS, value.toLowerCase()) ?? value) : value;
    case 'script':
      return normaliseScript(value);
    default:
      return byKind(type, parameter, value, engine);
  }
}

/** Removes `lang: painless`, which the engine adds, and turns a bare source into an object. */
export function normaliseScript(script: Json): Json {
  if (!isObject(script)) return typeof script === 'string' ? { source: script } : asKept(script);
  const { lang, ...rest } = script;
  return asKept(lang === 'painless' ? rest : script);
}

const ORIENTATIONS: Readonly<Record<string, string>> = {
  right: 'RIGHT',
  counterclockwise: 'RIGHT',
  ccw: 'RIGHT',
  left: 'LEFT',
  clockwise: 'LEFT',
  cw: 'LEFT',
};

function byKind(type: string, parameter: string, value: Json, engine: Engine | undefined): Json {
  const kind = parameterKind(type, parameter);
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  if (kind === 'number') return numberOf(value, precisionOf(type, parameter, engine));
  if (parameter === 'null_value') return type === 'geo_point' ? canonicalPoint(value) : textOf(value);
  const byValue = asValue(value);
  return isObject(byValue) ? sorted(byValue) : byValue;
}

/** How precisely the engine keeps a number. A `null_value` is as precise as its field. */
function precisionOf(type: string, parameter: string, engine: Engine | undefined): Precision {
  if (parameter === 'boost') return 'float';
  if (parameter === 'scaling_factor') return 'double';
  if (parameter !== 'null_value') return 'exact';
  if (type === 'double' || type === 'scaled_float') return 'double';
  if (type === 'float') return 'float';
  if (type === 'half_float') return engine?.name === 'elasticsearch' ? 'half' : 'float';
  return 'exact';
}

const toExact = (value: Json): Json => numberOf(value, 'exact');
const toDouble = (value: Json): Json => numberOf(value, 'double');

function canonicalContext(context: Json): Json {
  if (!isObject(context)) return context;
  return sorted({
    ...context,
    ...(typeof context.type === 'string' ? { type: context.type.toUpperCase() } : {}),
  });
}

/** Turns `"lat,lon"` and `[lon, lat]` into `{lat, lon}`. */
function canonicalPoint(value: Json): Json {
  if (typeof value === 'string') {
    const [lat, lon] = value.split(',').map(toDouble);
    return typeof lat === 'number' && typeof lon === 'number' ? { lat, lon } : value;
  }
  if (Array.isArray(value) && value.length >= 2) return { lat: toDouble(value[1]), lon: toDouble(value[0]) };
  return isObject(value) ? sorted(mapValues(value, toDouble)) : value;
}

function mapValues(value: JsonObject, change: (entry: Json) => Json): JsonObject {
  const result: Draft = {};
  for (const [key, entry] of Object.entries(value)) setKey(result, key, change(entry));
  return result;
}

function isDefault(type: string, parameter: string, value: Json, rules: Rules): boolean {
  const { settings, engine } = rules;
  if (parameter === 'meta' || parameter === 'copy_to') return Object.keys(value as object).length === 0;
  if (
    parameter === 'position_increment_gap' &&
    [...settings.keys()].some((key) => key.endsWith(`.${parameter}`))
  ) {
    return false; // an analyzer may set another gap, which an explicit 100 in the field overrides
  }
  if (
    parameter === 'similarity' &&
    [...settings.keys()].some((key) => key.startsWith('similarity.default.'))
  ) {
    return false;
  }
  if (
    parameter === 'analyzer' &&
    value === 'standard' &&
    defaultParameter(type, parameter, engine) === 'default'
  ) {
    return !['analysis.analyzer.default.', 'analysis.analyzer.standard.'].some((prefix) =>
      [...settings.keys()].some((key) => key.startsWith(prefix)),
    );
  }
  const byIndex = settings.get(`mapping.${parameter}`);
  if (byIndex !== undefined && INDEX_WIDE.has(parameter)) return textOf(value) === byIndex;
  return value === defaultParameter(type, parameter, engine);
}

/** An index setting `mapping.<parameter>` can change the default of these parameters. */
const INDEX_WIDE = new Set(['coerce', 'ignore_malformed', 'ignore_above', 'synthetic_source_keep']);

/** Deletes a search analyzer that equals the analyzer, and a quote analyzer that equals the search analyzer. */
function dropRepeatedAnalyzers(values: Record<string, Json | undefined>, rules: Rules): void {
  const ownDefault = [...rules.settings.keys()].some((key) =>
    /^analysis\.analyzer\.(default|standard)\./.test(key),
  );
  const plain = (name: Json | undefined) =>
    name === 'standard' && !ownDefault ? 'default' : (name ?? 'default');
  const searchDefault = [...rules.settings.keys()].some((key) =>
    key.startsWith('analysis.analyzer.default_search.'),
  );
  const { analyzer, search_analyzer, search_quote_analyzer } = values;
  const search = search_analyzer ?? analyzer;
  if (search_quote_analyzer !== undefined && plain(search_quote_analyzer) === plain(search)) {
    delete values.search_quote_analyzer;
  }
  if (search_analyzer !== undefined && plain(search_analyzer) === plain(analyzer) && !searchDefault) {
    delete values.search_analyzer;
  }
}

/** True if these are the index options that the engine writes into the mapping of a vector by default. */
function hasDefaultVectorIndex(options: Json | undefined): boolean {
  return [
    { type: 'int8_hnsw', m: 16, ef_construction: 100 },
    { type: 'bbq_hnsw', m: 16, ef_construction: 100, rescore_vector: { oversample: 3 } },
  ].some((known) => sameJson(options, known));
}
