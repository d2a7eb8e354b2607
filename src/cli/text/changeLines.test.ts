import { expect, test } from 'vitest';
import type { Json } from '../../json/jsonTypes.js';
import type { Change } from '../../schema/types.js';
import { changeLines, shortReason } from './changeLines.js';

const change = (before: Json | undefined, after: Json | undefined, more: Partial<Change> = {}): Change => ({
  path: 'p',
  before,
  after,
  needs: 'new-version',
  reason: 'it is so: and that is why',
  ...more,
});

const lines = (...changes: Change[]): string[] =>
  changeLines(changes, false).map(({ marker, depth, text }) => `${'  '.repeat(depth)}${marker} ${text}`);

test.each([
  ['a value', 'a', 'b', ['~ p: "a" -> "b"']],
  ['an added value', undefined, 1, ['+ p: 1']],
  ['a removed value', true, undefined, ['- p: true']],
  ['an added object', undefined, { a: { b: 1 } }, ['+ p:', '  + a:', '    + b: 1']],
  ['only the parts that differ', { a: 1, b: 2 }, { a: 1, c: 3 }, ['~ p:', '  - b: 2', '  + c: 3']],
  ['a list', ['a', 'b', 'c'], ['a', 'c', 'd'], ['~ p:', '    "a"', '  - "b"', '    "c"', '  + "d"']],
  ['a list that is emptied', ['a'], [], ['~ p:', '  - "a"']],
] as [string, Json | undefined, Json | undefined, string[]][])('%s', (_, before, after, expected) => {
  expect(lines(change(before, after))).toEqual(expected);
});

test('of a long list only the surroundings of the change are shown', () => {
  const words = Array.from({ length: 5_000 }, (_, n) => `w${n}`);
  const shown = lines(change(words, [...words.slice(0, 2_000), 'new', ...words.slice(2_000)]));
  expect(shown).toHaveLength(10);
  expect(shown).toContain('    ... 1,997 unchanged');
  expect(shown).toContain('  + "new"');
});

test('a very long difference is cut', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${n}`, n]));
  expect(lines(change(undefined, many)).at(-1)).toBe('    ... 440 more lines (all of them: --json)');
});

const notes = (explain: boolean, ...changes: Change[]) =>
  changeLines(changes, explain).map(({ note }) => note?.text);

test('each reason is given once, short or in full', () => {
  const two = [change(1, 2), change(3, 4)];
  expect(notes(false, ...two)).toEqual(['forces a new version: it is so', 'forces a new version']);
  expect(notes(true, ...two)).toEqual([
    'forces a new version: it is so: and that is why',
    'forces a new version',
  ]);
});

test('an impossible change has its whole reason, with the suggestion', () => {
  const reason = 'no type duoble; did you mean double?';
  expect(notes(false, change(1, 2, { needs: 'blocked', reason }))).toEqual([`impossible: ${reason}`]);
});

test.each([
  ['a new field: the engine adds it', 'a new field'],
  ["it can't change after the field was created (1 -> 2)", "it can't change after the field was created"],
  ['the engine maps it again, by its first value (because)', 'the engine maps it again, by its first value'],
  ['it decides on a shard, so documents are lost', 'it decides on a shard'],
])('%s', (reason, short) => {
  expect(shortReason(reason)).toBe(short);
});
