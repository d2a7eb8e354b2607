import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import { goalHere, hookPointsAfter, hookPointsBefore } from './hookPoints.js';

const ON_TARGET = { leader: 'target', readers: 'target' } as const;

describe('before', () => {
  it.each([
    ['the copy', { state: 'creating' }, 'copying', ['copying']],
    ['the cut-over', { goal: 'cutover' }, 'movingReaders', ['cutover']],
    ['its way back', { goal: 'ready', readers: 'target' }, 'movingReaders', ['rollback']],
    ['the switch', { goal: 'switched', readers: 'target' }, 'holding', ['switched']],
    ['its way back, the readers', { goal: 'ready', ...ON_TARGET }, 'movingReaders', ['rollback']],
    ['its way back, the writers', { goal: 'ready', leader: 'target' }, 'holding', ['rollback']],
    ['a way back that is given up', { goal: 'switched', leader: 'target' }, 'movingReaders', []],
    [
      'the switch of a bare index',
      { goal: 'switched', layout: 'bare-index' },
      'holding',
      ['switched', 'finalized'],
    ],
    ['the end', { goal: 'finalized', ...ON_TARGET }, 'finalizing', ['finalized']],
    ['the end, out of a hold', { goal: 'finalized', state: 'holding' }, 'finalizing', []],
    ['giving up', { goal: 'aborted' }, 'aborting', ['aborted']],
    ['anything else', {}, 'restoring', []],
  ] as const)('%s', (_, record, to, moments) => {
    expect(hookPointsBefore(testRecord(record), to)).toEqual(moments);
  });
});

describe('after', () => {
  it.each([
    ['', 'copying', []],
    ['copying', 'verifying', ['copying']],
    ['verifying', 'ready', ['ready']],
    ['copying', 'ready', ['copying', 'ready']],
    ['ready', 'cutover', ['cutover']],
    ['cutover', 'verifying', ['rollback']],
    ['returning', 'ready', ['rollback', 'ready']],
    ['cutover', 'switched', ['switched']],
    ['switched', 'returning', []],
    ['switched', 'finalized', ['finalized']],
    // The switch of a bare index also finalizes the migration.
    ['ready', 'finalized', ['switched', 'finalized']],
    ['ready', 'verifying', []],
    ['ready', 'aborted', ['aborted']],
  ] as const)('%j, %s', (before, phase, moments) => {
    expect(hookPointsAfter(before, phase)).toEqual(moments);
  });
});

it('a migration that should stay where it is has its present phase as its goal', () => {
  expect(goalHere(testRecord({ goal: 'finalized' }))).toBe('ready');
  expect(goalHere(testRecord({ goal: 'finalized', verified: false }))).toBe('ready');
  expect(goalHere(testRecord({ goal: 'finalized', readers: 'target' }))).toBe('cutover');
  expect(goalHere(testRecord({ goal: 'finalized', ...ON_TARGET }))).toBe('switched');
});
