import { describe, expect, it } from 'vitest';
import type { Row, Update } from '../../src/dashboard/pageTypes.js';
import { addressOf, nameIn } from './address.js';
import { chosen, NOTHING, updated } from './state.js';

const row = (name: string, change: Partial<Row> = {}): Row => ({
  name,
  phase: 'copying',
  group: 'working',
  attention: '',
  paused: false,
  source: `${name}-v1`,
  target: `${name}-v2`,
  readers: `${name}-v1`,
  writers: `${name}-v1`,
  goal: 'ready',
  task: '',
  percent: null,
  rate: null,
  etaMs: null,
  startedAt: '',
  next: '',
  ...change,
});
const update = (change: Partial<Update>): Update => ({
  whole: false,
  now: new Date(5_000).toISOString(),
  rows: [],
  gone: [],
  trouble: '',
  readAt: null,
  requests: [],
  ...change,
});

describe('an update', () => {
  const first = updated(NOTHING, update({ whole: true, rows: [row('a'), row('b')], samples: [] }), 4_000);

  it('changes what it names, and takes away what is gone', () => {
    const next = updated(first, update({ rows: [row('c')], gone: ['a'] }), 5_000);
    expect([...next.rows.keys()]).toEqual(['b', 'c']);
    expect(first.clockMs).toBe(1_000);
  });

  it('leaves the rows as they are when it has none, so that the list is not drawn again', () =>
    expect(updated(first, update({ trouble: 'away' }), 5_000).rows).toBe(first.rows));

  it('that is the whole state replaces everything', () =>
    expect([...updated(first, update({ whole: true, rows: [row('z')] }), 5_000).rows.keys()]).toEqual(['z']));

  it('knows a migration that is not there from one that is not read yet', () => {
    expect(first.detail).toBeUndefined();
    expect(updated(first, update({ detail: null }), 5_000).detail).toBeNull();
  });
});

describe('the list', () => {
  const rows = [
    row('zebra', { group: 'needsYou', attention: 'paused' }),
    row('tenant-1'),
    row('tenant-2', { group: 'rests', phase: 'ready' }),
    row('old', { group: 'over', phase: 'finalized' }),
  ];
  const names = (...args: [string, Parameters<typeof chosen>[2]]) =>
    chosen(rows, ...args).map(({ name }) => name);

  it('has those that need a person first, and leaves out those that are over', () =>
    expect(names('', 'current')).toEqual(['zebra', 'tenant-1', 'tenant-2']));

  it('finds all words in name, phase and reason', () => {
    expect(names('TENANT ready', 'current')).toEqual(['tenant-2']);
    expect(names('paused', 'all')).toEqual(['zebra']);
    expect(names('nothing', 'all')).toEqual([]);
  });

  it('can be narrowed to those that need a person', () => expect(names('', 'needsYou')).toEqual(['zebra']));
});

describe('an address', () => {
  it('leads back to its name, whatever is in it', () => {
    for (const name of ['catalogue', 'a/b?c#d', '<b>', '100%', 'ä'])
      expect(nameIn(addressOf(name))).toBe(name);
  });

  it('without a name, or a wrong one, is the list', () => {
    for (const hash of ['', '#/', '#/index/', '#/index/%E0%A4', '#main'])
      expect(nameIn(hash)).toBeUndefined();
  });
});
