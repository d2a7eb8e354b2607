import { expect, test } from 'vitest';
import { exact } from '../../json/exactJson.js';
import type { Plan } from '../../plan/decidePlan.js';
import { renderPlan } from './renderPlan.js';

const plan: Plan = {
  name: 'shop',
  kind: 'new-version',
  source: { index: 'shop-v1', version: 1, uuid: 'u' },
  target: { index: 'shop-v2', version: 2 },
  layout: 'two-aliases',
  changes: [
    {
      path: 'mappings.properties.price.type',
      before: 'keyword',
      after: 'double',
      needs: 'new-version',
      reason: 'a type stays',
    },
    {
      path: 'mappings.properties.brand',
      before: undefined,
      after: { type: 'keyword' },
      needs: 'in-place',
      reason: 'a new field',
    },
    {
      path: 'mappings._meta',
      before: 'x'.repeat(3_000),
      after: undefined,
      needs: 'in-place',
      reason: 'said of the schema',
    },
  ],
  findings: [
    { check: 'health', level: 'warn', message: 'shop-v1 is yellow.' },
    { check: 'aliases', level: 'info', message: 'one more alias.' },
  ],
  estimate: {
    documents: 50_000,
    bytes: 25 * 1024 ** 2,
    diskBytes: 50 * 1024 ** 2,
    assumedDocsPerSecond: [5_000, 25_000],
    copyMs: [2_000, 10_000],
  },
  transform: true,
  lossyWayBack: true,
  fingerprint: 'f',
};

test('a new version is shown field by field, with its costs and the next command', () => {
  expect(
    renderPlan(plan, { colours: false, next: true }),
  ).toBe(`shop: a new version is needed, shop-v1 -> shop-v2

  mappings.properties.price.type  [new version] a type stays
    - "keyword"
    + "double"
  mappings.properties.brand  [in place] a new field
    + {"type":"keyword"}
  mappings._meta  [in place] said of the schema
    - "${'x'.repeat(999)}... (3002 characters; all of them: --json)

  copies      50,000 documents, 25.0 MB; needs 50.0 MB of disk
  takes       2s to 10s to copy, if 5,000 to 25,000 documents/s (less for large ones) are reached; then it is verified
  transform   documents are changed on the way
  way back    lossless until the switch of the writers, lossy after it
  deletes     shop-v1, at the end, which is asked for (twindex finalize shop, or --until finalized)

  warn        shop-v1 is yellow. (health)
  info        one more alias. (aliases)

  next        twindex migrate shop`);
});

test('there are colours only on request', () => {
  expect(renderPlan(plan, { colours: true, next: true })).toContain('\u001b[31m    - "keyword"\u001b[39m');
  expect(renderPlan(plan, { colours: false, next: true })).not.toContain('\u001b');
});

const { target: _target, estimate: _estimate, ...rest } = plan;
const unchanged: Plan = { ...rest, changes: [], findings: [], transform: false, lossyWayBack: false };

test('nothing to do is one line', () => {
  expect(renderPlan({ ...unchanged, kind: 'nothing' }, { colours: false, next: true })).toBe(
    'shop: nothing to do, shop-v1 is as declared',
  );
});

test('an outage is called one, and the alternative is shown', () => {
  expect(renderPlan({ ...unchanged, kind: 'close-and-open' }, { colours: false, next: true })).toBe(
    'shop: shop-v1 has to be closed for a moment\n\n' +
      '  next        twindex migrate shop --allow-outage: shop can be neither read nor written while it is closed\n' +
      '  next        or raise `version` in the index file: a new index, without an outage',
  );
});

test('the whole content of a new index is shown, with all digits of its numbers', () => {
  const { source: _source, ...nothingYet } = { ...unchanged, target: { index: 'shop-v2', version: 2 } };
  const content = {
    settings: { 'index.number_of_shards': 3, 'index.analysis.filter.s.stopwords': ['a, b', 'c'] },
    mappings: {
      _meta: { n: exact('1.0') },
      properties: { price: { type: 'scaled_float', scaling_factor: 100 } },
    },
    aliases: { 'shop-read': {}, 'shop-write': { is_write_index: true } },
  };
  expect(renderPlan({ ...nothingYet, kind: 'create', content }, { colours: false, next: false })).toBe(
    `shop: no index is behind shop-read and shop-write yet; shop-v2 is to be created

  settings:
    index.number_of_shards: 3
    index.analysis.filter.s.stopwords:
      - a, b
      - c
  mappings:
    _meta:
      n: 1.0
    properties:
      price:
        type: scaled_float
        scaling_factor: 100
  aliases:
    shop-read: {}
    shop-write:
      is_write_index: true`,
  );
});

test('kept fields are counted, and only some are listed', () => {
  const fields = Array.from({ length: 23 }, (_, n) => ({ name: `f${n}`, type: 'long' }));
  const kept = { fields, settings: { 'index.priority': '5' } };
  const text = renderPlan({ ...unchanged, kind: 'nothing', kept }, { colours: false, next: false });
  expect(text).toContain('  kept        23 fields not declared, stay as they are: f0 (long), f1 (long), ');
  expect(text).toContain('f19 (long), and 3 more (all of them: --json)');
  expect(text).toContain('  kept        1 setting not declared, stays as it is: index.priority: "5"');
});
