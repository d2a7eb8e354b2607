import { expect, test } from 'vitest';

const { oldWordsIn } = (await import(new URL('../scripts/words.js', import.meta.url).href)) as {
  readonly oldWordsIn: (text: string) => string[];
};

test('an old word is reported with its replacement, and other words pass', () => {
  const old = ['first', 'index'].join(' ');
  expect(oldWordsIn(`The leader has it.\nThe ${old} has it.`)).toEqual([`2: "The ${old}": use leader`]);
  expect(oldWordsIn('the elapsed time, carriage returns, and the first index of the list')).toEqual([]);
});
