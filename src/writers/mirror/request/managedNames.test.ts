import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { managedOf, ManagedNames } from './managedNames.js';

const MIRRORING = { writers: { mode: 'mirror', generation: 3, pruned: 0, version: 1, moves: 0 } } as const;

function namesOf(change: Partial<MigrationRecord> = {}): ManagedNames {
  return new ManagedNames([managedOf(testRecord({ ...MIRRORING, ...change }))]);
}

const written = (names: ManagedNames, name: string, requireAlias = false): string => {
  const resolved = names.forWrite(name, requireAlias);
  return resolved.type === 'managed' ? `${resolved.managed.name} ${resolved.version ?? '-'}` : resolved.type;
};

describe('the name that a document is written to', () => {
  it.each([
    ['catalogue-write', 'catalogue -'],
    ['catalogue-read', 'catalogue -'],
    ['catalogue-v1', 'catalogue 1'],
    ['catalogue-v2', 'catalogue 2'],
    ['<catalogue-v1>', 'catalogue 1'],
    ['<catalogue\\-write>', 'catalogue -'],
    ['catalogue-v3', 'foreign'],
    ['catalogue', 'foreign'],
    ['catalogue-*', 'foreign'],
    ['_all', 'foreign'],
    ['catalogue-v1,catalogue-v1', 'foreign'],
    ['<logs-{now/d}>', 'foreign'],
    ["<catalogue-{now{'v1'}}>", 'refused'],
    ['<{now/d}>', 'refused'],
    ['twindex.catalogue.w.3', 'refused'],
    ['twindex.catalogue.mirror.4', 'refused'],
    ['twindex-ledger-catalogue-1', 'refused'],
    ['twindex-journal', 'refused'],
    ['twindex.other.w.3', 'refused'],
    ['', 'foreign'],
    ['<>', 'foreign'],
  ])('%s: %s', (name, expected) => {
    expect(written(namesOf(), name)).toBe(expected);
  });

  it('is no concrete index when an alias is required', () => {
    expect(written(namesOf(), 'catalogue-v1', true)).toBe('foreign');
    expect(written(namesOf(), 'catalogue-write', true)).toBe('catalogue -');
  });

  it('is forwarded when the read alias takes no writes', () => {
    expect(written(namesOf({ readers: 'target' }), 'catalogue-read')).toBe('foreign');
    expect(written(namesOf({ readers: 'target', leader: 'target' }), 'catalogue-read')).toBe('catalogue -');
  });

  it('is an alias where one stands for readers and writers, or in place of a bare index', () => {
    const oneAlias = namesOf({
      layout: 'one-alias',
      aliases: { read: 'shop', write: 'shop' },
      sourceAliases: { shop: {} },
    });
    expect(written(oneAlias, 'shop')).toBe('catalogue -');
    const bare = namesOf({
      layout: 'bare-index',
      source: { index: 'catalogue', version: 1 },
      sourceAliases: {},
    });
    expect(written(bare, 'catalogue')).toBe('catalogue -');
    expect(written(bare, 'catalogue-v2')).toBe('catalogue 2');
  });

  it('means nothing while no migration runs', () => {
    for (const change of [{ state: 'finalized' }, { state: 'aborted' }] as const) {
      const names = namesOf(change);
      expect(names.active).toBe(false);
      expect(written(names, 'catalogue-write')).toBe('foreign');
      expect(written(names, "<catalogue-{now{'v1'}}>")).toBe('foreign');
      expect(names.reached('*')).toEqual([]);
    }
  });
});

describe('the managed indexes that an index expression reaches', () => {
  const ours = (expression: string | undefined, names = namesOf()): boolean =>
    names.reached(expression).length > 0;

  it.each([
    undefined,
    '',
    '_all',
    '*',
    'catalogue-v1',
    'catalogue-v2',
    'catalogue-write',
    'catalogue-read',
    'logs,catalogue-v1',
    'catalogue-*',
    '*-v2',
    'c*e*1',
    'logs*,_all',
    '<catalogue-v1>',
    "<{now{'catalogue'}}-v1>",
    'catalogue-v1::data',
    '*::failures',
    '*,-logs*',
    '*,-catalogue-v1',
    '*,-_all',
    'catalogue-v1,-logs-*,-catalogue-*',
    '*,-catalogue-*',
    '*,-catalogue-*,catalogue-v1',
    'logs,-logs,catalogue-v1',
    'twindex-journal',
    'twindex-*',
    'twindex.catalogue.w.77',
    'twindex-ledger-catalogue-12',
    'twindex.catalogue.w.1*',
    'twindex.catalogue.mirror.*',
    'twindex-ledger-catalogue-1*',
  ])('%s reaches ours', (expression) => {
    expect(ours(expression)).toBe(true);
  });

  it.each([
    'logs',
    'logs-*',
    'catalogue',
    'catalogue-v3',
    '-catalogue-v1',
    'cat*ogue',
    '*v1x',
    '<logs-{now/d}>',
    'other:catalogue-v1',
    'catalogue-v*,-catalogue-v1,-catalogue-v2',
    'catalogue-*,-catalogue-*',
    '*,-*',
    'twindex.other.w.1',
  ])('%s does not', (expression) => {
    expect(ours(expression)).toBe(false);
  });

  it('finds the follower by its name, a wildcard, or the alias of the readers on it', () => {
    const second = (expression: string, names = namesOf()) => names.reachedFollower(expression).length > 0;
    expect(['catalogue-v2', 'catalogue-*', '*'].filter((one) => !second(one))).toEqual([]);
    expect(
      ['catalogue-v1', 'catalogue-write', 'catalogue-read', 'logs'].filter((one) => second(one)),
    ).toEqual([]);
    expect(second('catalogue-read', namesOf({ readers: 'target' }))).toBe(true);
    expect(second('catalogue-v1', namesOf({ readers: 'target', leader: 'target' }))).toBe(true);
    expect(second('catalogue-v2', namesOf({ readers: 'target', leader: 'target' }))).toBe(false);
  });

  it('finds an index in a list with whatever else is in it, unless it is excluded after a wildcard', () => {
    const other = fc.constantFrom('logs', 'logs-*', '-logs', '-logs-*', '<x-{now/d}>', 'other:*', '');
    const one = fc.constantFrom('catalogue-v1', 'catalogue-write', 'cata*', '*v2', '_all', '*');
    fc.assert(
      fc.property(fc.array(other), one, fc.array(other), (before, expression, after) => {
        expect(ours([...before, expression, ...after].join(','))).toBe(true);
      }),
    );
  });
});
