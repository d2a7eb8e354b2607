import { expect, test } from 'vitest';
import type { IndexDefinition } from '../schema/types.js';
import type { Json } from '../json/jsonTypes.js';
import { rollbackLoss } from './rollbackLoss.js';

const definition: IndexDefinition = {
  name: 'shop',
  version: 2,
  aliases: { read: 'shop-read', write: 'shop-write' },
  settings: {},
  mappings: {},
  migrations: {},
  file: 'shop.json',
};

const live = (index: string, mappings = {}) => ({ index, mappings, settings: {}, aliases: {} });

function reasons(path: string, before: Json | undefined, after: Json | undefined, mappings = {}): string[] {
  const change = { path, before, after, needs: 'new-version', reason: '' } as const;
  return rollbackLoss({ definition, live: live('shop-v1', mappings), version: 1, changes: [change] });
}

test.each([
  ['keyword', 'double', true],
  ['text', 'date', true],
  ['keyword', 'object', false],
  ['long', 'integer', true],
  ['integer', 'long', false],
  ['float', 'long', true],
  ['long', 'float', false],
  ['long', 'keyword', false],
  ['date', 'keyword', false],
  ['boolean', 'keyword', false],
  ['nested', 'object', true],
  ['object', 'nested', true],
  ['unknown', 'other', false],
])('an old %s takes what a new %s takes: %s', (before, after, takes) => {
  expect(reasons('mappings.properties.price.type', before, after).length === 0).toBe(takes);
});

test('the reason names the field and both types', () => {
  expect(reasons('mappings.properties.product.properties.price.type', 'long', 'keyword')).toEqual([
    'shop-v1 may refuse values that a field of type keyword accepts (product.price is long there)',
  ]);
});

test('a new field goes back, unless the old index is strict', () => {
  const field = 'mappings.properties.brand';
  expect(reasons(field, undefined, { type: 'keyword' })).toEqual([]);
  expect(reasons(field, undefined, { type: 'keyword' }, { dynamic: 'strict' })).toEqual([
    'shop-v1 has `dynamic: strict` and refuses the new field brand',
  ]);
});

test('settings and analyzers do not affect which documents are accepted', () => {
  expect(reasons('settings.number_of_shards', '1', '2')).toEqual([]);
  expect(reasons('mappings.properties.title.analyzer', 'standard', 'english')).toEqual([]);
});

test('an index whose name becomes the alias is deleted at the switch', () => {
  const bare = { definition, live: live('shop-write'), version: 1, changes: [] };
  expect(rollbackLoss(bare)).toEqual([
    'shop-write is deleted at the switch, because its name becomes the alias',
  ]);
});
