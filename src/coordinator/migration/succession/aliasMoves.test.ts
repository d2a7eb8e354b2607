import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import type { AliasAction, AliasProperties } from '../../../cluster/indices/updateAliases.js';
import { closeWriters, moveReaders, moveWriters, openWriters } from './aliasMoves.js';

type Aliases = Record<string, Record<string, AliasProperties>>;

/** Applies the actions as an engine would; throws when a `must_exist` fails. */
function apply(before: Aliases, actions: readonly AliasAction[]): Aliases {
  const after = structuredClone(before);
  for (const action of actions) {
    if ('remove_index' in action) delete after[action.remove_index.index];
    else if ('remove' in action) {
      const { index, alias, must_exist } = action.remove;
      if (must_exist && !after[index]?.[alias]) throw new Error(`${alias} is not on ${index}`);
      delete after[index]?.[alias];
    } else {
      const { index, alias, ...properties } = action.add;
      (after[index] ??= {})[alias] = properties;
    }
  }
  return after;
}

const extra = { 'catalogue-admin': { filter: { term: { admin: true } }, search_routing: 'a' } };
const record = testRecord({ sourceAliases: { 'catalogue-read': {}, 'catalogue-write': {}, ...extra } });
const atFirst: Aliases = {
  'catalogue-v1': { 'catalogue-read': {}, 'catalogue-write': {}, ...extra },
  'catalogue-v2': {},
};

describe('the readers', () => {
  const cutOver = apply(atFirst, moveReaders(record, 'target'));

  it('are moved to the target, where the alias takes no writes', () => {
    expect(cutOver['catalogue-v2']).toEqual({ 'catalogue-read': { is_write_index: false } });
    expect(cutOver['catalogue-v1']).toEqual({ 'catalogue-write': {}, ...extra });
  });

  it('come back with exactly the earlier properties', () => {
    const back = apply(cutOver, moveReaders({ ...record, readers: 'target' }, 'source'));
    expect(back).toEqual(atFirst);
  });

  it('come back to a source that is the follower, where the alias takes no writes', () => {
    const switched: Aliases = {
      'catalogue-v1': {},
      'catalogue-v2': { 'catalogue-read': {}, 'catalogue-write': {} },
    };
    const returning = apply(
      switched,
      moveReaders({ ...record, leader: 'target', readers: 'target' }, 'source'),
    );
    expect(returning['catalogue-v1']).toEqual({ 'catalogue-read': { is_write_index: false } });
  });

  it('are not moved a second time', () => {
    expect(() => apply(cutOver, moveReaders(record, 'target'))).toThrow('is not on catalogue-v1');
  });
});

describe('the writers', () => {
  it('are refused on every alias but the read alias, and let in again as it was', () => {
    const closed = apply(atFirst, closeWriters(record));
    expect(closed['catalogue-v1']).toEqual({
      'catalogue-read': {},
      'catalogue-write': { is_write_index: false },
      'catalogue-admin': { ...extra['catalogue-admin'], is_write_index: false },
    });
    expect(apply(closed, openWriters(record))).toEqual(atFirst);
  });

  it('are switched with all properties of their aliases, and the read alias opens', () => {
    const cutOver = { ...record, readers: 'target' as const };
    const switched = apply(
      apply(apply(atFirst, moveReaders(record, 'target')), closeWriters(cutOver)),
      moveWriters(cutOver),
    );
    expect(switched['catalogue-v1']).toEqual({});
    expect(switched['catalogue-v2']).toEqual(atFirst['catalogue-v1']);
  });

  it('take the readers along where one alias serves both', () => {
    const one = testRecord({
      layout: 'one-alias',
      aliases: { read: 'catalogue', write: 'catalogue' },
      sourceAliases: { catalogue: {} },
    });
    const before: Aliases = { 'catalogue-v1': { catalogue: {} }, 'catalogue-v2': {} };
    expect(apply(before, moveWriters(one))).toEqual({
      'catalogue-v1': {},
      'catalogue-v2': { catalogue: {} },
    });
  });

  it('make a bare index the alias of its successor, in one call', () => {
    const bare = testRecord({
      layout: 'bare-index',
      source: { index: 'catalogue', version: 1 },
      sourceAliases: { old: { is_hidden: true } },
    });
    const after = apply({ catalogue: { old: { is_hidden: true } }, 'catalogue-v2': {} }, moveWriters(bare));
    expect(after).toEqual({
      'catalogue-v2': {
        catalogue: {},
        'catalogue-read': {},
        'catalogue-write': {},
        old: { is_hidden: true },
      },
    });
  });
});

describe('between clusters', () => {
  const between = testRecord({
    sourceCluster: 'uuid',
    sourceAliases: { 'catalogue-read': {}, 'catalogue-write': {}, ...extra },
  });
  const mark = { 'twindex.catalogue.Readers': { is_hidden: true } };
  const target = (aliases: Aliases): Record<string, AliasProperties> | undefined => aliases['catalogue-v2'];

  it('readers are marked on the target, and the source keeps its aliases', () => {
    const cutOver = apply(atFirst, moveReaders(between, 'target'));
    expect(cutOver['catalogue-v1']).toEqual(atFirst['catalogue-v1']);
    expect(target(cutOver)).toEqual({ ...mark, 'catalogue-read': { is_write_index: false } });
    const back = apply(cutOver, moveReaders({ ...between, readers: 'target' }, 'source'));
    expect(back['catalogue-v1']).toEqual(atFirst['catalogue-v1']);
    // A gateway may still send readers to the target for a moment.
    expect(target(back)).toEqual({ 'catalogue-read': { is_write_index: false } });
  });

  it('the switch opens what is on the follower, and touches nothing else', () => {
    const cutOver = apply(atFirst, moveReaders(between, 'target'));
    const held = apply(cutOver, closeWriters(between));
    const actions = moveWriters({ ...between, readers: 'target' });
    const switched = apply(held, actions);
    expect(switched['catalogue-v1']).toEqual(held['catalogue-v1']);
    expect(target(switched)).toEqual({ ...mark, 'catalogue-read': {}, 'catalogue-write': {}, ...extra });
    expect(held['catalogue-v1']?.['catalogue-write']).toEqual({ is_write_index: false });
  });

  it('one alias for both is read there before it is written there, and stays when the readers go back after the switch', () => {
    const aliases = { read: 'catalogue', write: 'catalogue' };
    const one = { ...between, aliases, sourceAliases: { catalogue: {} } };
    const before: Aliases = { 'catalogue-v1': { catalogue: {} }, 'catalogue-v2': {} };
    const cutOver = apply(before, moveReaders(one, 'target'));
    expect(target(cutOver)).toEqual({ ...mark, catalogue: { is_write_index: false } });
    const held = apply(cutOver, closeWriters(one));
    expect(held['catalogue-v1']).toEqual({ catalogue: { is_write_index: false } });
    const switched = apply(held, moveWriters({ ...one, readers: 'target' }));
    expect(target(switched)).toEqual({ ...mark, catalogue: {} });
    const back = apply(switched, moveReaders({ ...one, leader: 'target', readers: 'target' }, 'source'));
    expect(target(back)).toEqual({ catalogue: {} });
  });
});
