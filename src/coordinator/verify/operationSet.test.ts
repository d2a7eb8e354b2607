import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationNumber } from '../../protocol/stamp.js';
import { OperationSet } from './operationSet.js';

describe('a set of operations', () => {
  it('contains the operations that were added and not taken, in order, like a Set', () => {
    const operation = integer({ min: 0, max: 200_000 }).chain((seqNo) =>
      integer({ min: 1, max: 3 }).map((term) => operationNumber(term, seqNo)),
    );
    assert(
      property(array(operation), array(operation), (added, taken) => {
        const [bits, set] = [new OperationSet(), new Set<number>()];
        for (const one of added) {
          bits.add(one);
          set.add(one);
        }
        for (const one of [...taken, ...added.slice(0, 3)]) expect(bits.take(one)).toBe(set.delete(one));
        expect([...bits.left()].length).toBe(set.size);
        expect([...bits.left()]).toEqual([...set].sort((a, b) => a - b));
      }),
    );
  });
});
