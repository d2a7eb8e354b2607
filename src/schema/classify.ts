// Decides how a change of a mapping can be applied: in place, or only with a new index. The tests in
// tests/integration/classification check each rule against the engines.
import type { Engine } from '../cluster/cluster.js';
import { printJson } from '../json/exactJson.js';
import { defaultParameter, parameterKind, TYPE_NAMES } from './fieldTypes.js';
import { engineTitle, nearest } from './nearestName.js';
import type { Verdict } from './settingRules.js';
import type { Json } from '../json/jsonTypes.js';

const TAKEN_LIVE = 'the engine accepts this change on a live index';
const NEW_WRITES_ONLY = `${TAKEN_LIVE}; existing documents change only when they are written again`;

/** Parameters of a field that engines can change in a live index, and the effect of the change. */
const UPDATABLE: Readonly<Record<string, string>> = {
  boost: TAKEN_LIVE,
  coerce: NEW_WRITES_ONLY,
  copy_to: NEW_WRITES_ONLY,
  depth_limit: NEW_WRITES_ONLY,
  dynamic: TAKEN_LIVE,
  eager_global_ordinals: TAKEN_LIVE,
  fielddata: TAKEN_LIVE,
  fielddata_frequency_filter: TAKEN_LIVE,
  ignore_above: NEW_WRITES_ONLY,
  ignore_malformed: NEW_WRITES_ONLY,
  ignore_z_value: NEW_WRITES_ONLY,
  max_input_length: NEW_WRITES_ONLY,
  meta: TAKEN_LIVE,
  orientation: NEW_WRITES_ONLY,
  path: TAKEN_LIVE,
  search_analyzer: TAKEN_LIVE,
  search_quote_analyzer: TAKEN_LIVE,
  split_queries_on_whitespace: TAKEN_LIVE,
  use_similarity: TAKEN_LIVE,
};

/** Why some parameters can only be changed with a new index. */
const FIXED: Readonly<Record<string, string>> = {
  type: 'the type of a field decides how its values are indexed and stored, and the engine never changes it',
  analyzer: 'the terms in the index were made by the old analyzer',
  normalizer: 'the terms in the index were made by the old normalizer',
  index: 'values are made searchable or not when they are written',
  doc_values: 'the columns for sorting and aggregations are written with the documents',
  norms: 'norms can be switched off on a live index, but not on again',
  null_value: 'the replacement for null was indexed with the documents',
  scaling_factor: 'the values in the index were scaled by the old factor',
  format: 'the engine fixes the format of dates when the field is created',
  enabled: 'an object that was not parsed was not indexed',
  relations: 'relations can be added on a live index, but not removed or changed',
};

export interface ParameterChange {
  readonly type: string;
  readonly parameter: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  readonly engine: Engine;
}

/** Decides about a changed parameter of a field that keeps its type. */
export function parameterVerdict(change: ParameterChange): Verdict {
  const { type, parameter, before, after, engine } = change;
  const refused = refusedParameter(type, parameter, after, engine);
  if (refused !== undefined) return { needs: 'blocked', reason: refused };
  if (isUpdatable(change)) return { needs: 'in-place', reason: ownText(UPDATABLE, parameter) ?? TAKEN_LIVE };
  const known =
    ownText(FIXED, parameter) ?? (parameterIsKnown(type, parameter) ? undefined : unsure(parameter));
  if (known !== undefined) return { needs: 'new-version', reason: known };
  const reason = `it can't change after the field was created (${show(before)} -> ${show(after)})`;
  return { needs: 'new-version', reason };
}

