import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likelyEpoch, MAX_EPOCH, operationNumber, operationOf, reconciledVersion, stampOf } from './stamp.js';

const part = {
  epoch: fc.integer({ min: 1, max: MAX_EPOCH }),
  term: fc.integer({ min: 1, max: 2047 }),
  seqNo: fc.integer({ min: 0, max: 2 ** 40 - 2 }),
};
const operation = fc.record(part);
const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

describe('stampOf', () => {
  it('orders operations by epoch, then primary term, then sequence number', () => {
    fc.assert(
      fc.property(operation, operation, (a, b) => {
        const expected = a.epoch - b.epoch || a.term - b.term || a.seqNo - b.seqNo;
        expect(order(stampOf(a.epoch, a.term, a.seqNo), stampOf(b.epoch, b.term, b.seqNo))).toBe(
          Math.sign(expected),
        );
      }),
    );
  });

  it('is a positive version that the engine can hold, with its lowest bit free', () => {
    fc.assert(
      fc.property(operation, ({ epoch, term, seqNo }) => {
        const stamp = stampOf(epoch, term, seqNo);
        expect(stamp > 0n && stamp < 2n ** 63n && stamp % 2n === 0n).toBe(true);
      }),
    );
  });

  it('gives its operation back, with and without the lowest bit, when the epoch is known', () => {
    fc.assert(
      fc.property(operation, fc.boolean(), ({ epoch, term, seqNo }, own) => {
        const version = stampOf(epoch, term, seqNo) + (own ? 1n : 0n);
        expect(operationOf(version, epoch)).toBe(operationNumber(term, seqNo));
        expect(operationOf(version, epoch + 1)).toBeUndefined();
        expect(operationNumber(term, seqNo)).toBeLessThan(2 ** 52);
      }),
    );
  });

  it('of the next epoch is above the versions that the engine counts on from the last stamp of this one', () => {
    expect(stampOf(2, 1, 0) - stampOf(1, 4095, 2 ** 40 - 2) > 0n).toBe(true);
  });
});

describe('likelyEpoch', () => {
  it('recognises a stamp of twindex, also when the engine has counted on from it', () => {
    const likely = fc.record({
      ...part,
      term: fc.integer({ min: 1, max: 1_000 }),
      seqNo: fc.integer({ min: 0, max: 2 ** 30 }),
      later: fc.integer({ min: 0, max: 1_000 }),
    });
    fc.assert(
      fc.property(likely, ({ epoch, term, seqNo, later }) => {
        expect(likelyEpoch(Number(stampOf(epoch, term, seqNo)) + later)).toBe(epoch);
      }),
    );
    expect(likelyEpoch(Number(reconciledVersion(3, 12_345)))).toBe(3);
  });

  it('does not mistake the engine’s own versions, or times, for a stamp', () => {
    for (const version of [
      1,
      1_000_000,
      1_700_000_000_000,
      1_700_000_000_123_456,
      Number('1764441234567891234'),
    ])
      expect(likelyEpoch(version)).toBeUndefined();
  });

  it('is never mistaken for a stamp, for more than a few minutes, where versions are times in nanoseconds', () => {
    const now = 1_796_000_000_000;
    for (let hour = 0; hour < 24 * 365; hour++) {
      const times = [0, 20, 40].map((minutes) => (now + (60 * hour + minutes) * 60_000) * 1e6);
      expect(times.every((time) => likelyEpoch(time) !== undefined)).toBe(false);
    }
  });
});
