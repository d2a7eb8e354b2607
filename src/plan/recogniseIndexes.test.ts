import { describe, expect, it } from 'vitest';
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import { isOneOfSeries, mayBeDeclared, reasonToLeaveOut, recogniseIndexes } from './recogniseIndexes.js';

type Aliases = LiveIndex['aliases'];

const live = (index: string, aliases: readonly string[] | Aliases = [], twindex?: object): LiveIndex => ({
  index,
  aliases: Array.isArray(aliases)
    ? Object.fromEntries(aliases.map((alias: string) => [alias, {}]))
    : (aliases as Aliases),
  settings: {},
  mappings: twindex ? ({ _meta: { twindex } } as LiveIndex['mappings']) : {},
});

const recognise = (...indexes: LiveIndex[]) => {
  const shared = new Map<string, number>();
  for (const alias of indexes.flatMap((one) => Object.keys(one.aliases)))
    shared.set(alias, (shared.get(alias) ?? 0) + 1);
  const { recognised, leftOut } = recogniseIndexes(indexes, shared);
  return {
    found: recognised.map(({ live: { index }, name, version, aliases: { read, write }, guessed, tool }) => ({
      index,
      name,
      version,
      read,
      write,
      ...(guessed && { guessed }),
      ...(tool && { tool }),
    })),
    leftOut: leftOut.map(({ index }) => index),
  };
};

describe('recogniseIndexes', () => {
  it.each([
    ['two aliases', live('books-v2', ['books-read', 'books-write']), 'books', 2, 'books-read', 'books-write'],
    ['one alias', live('books-v3', ['books']), 'books', 3, 'books', 'books'],
    ['one alias with another name', live('idx-8f3a', ['books']), 'books', 1, 'books', 'books'],
    ['no alias', live('books'), 'books', 1, 'books', 'books'],
    [
      'numbered index',
      live('books_7', ['books-search', 'books-index']),
      'books',
      1,
      'books-search',
      'books-index',
    ],
    ['a date', live('library-2026.01.31', ['reads', 'writes']), 'library', 1, 'reads', 'writes'],
    [
      'the mark of the writers',
      live('books-v1', { all: {}, live: { is_write_index: true } }),
      'books',
      1,
      'all',
      'live',
    ],
    [
      'an index that twindex made',
      live('new-v4', ['a', 'a-write', 'twindex.books.Write.3'], { name: 'books', version: 5 }),
      'books',
      5,
      'a',
      'a-write',
    ],
  ])('%s', (_, index, name, version, read, write) => {
    expect(recognise(index).found).toEqual([{ index: index.index, name, version, read, write }]);
  });

  it('knows the indexes of Searchkick, and leaves out its old ones', () => {
    const name = 'products_development';
    const old = live(`${name}_20231231120000000`);
    const { found, leftOut } = recognise(live(`${name}_20240101120000000`, [name]), old);
    const index = `${name}_20240101120000000`;
    expect(found).toEqual([{ index, name, version: 1, read: name, write: name, tool: 'Searchkick' }]);
    expect(leftOut).toEqual([old.index]);
  });

  it.each(['cities_1704110400', 'cities_1704110400000'])('knows the index %s of chewy', (index) => {
    const known = { name: 'cities', version: 1, read: 'cities', write: 'cities', tool: 'chewy' };
    expect(recognise(live(index, ['cities'])).found).toEqual([{ index, ...known }]);
  });

  it('finds one index of a migration that is under way: that of the writers', () => {
    const { found, leftOut } = recognise(live('books-v1', ['books-write']), live('books-v2', ['books-read']));
    expect(found).toEqual([
      { index: 'books-v1', name: 'books', version: 1, read: 'books-read', write: 'books-write' },
    ]);
    expect(leftOut).toEqual(['books-v2']);
  });

  it('keeps a guess to aliases that exist', () => {
    const guessed = { version: 1, guessed: true };
    expect(recognise(live('books_1', ['a', 'b'])).found).toEqual([
      { index: 'books_1', name: 'books', read: 'a', write: 'a', ...guessed },
    ]);
    expect(recognise(live('books-v1')).found).toEqual([
      { index: 'books-v1', name: 'books', read: 'books-read', write: 'books-write', ...guessed },
    ]);
  });

  it('leaves out indexes that share their alias, and aliases that no index file can have', () => {
    const { found, leftOut } = recognise(
      live('logs-000001', ['logs']),
      live('logs-000002', ['logs']),
      live('books-v1', ['Books']),
    );
    expect(found).toEqual([]);
    expect(leftOut).toEqual(['logs-000001', 'logs-000002', 'books-v1']);
  });

  it('ignores an alias of many indexes beside an alias of its own', () => {
    const { found } = recognise(live('a-v1', ['a', 'everything']), live('b-v1', ['b', 'everything']));
    expect(found.map(({ name, read, write }) => [name, read, write])).toEqual([
      ['a', 'a', 'a'],
      ['b', 'b', 'b'],
    ]);
  });
});

it('knows indexes of the engine, of twindex and of other tools', () => {
  const own = [
    '.kibana_1',
    '.ds-logs-2026.01.31-000001',
    'twindex-journal',
    'twindex-queries',
    'twindex-ledger-a-1',
  ];
  expect(own.filter(mayBeDeclared)).toEqual([]);
  const others = ['es_evolution', 'chewy_specifications', 'security-auditlog-2026.01.31'];
  expect(others.filter((index) => reasonToLeaveOut(index) === undefined)).toEqual([]);
  expect(['books', 'books-v1'].filter((index) => !mayBeDeclared(index) || reasonToLeaveOut(index))).toEqual(
    [],
  );
});

it('knows an index of a series by its date or number', () => {
  const series = ['logs-2026.01.31', 'logs-2026-01', 'metrics-000017'];
  expect([...series, 'books', 'books-v1', 'books_1704110400'].filter(isOneOfSeries)).toEqual(series);
});
