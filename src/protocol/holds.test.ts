import { describe, expect, it } from 'vitest';
import { type ErrorCode, TwindexError } from '../errors.js';
import { type HoldsGivenUp, NO_HOLDS } from './record.js';
import {
  holdBegun,
  holdGivenUp,
  holdNotMade,
  type Lasting,
  lastGivenUp,
  lastingOf,
  MAX_HOLDS,
  pauseAfter,
} from './holds.js';

const error = (code: ErrorCode): TwindexError => new TwindexError(code, 'no');

describe('the reason of a hold that was given up', () => {
  it.each<[ErrorCode, Lasting]>([
    ['overloaded', 'passing'],
    ['unanswered', 'passing'],
    ['unreachable', 'passing'],
    ['blocked', 'passing'],
    ['failed', 'lasting'],
    ['too_many_rejected', 'lasting'],
    ['source_failed', 'lasting'],
    ['hook_failed', 'lasting'],
    ['rejected', 'permanent'],
    ['unauthorized', 'permanent'],
    ['forbidden', 'permanent'],
    ['not_found', 'permanent'],
    ['conflict', 'permanent'],
  ])('%s is %s', (code, lasting) => {
    expect(lastingOf(error(code))).toBe(lasting);
  });
  it('is lasting where it is a bug', () => {
    expect(lastingOf(new TypeError('x is undefined'))).toBe('lasting');
  });
});

const after = (...reasons: Lasting[]): HoldsGivenUp =>
  reasons.reduce((holds, reason) => holdGivenUp(holdBegun(holds), 'r', reason), NO_HOLDS);
const times = (n: number, lasting: Lasting): Lasting[] => Array.from({ length: n }, () => lasting);

describe('holds', () => {
  it('are not over when none was given up', () => {
    expect(lastGivenUp(NO_HOLDS)).toBeUndefined();
  });
  it('are made after pauses that double, up to three minutes', () => {
    const pauses = Array.from({ length: 9 }, (_, n) => pauseAfter(n + 1) / 1_000);
    expect(pauses).toEqual([3, 6, 12, 24, 48, 96, 180, 180, 180]);
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
    expect(lastGivenUp(after(...reasons))).toEqual({ reason: 'r', holds: reasons.length, over });
  });
  it('count when a command that came during the hold has set the count to 0', () => {
    expect(lastGivenUp(holdGivenUp(NO_HOLDS, 'r', 'passing'))).toEqual({
      reason: 'r',
      holds: 1,
      over: false,
    });
    expect(holdNotMade(NO_HOLDS)).toEqual(NO_HOLDS);
  });
  it('count when their coordinators have ended with them, and leave the number of lasting reasons as it is', () => {
    const holds = holdBegun(after('lasting', 'lasting'));
    expect(lastGivenUp(holds)).toEqual({ reason: 'r', holds: 3, over: false });
    expect(lastGivenUp(holdGivenUp(holdBegun(holds), 'r', 'lasting'))?.over).toBe(true);
    const ended = Array.from({ length: MAX_HOLDS.passing }).reduce<HoldsGivenUp>(holdBegun, NO_HOLDS);
    expect(lastGivenUp(ended)).toMatchObject({ over: true, reason: 'the coordinator ended during the hold' });
  });
  it('do not count when they were not made', () => {
    expect(holdNotMade(holdBegun(after('lasting')))).toEqual(after('lasting'));
  });
});