/** Reads own keys only, since a user may call a parameter `constructor`. */
function ownText(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function show(value: Json | undefined): string {
  return value === undefined ? 'default' : printJson(value);
}

function isUpdatable({ type, parameter, before, after, engine }: ParameterChange): boolean {
  switch (parameter) {
    case 'norms':
      return switchesOff(type, before, after);
    case 'relations':
      return addsOnly(before, after);
    case 'analyzer':
      return type === 'token_count';
    case 'null_value':
      return type === 'geo_point' && engine.name === 'opensearch';
    case 'depth_limit':
      return type === 'flattened';
    case 'synthetic_source_keep':
      return type !== 'object' && type !== 'nested';
    case 'path':
      return type === 'alias';
    default:
      return Object.hasOwn(UPDATABLE, parameter);
  }
}

/** The default of `norms` is on for text, and off for keyword. */
function switchesOff(type: string, before: Json | undefined, after: Json | undefined): boolean {
  const standard = defaultParameter(type, 'norms', undefined) ?? true;
  return (before ?? standard) === true && (after ?? standard) === false;
}

/** True if the new relations of a join field have all parents and children of the old ones. */
function addsOnly(before: Json | undefined, after: Json | undefined): boolean {
  const old = (before ?? {}) as Readonly<Record<string, readonly string[]>>;
  const next = (after ?? {}) as Readonly<Record<string, readonly string[]>>;
  return Object.entries(old).every(([parent, children]) =>
    children.every((child) => next[parent]?.includes(child)),
  );
}

/** Parameters that an engine refuses for every field type. */
const REFUSED: Readonly<Record<Engine['name'], ReadonlySet<string>>> = {
  opensearch: new Set([
    'on_script_error',
    'script',
    'subobjects',
    'synthetic_source_keep',
    'time_series_dimension',
    'time_series_metric',
  ]),
  elasticsearch: new Set(['print_format', 'skip_list', 'use_similarity']),
};

const MORE_PARAMETERS = [
  'analyzer',
  'boost',
  'copy_to',
  'dynamic',
  'enabled',
  'format',
  'ignore_above',
  'ignore_malformed',
  'index',
  'index_options',
  'index_prefixes',
  'locale',
  'meta',
  'normalizer',
  'norms',
  'null_value',
  'path',
  'relations',
  'scaling_factor',
  'search_analyzer',
  'search_quote_analyzer',
  'similarity',
  'store',
  'term_vector',
  'type',
  'value',
  'fielddata_frequency_filter',
  'contexts',
  'dims',
  'dimension',
  'method',
  'model_id',
  'inference_id',
  'metrics',
  'default_metric',
  'priority',
  'fields',
  'properties',
  'strategy',
  'tree',
  'precision',
  'tree_levels',
  'coerce',
  'doc_values',
  'ignore_z_value',
  'orientation',
  'script',
  'on_script_error',
  'time_series_dimension',
  'subobjects',
  'time_series_metric',
  'synthetic_source_keep',
  'mode',
  'compression_level',
  'space_type',
  'data_type',
  'max_shingle_size',
  'include_in_parent',
  'include_in_root',
  'eager_global_ordinals',
  'position_increment_gap',
  'preserve_separators',
];

function parameterIsKnown(type: string, parameter: string): boolean {
  return (
    MORE_PARAMETERS.includes(parameter) ||
    defaultParameter(type, parameter, undefined) !== undefined ||
    parameterKind(type, parameter) !== 'other'
  );
}

function unsure(parameter: string): string {
  return `twindex does not know whether ${parameter} can be changed on a live index, so a new index is the safe way`;
}

/** Says why the engine would refuse a field with this parameter. @returns undefined if no reason is known */
export function refusedParameter(
  type: string,
  parameter: string,
  value: Json | undefined,
  engine: Engine,
): string | undefined {
  if (value === undefined) return undefined;
  const refused =
    REFUSED[engine.name].has(parameter) ||
    (parameter === 'boost' && engine.name === 'elasticsearch' && engine.major >= 8);
  if (refused) return `${engineTitle(engine)} has no parameter ${parameter} for a field of type ${type}`;
  if (parameterIsKnown(type, parameter)) return undefined;
  const meant = nearest(parameter, [...MORE_PARAMETERS, ...Object.keys(UPDATABLE)]);
  return meant && `${engineTitle(engine)} has no parameter ${parameter}; did you mean ${meant}?`;
}

/** Says why a field cannot have this type. @returns undefined if it can */
export function refusedType(
  type: string,
  known: 'known' | 'unknown' | Engine['name'],
  engine: Engine,
): string | undefined {
  if (known === 'known') return undefined;
  if (known !== 'unknown') {
    const other = known === 'opensearch' ? 'OpenSearch' : 'Elasticsearch';
    return `the field type ${type} is one of ${other}; ${engineTitle(engine)} does not have it`;
  }
  const meant = nearest(type, TYPE_NAMES);
  return `${engineTitle(engine)} has no field type ${type}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

/** Parameters of the whole mapping that `PUT _mapping` can change. */
const ROOT_UPDATABLE: Readonly<Record<string, string>> = {
  _meta: TAKEN_LIVE,
  dynamic: TAKEN_LIVE,
  date_detection: TAKEN_LIVE,
  numeric_detection: TAKEN_LIVE,
  dynamic_date_formats: TAKEN_LIVE,
  dynamic_templates:
    'the engine accepts this change on a live index; fields that documents have already added stay as they are',
  runtime: TAKEN_LIVE,
};

const ROOT_FIXED: Readonly<Record<string, string>> = {
  _source: 'parts of a document that were not stored when it was written are lost',
  _routing: 'existing documents were written without a required routing',
  subobjects: "it can't change after the index was created",
};

export function rootVerdict(parameter: string, after: Json | undefined, engine: Engine): Verdict {
  const live = ownText(ROOT_UPDATABLE, parameter);
  if (
    after !== undefined &&
    engine.name === 'opensearch' &&
    (parameter === 'runtime' || parameter === 'subobjects')
  ) {
    return { needs: 'blocked', reason: `${engineTitle(engine)} has no mapping parameter ${parameter}` };
  }
  if (live !== undefined) return { needs: 'in-place', reason: live };
  const meant = nearest(parameter, [
    ...Object.keys(ROOT_UPDATABLE),
    ...Object.keys(ROOT_FIXED),
    'properties',
  ]);
  if (!parameter.startsWith('_') && meant !== undefined && meant !== parameter) {
    return {
      needs: 'blocked',
      reason: `${engineTitle(engine)} has no mapping parameter ${parameter}; did you mean ${meant}?`,
    };
  }
  return { needs: 'new-version', reason: ownText(ROOT_FIXED, parameter) ?? unsure(parameter) };
}
