import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import { adoptAliases } from './liveAliases.js';

const tenant = { filter: { term: { tenant: 'a' } } };
const record = testRecord({
  sourceAliases: { 'catalogue-read': {}, 'catalogue-write': { is_write_index: true }, tenant },
});
const live = { 'catalogue-read': {}, 'catalogue-write': { is_write_index: true }, tenant };

describe('the aliases that move along', () => {
  it('stay as they were noted, whatever twindex has beside them or has closed', () => {
    expect(adoptAliases(record, live)).toBeUndefined();
    const held = { ...live, 'catalogue-write': { is_write_index: false }, 'twindex.catalogue.feed.1': {} };
    expect(adoptAliases(record, held)).toBeUndefined();
  });

  it('are those of the leader now: with one that is new, another filter, and without one that is gone', () => {
    const late = { index_routing: 'r', search_routing: 'r' };
    expect(adoptAliases(record, { ...live, late })).toEqual({ ...record.sourceAliases, late });
    const filter = { term: { tenant: 'b' } };
    expect(adoptAliases(record, { ...live, tenant: { filter } })?.['tenant']).toEqual({ filter });
    const { tenant: _, ...without } = live;
    expect(adoptAliases(record, without)).toEqual(without);
  });

  it('keep the read alias while the readers are on the other index', () => {
    const { 'catalogue-read': _, ...leader } = live;
    expect(adoptAliases(record, leader)).toBeUndefined();
  });

  it('are not taken from an index that the applications do not write to', () => {
    expect(adoptAliases(record, { 'catalogue-read': {} })).toBeUndefined();
    expect(adoptAliases(record, {})).toBeUndefined();
  });
});
