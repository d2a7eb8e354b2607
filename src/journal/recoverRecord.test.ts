import { describe, expect, it } from 'vitest';
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import { recordOf, type Trace } from './recoverRecord.js';

const live = (index: string, aliases: LiveIndex['aliases'], epoch?: number): LiveIndex => ({
  index,
  aliases,
  settings: { index: { uuid: `uuid-${index}` } },
  mappings:
    epoch === undefined
      ? {}
      : { _meta: { twindex: { name: 'shop', version: Number(index.slice(-1)), migration: 'id', epoch } } },
});
const feed = (index: string, number = 3): Trace => ({ name: 'shop', kind: 'Feed', number, index });

describe('a record that is made from the indexes', () => {
  it('has readers and writers where their aliases are', () => {
    const v1 = live('shop-v1', { 'shop-write': {} });
    const v2 = live('shop-v2', { 'shop-read': { is_write_index: false }, 'twindex.shop.Feed.3': {} }, 1);
    expect(recordOf('shop', [v1, v2], [feed('shop-v2')])).toMatchObject({
      id: 'id',
      source: { index: 'shop-v1', version: 1 },
      target: { index: 'shop-v2', version: 2 },
      layout: 'two-aliases',
      leader: 'source',
      readers: 'target',
      sourceAliases: { 'shop-read': {}, 'shop-write': {} },
      uuids: { source: 'uuid-shop-v1', target: 'uuid-shop-v2' },
      halted: { for: 'journal' },
      paused: true,
    });
  });

  it('has the target as leader after the switch, and the largest epoch', () => {
    const v1 = live('shop-v1', { 'twindex.shop.Feed.9': {} }, 4);
    const v2 = live('shop-v2', { 'shop-read': {}, 'shop-write': {} }, 3);
    const record = recordOf('shop', [v1, v2], [feed('shop-v1', 9)]);
    expect(record).toMatchObject({ leader: 'target', readers: 'target', epoch: 4 });
  });

  it('leaves out indexes that nobody uses', () => {
    const old = live('shop-v1', {});
    const v2 = live('shop-v2', { 'shop-read': {}, 'shop-write': {} }, 1);
    const v3 = live('shop-v3', { 'twindex.shop.Feed.1': {} }, 2);
    expect(recordOf('shop', [old, v2, v3], [feed('shop-v3')])).toMatchObject({
      source: { index: 'shop-v2' },
      target: { index: 'shop-v3' },
    });
  });

  it('knows one alias for readers and writers, with its filter', () => {
    const v1 = live('shop-v1', { shop: { filter: { term: { a: 1 } } } });
    const v2 = live('shop-v2', { 'twindex.shop.Feed.1': {} }, 1);
    expect(recordOf('shop', [v1, v2], [feed('shop-v2')])).toMatchObject({
      layout: 'one-alias',
      aliases: { read: 'shop', write: 'shop' },
      sourceAliases: { shop: { filter: { term: { a: 1 } } } },
    });
  });

  it('between clusters has readers where their mark is, and writers where their alias is open', () => {
    const aliases = { 'shop-read': {}, 'shop-write': {} };
    const closed = { 'shop-read': { is_write_index: false } };
    const mark = { 'twindex.shop.Readers': {} };
    const found = (source: LiveIndex['aliases'], target: LiveIndex['aliases']) =>
      recordOf('shop', [live('shop-v1', source), live('shop-v2', target, 1)], [feed('shop-v2')], 'uuid');
    const at = { sourceCluster: 'uuid', source: { index: 'shop-v1' }, target: { index: 'shop-v2' } };
    expect(found(aliases, {})).toMatchObject({ ...at, leader: 'source', readers: 'source' });
    expect(found(aliases, { ...closed, ...mark })).toMatchObject({ leader: 'source', readers: 'target' });
    const left = { 'shop-read': {}, 'shop-write': { is_write_index: false } };
    expect(found(left, { ...aliases, ...mark })).toMatchObject({ leader: 'target', readers: 'target' });
    expect(found(aliases, { ...closed, 'shop-write': { is_write_index: false } })).toMatchObject({
      leader: 'source',
      readers: 'source',
    });
  });

  it('knows which index is left where the other one was deleted, too', () => {
    const v2 = live('shop-v2', { 'shop-read': {}, 'twindex.shop.Feed.1': {} }, 1);
    expect(recordOf('shop', [v2], [feed('shop-v2')])).toMatchObject({
      source: { index: 'shop-v1' },
      target: { index: 'shop-v2' },
      readers: 'target',
    });
  });
});
