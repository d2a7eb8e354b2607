import { expect, it } from 'vitest';
import type { Recognised } from '../../plan/recogniseIndexes.js';
import { initLines, type InitReport, layoutText } from './initText.js';

const found = (
  over: Partial<Recognised> = {},
  index = 'books-v1',
  aliases: readonly string[] = [],
): Recognised => ({
  live: { index, aliases: Object.fromEntries(aliases.map((name) => [name, {}])), settings: {}, mappings: {} },
  name: 'books',
  version: 1,
  aliases: { read: 'books-read', write: 'books-write' },
  guessed: false,
  ...over,
});

const report: InitReport = {
  config: { file: 'twindex.config.ts', written: true },
  cluster: 'http://localhost:9200 (OpenSearch 3.8.0)',
  indexes: [{ found: found(), file: 'indexes/books.ts', written: true }],
  leftOut: [],
  notFound: [],
  notes: [],
  options: '',
};

it('shows the files, and the next command', () => {
  expect(initLines(report)).toEqual([
    'twindex.config.ts  http://localhost:9200 (OpenSearch 3.8.0)',
    'indexes/books.ts   books-v1: readers use books-read, writers use books-write',
    'next: change indexes/books.ts, and see what the change needs: twindex plan books',
  ]);
});

it('says what was left as it was, what was left out, and what the configuration does not find', () => {
  const lines = initLines({
    ...report,
    config: { file: 'search/twindex.config.ts', written: false },
    indexes: [
      { found: found(), file: 'search/books.ts', written: false },
      { found: found({ name: 'films' }, 'films-v1'), file: 'search/indexes/films.ts', written: true },
    ],
    leftOut: [{ index: 'logs-000001', reason: 'its alias logs leads to 2 indexes' }],
    notFound: ['search/indexes/films.ts'],
    options: ' --config search/twindex.config.ts',
  });
  expect(lines).toEqual([
    'search/twindex.config.ts  existed already, and is unchanged: http://localhost:9200 (OpenSearch 3.8.0)',
    'search/books.ts           existed already, and is unchanged (books-v1)',
    'search/indexes/films.ts   films-v1: readers use books-read, writers use books-write',
    'left out: logs-000001 (its alias logs leads to 2 indexes)',
    'next: add search/indexes/films.ts to `indexes` in search/twindex.config.ts, which does not include it yet',
    'next: change an index file, and see what the change needs: twindex plan --config search/twindex.config.ts',
  ]);
});

it.each([
  [{ aliases: { read: 'books', write: 'books' } }, 'books-v1: readers and writers use the alias books'],
  [
    { aliases: { read: 'books', write: 'books' }, tool: 'chewy' as const },
    'books-v1: readers and writers use the alias books, as chewy names its indexes',
  ],
  [{ aliases: { read: 'books-v1', write: 'books-v1' } }, 'books-v1: used by its own name, without an alias'],
  [{ guessed: true }, 'books-v1: check the aliases'],
])('describes %o', (over, text) => {
  expect(layoutText(found(over))).toBe(text);
});

it('warns of aliases that have to be checked, and of an index without one', () => {
  const shown = (one: Recognised): string =>
    initLines({ ...report, indexes: [{ found: one, file: 'f', written: true }] })[2] ?? '';
  expect(shown(found({ guessed: true }))).toMatch(
    /^warning: books-v1 has no alias.*has books-read and books-write: add them/,
  );
  expect(shown(found({ guessed: true }, 'books-v1', ['a', 'b']))).toMatch(
    /has the aliases a, b.*Correct `aliases`/,
  );
  expect(shown(found({ aliases: { read: 'books-v1', write: 'books-v1' } }))).toMatch(
    /^note: .*can't be rolled back/,
  );
});
