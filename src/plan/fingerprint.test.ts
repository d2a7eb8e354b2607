import { expect, test } from 'vitest';
import type { IndexDefinition } from '../schema/types.js';
import { canonicalJson, fingerprintOf } from './fingerprint.js';

const definition: IndexDefinition = {
  name: 'shop',
  version: 2,
  aliases: { read: 'shop-read', write: 'shop-write' },
  settings: { a: 1, b: 2 },
  mappings: {},
  migrations: { 2: { up: (doc) => doc } },
  file: '/one/shop.ts',
};
const live = { index: 'shop-v1', mappings: {}, settings: { index: { uuid: 'u' } }, aliases: {} };
const print = fingerprintOf(definition, live, 'new-version');

test('the order of keys and the place of the file do not matter', () => {
  const same = { ...definition, settings: { b: 2, a: 1 }, file: '/other/shop.ts' };
  expect(fingerprintOf(same, live, 'new-version')).toBe(print);
});

test.each([
  ['a setting', { ...definition, settings: { a: 1, b: 3 } }, live, 'new-version'],
  ['a function', { ...definition, migrations: { 2: { up: () => null } } }, live, 'new-version'],
  ['an alias of the live index', definition, { ...live, aliases: { x: {} } }, 'new-version'],
  [
    'another live index of the same name',
    definition,
    { ...live, settings: { index: { uuid: 'v' } } },
    'new-version',
  ],
  ['the kind', definition, live, 'blocked'],
  ['nothing live', definition, undefined, 'new-version'],
] as const)('%s matters', (_, declared, index, kind) => {
  expect(fingerprintOf(declared, index, kind)).not.toBe(print);
});

test('undefined is as if it were not there, in objects', () => {
  expect(canonicalJson({ b: undefined, a: [undefined, 1, 'x'] })).toBe('{"a":[null,1,"x"]}');
});
