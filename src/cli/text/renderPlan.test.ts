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
    time: { of: 'shop-v0', docsPerSecond: 4_000, copyMs: 12_000, verifyMs: 4_000 },
  },
  transform: true,
  lossyWayBack: true,
  fingerprint: 'f',
};

test('a new version is shown field by field, with its steps and the next command', () => {
  expect(renderPlan(plan, { colours: false, next: true })).toBe(`\
-/+ shop: a new version is needed, shop-v1 -> shop-v2

    ~ mappings.properties.price.type: "keyword" -> "double"  # forces a new version: a type stays
    + mappings.properties.brand:  # a new field
        + type: "keyword"
    - mappings._meta: "${'x'.repeat(999)}... (3,002 characters; all of them: --json)  # said of the schema

  transform   documents are changed while they are copied
  disk        the new index needs 50.0 MB
  estimate    the migration of shop-v0 copied 4,000 documents/s

  Steps
   1. Create shop-v2, which is still empty. A few seconds. Noticed by nobody.
   2. Copy 50,000 documents (25.0 MB) from shop-v1. About 10s. Noticed by other clients: their requests may take up to 1.3 times as long (--max-slowdown).
   3. Compare every document of shop-v1 and shop-v2, which stay in sync from here on. About 5s. Noticed by nobody.
   4. Move the readers to shop-v2 in one call (twindex cutover shop). Less than 1s. Noticed by readers: they see the new shape of the documents from here on.
   5. Move the writers to shop-v2 (twindex switch shop). Up to 2s. Noticed by writers: a write waits in a gateway, or is refused without one.
   6. Keep shop-v1 in sync, for a rollback (twindex rollback shop). Until you finalize. Noticed by nobody.
   7. Delete shop-v1, when you ask for it (twindex finalize shop). Less than 1s. Noticed by nobody.

  Cannot be undone
    - After step 5 a rollback may lose data (see way-back). Before it, a rollback loses nothing.
    - Step 7 deletes shop-v1. After it, no rollback is possible.

  warn        shop-v1 is yellow. (health)
  info        one more alias. (aliases)

  next        twindex migrate shop`);
});

test('there are colours only on request', () => {
  expect(renderPlan(plan, { colours: true, next: true })).toContain('\u001b[31m# forces a new version');
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
    '~ shop: shop-v1 has to be closed for a moment\n\n' +
      '  Steps\n   1. Close shop-v1, change it, and open it again. A few seconds. Noticed by everybody: meanwhile it can be neither read nor written.\n\n' +
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
    `\
+ shop: no index is behind shop-read and shop-write yet; shop-v2 is to be created

    + settings:
        + index.number_of_shards: 3
        + index.analysis.filter.s.stopwords: ["a, b","c"]
    + mappings:
        + _meta:
            + n: 1.0
        + properties:
            + price:
                + type: "scaled_float"
                + scaling_factor: 100
    + aliases:
        + shop-read: {}
        + shop-write:
            + is_write_index: true

  Steps
   1. Create shop-v2 with its aliases. A few seconds. Noticed by nobody.`,
  );
});

test('kept fields are counted, and only some are listed', () => {
  const fields = Array.from({ length: 23 }, (_, n) => ({ name: `f${n}`, type: 'long' }));
  const kept = { fields, settings: { 'index.priority': '5' } };
  const text = renderPlan({ ...unchanged, kind: 'nothing', kept }, { colours: false, next: false });
  expect(text).toContain('  kept        23 undeclared fields stay as they are: f0 (long), f1 (long), ');
  expect(text).toContain('f19 (long), and 3 more (all of them: --json)');
  expect(text).toContain('  kept        1 undeclared setting stays as it is: index.priority: "5"');
});
