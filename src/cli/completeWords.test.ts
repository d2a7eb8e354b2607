import { describe, expect, test } from 'vitest';
import { readDescription } from './commandDescription.js';
import { completeWords } from './completeWords.js';

const description = readDescription();
const complete = (...words: string[]) => completeWords(description, words);
const wordsAfter = (...words: string[]) => complete(...words).candidates.map(({ word }) => word);

describe('completion', () => {
  test('commands, with their summaries', () => {
    expect(complete('').candidates).toContainEqual({
      word: 'plan',
      description: 'compare the live indexes with the declared ones',
    });
    expect(wordsAfter('')).not.toContain('complete');
    expect(wordsAfter('help', '')).toContain('migrate');
  });

  test('options of the command that are not there yet', () => {
    expect(wordsAfter('plan', '--')).toEqual([
      '--out',
      '--check',
      '--sample',
      '--route',
      '--explain',
      '--format',
      '--config',
      '--json',
      '--help',
    ]);
    expect(wordsAfter('plan', '--check', '--')).not.toContain('--check');
    expect(wordsAfter('-')).toEqual(['--help', '--version']);
  });

  test.each([
    ['a word', ['migrate', 'books', '--until', '']],
    ['a word that has begun', ['migrate', '--until', 'cut']],
    ['the words that bash makes of --until=', ['migrate', '--until', '=', '']],
  ])('values of an option: %s', (_, words) => {
    expect(wordsAfter(...words)).toEqual(['ready', 'cutover', 'switched', 'finalized']);
  });

  test('values of an option, in one word', () => {
    expect(wordsAfter('verify', '--level=')).toEqual(['--level=stamps', '--level=content']);
  });

  test('several values of one option, each once', () => {
    const [first = ''] = wordsAfter('cutover', 'books', '--force', '');
    expect(first).not.toBe('');
    expect(wordsAfter('cutover', 'books', '--force', first, '')).not.toContain(first);
  });

  test.each([[['plan', '--out', '']], [['status', '--config', 'conf']], [['gateway', '--tls-key=']]])(
    'names of files: %s',
    (words) => {
      expect(complete(...words)).toEqual({ candidates: [], files: true });
    },
  );

  test.each([
    [['plan', '']],
    [['plan', 'books', '']],
    [['plan', '--check', '']],
    [['plan', '--out', 'file', '']],
    [['status', '']],
    [['rejected', '']],
  ])('names of indexes: %s', (words) => {
    expect(complete(...words)).toEqual({ candidates: [], indexes: true });
  });

  test('arguments with few values', () => {
    expect(wordsAfter('rejected', 'books', '')).toEqual(['list', 'show', 'replay', 'edit', 'drop']);
    expect(wordsAfter('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test.each([
    [['nothing-like-this', '']],
    [['status', 'books', '']],
    [['plan', '--sample', '']],
    [['help', 'plan', '']],
  ])('nothing: %s', (words) => {
    expect(complete(...words)).toEqual({ candidates: [] });
  });
});
