import { expect, test } from 'vitest';
import { settingsByName, readSetting } from './readSetting.js';

test('a setting is found in every way to write it', () => {
  for (const settings of [
    { index: { blocks: { write: 'true' } } },
    { blocks: { write: true } },
    { 'index.blocks.write': true },
    { 'blocks.write': 'true' },
    { index: { 'blocks.write': true } },
    { 'index.blocks': { write: true } },
  ]) {
    expect(readSetting(settings, 'blocks.write')).toBe('true');
  }
});

test('a setting that is absent, null or a group is not set', () => {
  expect(readSetting({}, 'blocks.write')).toBeUndefined();
  expect(readSetting({ index: { blocks: { write: null } } }, 'blocks.write')).toBeUndefined();
  expect(readSetting({ index: { blocks: { write: true } } }, 'blocks')).toBeUndefined();
});

test('flattened settings carry their full names', () => {
  expect(settingsByName({ number_of_shards: 3, index: { 'sort.field': ['a', 'b'], x: null } })).toEqual({
    'index.number_of_shards': '3',
    'index.sort.field': 'a,b',
  });
});
