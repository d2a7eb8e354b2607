import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../tests/testRecord.js';
import { TwindexError } from '../../errors.js';
import type { Phase } from '../../protocol/states.js';
import { type FleetEntry, fleetExitCode, summaryEvent, summaryText } from './fleetSummary.js';

const failed = (name: string, code: TwindexError['code']): FleetEntry => ({
  name,
  type: 'failed',
  error: new TwindexError(code, `what happened to ${name}`),
});

const migrated = (name: string, phase: Phase, patch: Parameters<typeof testRecord>[0] = {}): FleetEntry => ({
  name,
  type: 'migrated',
  phase,
  record: testRecord({ name, ...patch }),
});

const unchanged: FleetEntry = { name: 'u', type: 'unchanged' };
const interrupted: FleetEntry = { name: 'i', type: 'interrupted', begun: true };

const needsYou: FleetEntry = { name: 'w', type: 'needsYou', message: 'look at it' };

describe('the exit code of a run over several indexes', () => {
  it.each([
    [0, [unchanged, migrated('a', 'finalized')]],
    [0, []],
    [4, [unchanged, failed('a', 'lease_held'), failed('b', 'lease_held')]],
    [3, [unchanged, failed('a', 'unsafe')]],
    [1, [failed('a', 'unsafe'), failed('b', 'lease_held')]],
    [1, [failed('a', 'unsafe'), failed('b', 'rejected')]],
    [1, [{ name: 'a', type: 'failed', error: new Error('a bug') }]],
    [3, [unchanged, needsYou]],
    [3, [failed('a', 'unsafe'), needsYou]],
    [1, [failed('a', 'rejected'), needsYou]],
    [130, [failed('a', 'rejected'), interrupted]],
  ] as const)('is %i where that is what became of them (%#)', (code, entries) => {
    expect(fleetExitCode(entries)).toBe(code);
  });
});

describe('the summary', () => {
  const entries: readonly FleetEntry[] = [
    migrated('a', 'finalized'),
    failed('b', 'lease_held'),
    unchanged,
    { name: 'c', type: 'changed', index: 'c-v1' },
    interrupted,
    { name: 'n', type: 'interrupted', begun: false },
    needsYou,
  ];

  it('for programs has each index in one list', () => {
    expect(summaryEvent(entries)).toEqual({
      event: 'summary',
      done: ['a', 'c'],
      unchanged: ['u'],
      needsYou: [{ name: 'w', message: 'look at it' }],
      failed: [{ name: 'b', code: 'lease_held', message: 'what happened to b' }],
      interrupted: ['i', 'n'],
    });
  });

  it('for people counts the indexes, and shows the outcome of each', () => {
    expect(summaryText(entries)).toBe(
      [
        '7 indexes: 2 done, 1 as declared already, 1 waiting for you, 1 failed, 1 interrupted, 1 not begun',
        '  finalized     a',
        '  changed       c',
        '  as declared   u',
        '  waits for you w: look at it',
        '  failed        b: what happened to b',
        '  interrupted   i',
        '  not begun     n',
        'Interrupted. Run the same command again to continue.',
      ].join('\n'),
    );
  });

  it('says who keeps two indexes in sync, and warns when readers are on the one that falls behind', () => {
    const mirror = { ...testRecord({}).writers, mode: 'mirror' } as const;
    const text = summaryText([
      migrated('m', 'cutover', { writers: mirror, readers: 'target' }),
      migrated('r', 'ready'),
      migrated('c', 'cutover', { readers: 'target' }),
      migrated('f', 'finalized', { readers: 'target', leader: 'target' }),
    ]);
    expect(text).toContain(
      'Gateways and client libraries write to both indexes of m. This does not include writes that bypass them.',
    );
    expect(text).toContain('Not kept in sync from now on: r, c.');
    expect(text).toContain('WARNING: readers and writers of c are on different indexes');
  });
});
