import { describe, expect, it } from 'vitest';
import { type ErrorCode, TwindexError } from '../errors.js';
import { Holds, type Lasting, lastingOf, MAX_HOLDS, pauseAfter } from './holds.js';

const error = (code: ErrorCode): TwindexError => new TwindexError(code, 'no');

describe('the reason of a hold that was given up', () => {
  it.each<[ErrorCode, Lasting]>([
    ['overloaded', 'passing'],
    ['unanswered', 'passing'],
    ['unreachable', 'passing'],
    ['blocked', 'passing'],
    ['failed', 'lasting'],
    ['rejected', 'permanent'],
    ['unauthorized', 'permanent'],
    ['not_found', 'permanent'],
    ['conflict', 'permanent'],
  ])('%s is %s', (code, lasting) => {
    expect(lastingOf(error(code))).toBe(lasting);
  });
  it('is lasting where it is a bug', () => {
    expect(lastingOf(new TypeError('x is undefined'))).toBe('lasting');
  });
});

const after = (...reasons: Lasting[]): Holds => {
  const holds = new Holds();
  for (const reason of reasons) holds.gaveUp('r', reason, 0);
  return holds;
};
const times = (n: number, lasting: Lasting): Lasting[] => Array.from({ length: n }, () => lasting);

describe('holds', () => {
  it('begin at once when none was given up', () => {
    expect(after().last).toBeUndefined();
    expect(after().notBefore).toBe(Number.NEGATIVE_INFINITY);
  });
  it('are made after pauses that double, up to three minutes', () => {
    const pauses = Array.from({ length: 9 }, (_, n) => pauseAfter(n + 1) / 1_000);
    expect(pauses).toEqual([3, 6, 12, 24, 48, 96, 180, 180, 180]);
    expect(after('passing', 'passing', 'passing').notBefore).toBe(12_000);
  });
  it.each<[Lasting[], boolean]>([
    [['permanent'], true],
    [['passing', 'permanent'], true],
    [times(2, 'lasting'), false],
    [times(3, 'lasting'), true],
    [['lasting', 'lasting', 'passing', 'lasting'], false],
    [times(MAX_HOLDS.passing - 1, 'passing'), false],
    [times(MAX_HOLDS.passing, 'passing'), true],
  ])('after %j there is to be no further one: %s', (reasons, over) => {
    expect(after(...reasons).last).toEqual({ reason: 'r', holds: reasons.length, over });
  });
  it('are counted anew when the switch is asked for again', () => {
    const holds = after(...times(10, 'passing'));
    holds.forget();
    expect(holds.last).toBeUndefined();
    holds.gaveUp('r', 'passing', 0);
    expect(holds.last?.holds).toBe(1);
    expect(holds.notBefore).toBe(3_000);
  });
});
