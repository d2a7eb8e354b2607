// Arbitrary schemas for the property tests: every style that the engines take, mixed.
import * as fc from 'fast-check';
import type { Engine } from '../../src/cluster/cluster.js';
import type { JsonObject } from '../../src/json/jsonTypes.js';

export const ENGINES: readonly [Engine, Engine] = [
  { name: 'opensearch', version: '3.8.0', major: 3 },
  { name: 'elasticsearch', version: '9.2.0', major: 9 },
];

const flag = fc.constantFrom(true, false, 'true', 'false');
const small = fc.constantFrom(1, 2, '5', 256, '256');
const name = fc.constantFrom('a', 'b', 'c', 'a.b', 'b.c.d');
const analyzer = fc.constantFrom('standard', 'default', 'title', 'words');

const leaf = fc.record(
  {
    type: fc.constantFrom(
      'keyword',
      'text',
      'long',
      'double',
      'date',
      'boolean',
      'geo_point',
      'ip',
      'completion',
    ),
    index: flag,
    doc_values: flag,
    norms: flag,
    coerce: flag,
    ignore_malformed: flag,
    store: flag,
    ignore_above: small,
    analyzer,
    search_analyzer: analyzer,
    search_quote_analyzer: analyzer,
    copy_to: fc.constantFrom('a', ['b', 'a'], []),
    meta: fc.constantFrom({}, { unit: 'ms' }),
    null_value: fc.constantFrom('1', 1, null, '1,2'),
    format: fc.constantFrom('yyyy', 'strict_date_optional_time||epoch_millis'),
    fields: fc.constantFrom(
      {},
      { raw: { type: 'keyword', ignore_above: '256' } },
      { t: { type: 'text', norms: 'true' } },
    ),
  },
  { requiredKeys: ['type'] },
);

const { field } = fc.letrec<{ field: object; object: object }>((tie) => ({
  field: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('object')),
  object: fc.record({
    type: fc.constantFrom('object', 'nested', undefined),
    dynamic: fc.constantFrom(true, 'true', false, 'strict', undefined),
    enabled: fc.constantFrom(true, undefined),
    properties: fc.dictionary(name, tie('field'), { maxKeys: 3 }),
  }),
}));

export const anyMappings: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      dynamic: fc.constantFrom(true, 'true', false, 'strict'),
      date_detection: flag,
      numeric_detection: flag,
      subobjects: flag,
      _meta: fc.constantFrom({}, { twindex: { version: 1 } }, { a: 1 }),
      _source: fc.constantFrom({ enabled: true }, { excludes: ['a'], includes: [] }),
      dynamic_templates: fc.constantFrom(
        [],
        [{ t: { match: ['a*'], match_pattern: 'simple', mapping: { type: 'keyword', index: 'true' } } }],
      ),
      properties: fc.dictionary(name, field, { maxKeys: 4 }),
    },
    { requiredKeys: [] },
  )
  .map(asJson);

const component = fc.record(
  {
    type: fc.constantFrom('custom', 'standard', 'stop'),
    tokenizer: fc.constantFrom('standard', 'keyword'),
    filter: fc.constantFrom('lowercase', 'lowercase, stop', ['lowercase'], []),
    stopwords: fc.constantFrom('_english_', ['a', 'b'], 'a,b'),
    ignore_case: flag,
  },
  { requiredKeys: [] },
);

const plain = fc.record(
  {
    number_of_shards: small,
    number_of_replicas: small,
    refresh_interval: fc.constantFrom('1s', '60s', '1m', -1, '-1'),
    'translog.flush_threshold_size': fc.constantFrom('512mb', '1gb', '1024mb'),
    'merge.policy': fc.constant('default'),
    'merge.policy.segments_per_tier': fc.constantFrom(10, '10.0'),
    'mapping.coerce': flag,
    auto_expand_replicas: fc.constantFrom(false, '0-1'),
    analysis: fc.record({
      analyzer: fc.dictionary(fc.constantFrom('title', 'default', 'words'), component, { maxKeys: 2 }),
      filter: fc.dictionary(fc.constantFrom('mine', 'dot.ted'), component, { maxKeys: 2 }),
    }),
    similarity: fc.constantFrom({ mine: { type: 'BM25', b: 0.3 } }, { default: { type: 'boolean' } }),
    uuid: fc.constant('x'),
  },
  { requiredKeys: [] },
);

export const anySettings: fc.Arbitrary<JsonObject> = fc
  .oneof(
    plain,
    plain.map((settings) => ({ index: settings })),
    plain.map((settings) =>
      Object.fromEntries(Object.entries(settings).map(([key, value]) => [`index.${key}`, value])),
    ),
  )
  .map(asJson);

function asJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
