import { expect, test } from 'vitest';
import { lintIndexes, notDeclared } from './lintIndex.js';
import { type Linted, releasedOf } from './lockFile.js';
import { mayBeRefused } from './typeChange.js';

const released: Linted = {
  name: 'catalogue',
  version: 1,
  aliases: { read: 'catalogue-read', write: 'catalogue-write' },
  settings: { number_of_shards: 1 },
  mappings: { properties: { price: { type: 'keyword' }, title: { type: 'text' } } },
  migrations: {},
  file: 'indexes/catalogue.ts',
};
const double = { properties: { price: { type: 'double' }, title: { type: 'text' } } };
const analysis = { analysis: { analyzer: { exact: { type: 'custom', tokenizer: 'keyword' } } } };

const found = (now: Partial<Linted>, before: Linted = released) =>
  lintIndexes([{ ...before, ...now }], { catalogue: releasedOf(before) });
const rules = (now: Partial<Linted>, before?: Linted) =>
  found(now, before).map(({ rule, level }) => `${level} ${rule}`);

const up = { up: () => null };
const both = { ...up, down: () => null };

test.each([
  ['nothing', {}, []],
  [
    'a new field',
    {
      mappings: {
        properties: { ...double.properties, price: { type: 'keyword' }, brand: { type: 'keyword' } },
      },
    },
    [],
  ],
  ['another type', { mappings: double }, ['refused version-not-raised']],
  ['another type in a new version', { version: 2, mappings: double }, ['advice values-not-converted']],
  ['another type with a transform', { version: 2, mappings: double, migrations: { 2: both } }, []],
  [
    'a transform without a way back',
    { version: 2, mappings: double, migrations: { 2: up } },
    ['advice rollback-loses'],
  ],
  ['a lower version', { version: 1 }, ['refused version-lowered'], { ...released, version: 2 }],
  ['a new analyzer', { settings: analysis }, ['refused closes-index']],
  ['a new analyzer in a new version', { version: 2, settings: analysis }, []],
  ['other shards', { settings: { number_of_shards: 2 } }, ['refused version-not-raised']],
  ['another alias', { aliases: { read: 'x', write: 'catalogue-write' } }, ['refused aliases-changed']],
  ['a version without a change', { version: 2 }, ['advice version-raised-for-nothing']],
  ['a version that was skipped', { version: 3, migrations: { 3: both } }, ['advice version-skipped']],
  [
    'a released transform',
    { migrations: { 2: up } },
    ['advice transform-changed'],
    { ...released, version: 2, migrations: { 2: both } },
  ],
  [
    'a field that is gone',
    { mappings: { properties: { price: { type: 'keyword' } } } },
    ['advice field-not-declared'],
  ],
  [
    'a typing error',
    { version: 2, mappings: { properties: { ...double.properties, price: { type: 'duoble' } } } },
    ['advice values-not-converted', 'advice unknown-to-twindex'],
  ],
] as [string, Partial<Linted>, string[], Linted?][])('%s', (_, now, expected, before) => {
  expect(rules(now, before)).toEqual(expected);
});

test('the title says what changed, and the advice says how to do it', () => {
  const [finding] = found({ mappings: double });
  expect(finding).toMatchObject({
    title: 'price changed its type, but version is still 1',
    safe: expect.stringContaining('Raise `version` to 2 in indexes/catalogue.ts') as string,
    override: expect.stringContaining('twindex lint --write --allow catalogue:version-not-raised') as string,
  });
});

test('what only one of the engines knows is not refused', () => {
  const settings = { number_of_shards: 1, 'search.default_pipeline': 'p' };
  expect(rules({ settings })).toEqual([]);
});

test('an index that the lock does not know is new', () => {
  expect(lintIndexes([released], {})).toEqual([]);
});

test('a released index without a file is noticed', () => {
  expect(notDeclared([], { catalogue: releasedOf(released) })).toMatchObject([
    { rule: 'index-not-declared', level: 'advice', title: 'no index file declares catalogue any more' },
  ]);
  expect(notDeclared([released], { catalogue: releasedOf(released) })).toEqual([]);
});

test('the layout of a transform does not matter', () => {
  const step = (text: string) => ({ up: Object.assign(() => null, { toString: () => text }) });
  const hash = (text: string) =>
    releasedOf({ ...released, version: 2, migrations: { 2: step(text) } }).migrations;
  expect(hash('(doc) => {\n  return doc;\n}')).toEqual(hash('(doc) => { return doc; }'));
  expect(hash('(doc) => doc')).not.toEqual(hash('() => null'));
});

test.each([
  ['keyword', 'double', true],
  ['long', 'double', false],
  ['double', 'long', true],
  ['integer', 'long', false],
  ['long', 'integer', true],
  ['long', 'keyword', false],
  ['object', 'keyword', true],
  ['object', 'nested', false],
  ['text', 'keyword', false],
  ['date', 'long', true],
])('values of %s may be refused by %s: %s', (before, after, expected) => {
  expect(mayBeRefused({ before, after })).toBe(expected);
});
