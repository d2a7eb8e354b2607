import { array, assert, option, property, record, string } from 'fast-check';
import { expect, test } from 'vitest';
import { KeyList } from './keyList.js';

const key = record({
  id: string({ unit: 'grapheme', minLength: 1 }),
  routing: option(string({ unit: 'grapheme' }), { nil: undefined }),
});

test('keys come out as they were put in, in their order', () => {
  assert(
    property(array(key), (keys) => {
      const list = new KeyList();
      for (const one of keys) list.push(one);
      expect([...list]).toEqual(keys);
      expect(list).toHaveLength(keys.length);
    }),
  );
});

test('a list grows beyond the room it began with', () => {
  const keys = Array.from({ length: 20_000 }, (_, n) => ({
    id: `product-${n}`,
    routing: n % 3 === 0 ? `r${n}` : undefined,
  }));
  const list = new KeyList();
  for (const one of keys) list.push(one);
  expect([...list]).toEqual(keys);
});
