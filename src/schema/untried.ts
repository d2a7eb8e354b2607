// Finds schemas that an engine accepts in a simulated template but refuses for a new index. Measured on
// OpenSearch 3.8 and Elasticsearch 9.2. Pure.
import type { Engine } from '../cluster/cluster.js';
import type { Schema } from './diff.js';
import { asList, isObject, objectAt, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { normaliseMappings } from './normaliseMappings.js';
import { collectSettings, declaredSettings } from './normaliseSettings.js';

export interface Refusal {
  readonly path: string;
  readonly reason: string;
}

export function untriedRefusal(schema: Schema, engine: Engine): Refusal | undefined {
  const { settings, mappings } = schema;
  if (isObject(mappings['_doc']))
    return {
      path: 'mappings._doc',
      reason: 'mappings have no type any more: remove _doc, and write its content in its place',
    };
  const mayBeOff = engine.name === 'elasticsearch' && engine.major < 8;
  if (collectSettings(settings).get('soft_deletes.enabled') === 'false' && !mayBeOff)
    return {
      path: 'settings.soft_deletes.enabled',
      reason: 'an index without soft deletes can no longer be created',
    };
  const partition = whyNotPartitioned(schema);
  if (partition !== undefined) return { path: 'settings.routing_partition_size', reason: partition };
  for (const name of asList(declaredSettings(settings)['index.sort.field'] ?? []).flatMap((text) =>
    textOf(text).split(','),
  )) {
    if (name.trim() === '') continue;
    const reason = whyNotSorted(name.trim(), schema, engine);
    if (reason !== undefined) return { path: 'settings.sort.field', reason };
  }
  return undefined;
}

function whyNotPartitioned({ settings, mappings }: Schema): string | undefined {
  const said = collectSettings(settings);
  const size = Number(said.get('routing_partition_size') ?? 1);
  if (!(size > 1)) return undefined;
  if (textOf(objectAt(mappings['_routing'])['required']) !== 'true')
    return 'partitions (routing_partition_size) need a mapping that demands a routing (_routing.required)';
  const join = Object.entries(objectAt(mappings['properties'])).find(
    ([, field]) => objectAt(field)['type'] === 'join',
  );
  if (join) return `an index with the join field ${join[0]} can't have partitions`;
  const shards = Number(said.get('number_of_shards') ?? 1);
  const splittable = Number(said.get('number_of_routing_shards') ?? routingShards(shards));
  return size >= splittable
    ? `a partition has to be smaller than the number of routing shards, ${splittable}`
    : undefined;
}

/** The engine's default: the number of shards, doubled at least once, and as often as it stays within 1,024. */
const routingShards = (shards: number): number =>
  shards * 2 ** Math.max(1, 10 - Math.ceil(Math.log2(shards)));

const UNSORTED = new RegExp(
  '^(text|match_only_text|annotated_text|search_as_you_type|semantic_text|geo_.*|point|shape|xy_.*|half_float|scaled_float|' +
    'unsigned_long|binary|.*_range|wildcard|completion|constant_keyword|percolator|rank_features?|.*_vectors?|histogram|' +
    'object|nested)$',
);
/** The engine's own fields that an index can be sorted by; not by `_source`, `_routing`, `_index`, ... */
const SORTED_OWN = new Set(['_seq_no', '_primary_term', '_version', '_doc_count', '_size']);

function whyNotSorted(name: string, { mappings, settings }: Schema, engine: Engine): string | undefined {
  if (SORTED_OWN.has(name) || (name === '_ignored' && engine.name === 'elasticsearch')) return undefined;
  const field = fieldAt(normaliseMappings(mappings, { settings, engine }).properties, name);
  if (!field && name.startsWith('_')) return `documents can't be sorted by ${name}`;
  if (!field) return `there is no field ${name} to sort documents by`;
  const type = textOf(field['type']);
  if (UNSORTED.test(type) || (type === 'alias' && engine.name === 'elasticsearch'))
    return `documents can't be sorted by ${name}, which is of type ${type}`;
  return textOf(field['doc_values']) === 'false'
    ? `documents can't be sorted by ${name}, which has no doc_values`
    : undefined;
}

function fieldAt(fields: Json | undefined, name: string): JsonObject | undefined {
  for (const [key, field] of Object.entries(objectAt(fields))) {
    if (!isObject(field)) continue;
    if (key === name) return field;
    if (!name.startsWith(`${key}.`)) continue;
    const rest = name.slice(key.length + 1);
    const found = fieldAt(field['properties'], rest) ?? fieldAt(field['fields'], rest);
    if (found) return found;
  }
  return undefined;
}
