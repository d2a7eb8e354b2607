import { expect, test } from 'vitest';

const { oldWordsIn } = (await import(new URL('../scripts/words.js', import.meta.url).href)) as {
  readonly oldWordsIn: (text: string) => string[];
};

test('a word that was given up is named with the one to use instead, and others pass', () => {
  const old = ['first', 'index'].join(' ');
  expect(oldWordsIn(`The leader has it.\nThe ${old} has it.`)).toEqual([`2: "The ${old}": use leader`]);
  expect(oldWordsIn('the elapsed time, carriage returns, and the first index of the list')).toEqual([]);
});
