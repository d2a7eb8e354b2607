import { array, assert, infiniteStream, integer, nat, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeqNoRange } from '../../documents/seqNoRange.js';
import { Windows } from './windows.js';

const all = (windows: Windows, slots: number): SeqNoRange[] => {
  const taken: SeqNoRange[] = [];
  for (let next = windows.next(slots); next; next = windows.next(slots)) taken.push(next);
  return taken;
};

describe('windows', () => {
  it('begin above what was confirmed before, and end at the checkpoint', () => {
    const windows = new Windows([9, -1], [29, -1]);
    expect(all(windows, 1)).toEqual([{ shard: 0, after: 9, upTo: 29 }]);
  });

  it('move the cursor only over what is confirmed without a gap', () => {
    const windows = new Windows([-1], [200_000]);
    const [first, second] = [windows.next(4), windows.next(4)] as [SeqNoRange, SeqNoRange];
    windows.done(second, 4_000, 1_000);
    expect(windows.cursors).toEqual([-1]);
    windows.done(first, 4_000, 1_000);
    expect(windows.cursors).toEqual([second.upTo]);
  });

  it('know how many documents are above the cursors, and would be copied again after a crash', () => {
    const windows = new Windows([-1], [200_000]);
    const [first, second, third] = [windows.next(4), windows.next(4), windows.next(4)] as SeqNoRange[];
    windows.done(third as SeqNoRange, 4_000, 900);
    windows.split(second as SeqNoRange, (second as SeqNoRange).after + 500, { documents: 400, pieces: 1 });
    expect(windows.documentsAhead).toBe(1_300);
    expect(windows.without([]).documentsAhead).toBe(1_300);
    windows.done(first as SeqNoRange, 4_000, 1_000);
    expect(windows.documentsAhead).toBe(900);
    windows.done(windows.next(4) as SeqNoRange, 4_000, 500);
    expect(windows.documentsAhead).toBe(0);
  });

  it('are handed out again when they could not be confirmed', () => {
    const windows = new Windows([-1], [200_000]);
    const first = windows.next(4) as SeqNoRange;
    windows.again(first);
    expect(windows.next(4)).toEqual(first);
  });

  it('that were ended before their end count up to their cursor, and the rest is handed out in halves', () => {
    const windows = new Windows([-1], [999]);
    const first = windows.next(1) as SeqNoRange;
    windows.split(first, 199);
    expect(windows.cursors).toEqual([199]);
    expect(all(windows, 4)).toEqual([
      { shard: 0, after: 199, upTo: 599 },
      { shard: 0, after: 599, upTo: 999 },
    ]);
  });

  it('that were ended with nothing left are done', () => {
    const windows = new Windows([-1], [99]);
    windows.split(windows.next(1) as SeqNoRange, 99);
    expect(windows.finished).toBe(true);
    expect(all(windows, 1)).toEqual([]);
  });

  const span = ({ after, upTo }: SeqNoRange) => upTo - after;

  it('become as long as what is copied in the target time, and not by more than four times at once', () => {
    const windows = new Windows([-1], [10_000_000]);
    const first = windows.next(1) as SeqNoRange;
    windows.done(first, 8_000, span(first));
    const slower = windows.next(1) as SeqNoRange;
    expect(span(slower)).toBe(span(first) / 2);
    windows.done(slower, 1, span(slower));
    expect(span(windows.next(1) as SeqNoRange)).toBe(span(slower) * 4);
  });

  it('contain no more than the rate allows in the target time, also when handed out again', () => {
    const windows = new Windows([-1], [10_000_000]);
    const fast = windows.next(1) as SeqNoRange;
    windows.again(fast);
    const pieces = [windows.next(1, 50), windows.next(1, 50), windows.next(1)] as SeqNoRange[];
    expect(pieces.map(span)).toEqual([200, 200, span(fast) - 400]);
    expect(span(windows.next(1, 0.1) as SeqNoRange)).toBe(1);
  });

  it('are longer where documents were written several times, but not by more than four times', () => {
    const windows = new Windows([-1], [10_000_000]);
    const first = windows.next(1, 250) as SeqNoRange;
    windows.done(first, 2_000, span(first) / 2);
    const second = windows.next(1, 250) as SeqNoRange;
    expect(span(second)).toBe(2_000);
    windows.done(second, 4_000, 0);
    expect(span(windows.next(1, 250) as SeqNoRange)).toBe(2_000);
    windows.done({ shard: 0, after: 100_000, upTo: 110_000 }, 4_000, 1);
    expect(span(windows.next(1, 250) as SeqNoRange)).toBe(4_000);
  });

  it('become shorter when one took too long, and its rest is cut', () => {
    const windows = new Windows([-1], [10_000_000]);
    const first = windows.next(1) as SeqNoRange;
    windows.shorten(300);
    windows.split(first, first.after, { pieces: 1 });
    expect([windows.next(1), windows.next(1)].map((window) => span(window as SeqNoRange))).toEqual([
      300, 300,
    ]);
  });

  it('cover every operation once, whatever the order in which they end, fail, are split or begun anew', () => {
    const bounds = array(tuple(integer({ min: -1, max: 50_000 }), integer({ min: 0, max: 400_000 })), {
      minLength: 1,
      maxLength: 5,
    });
    assert(
      property(bounds, integer({ min: 1, max: 6 }), infiniteStream(nat(30)), (shards, slots, draws) => {
        const cursors = shards.map(([after]) => after);
        const end = shards.map(([after, length]) => after + length);
        let windows = new Windows(cursors, end);
        const covered = shards.map(() => 0);
        const running: SeqNoRange[] = [];
        const draw = (): number => draws.next().value as number;
        while (!windows.finished) {
          const rate = (): number => (draw() % 3 === 0 ? Number.POSITIVE_INFINITY : 10 * 2 ** draw());
          for (let next = running.length < slots && windows.next(slots, rate()); next; ) {
            running.push(next);
            next = running.length < slots && windows.next(slots, rate());
          }
          const [ended] = running.splice(draw() % running.length, 1) as [SeqNoRange];
          const what = draw() % 5;
          if (what === 0) windows.again(ended);
          else if (what === 1) {
            const cursor = ended.after + Math.floor(((ended.upTo - ended.after) * draw()) / 30);
            covered[ended.shard] = (covered[ended.shard] ?? 0) + cursor - ended.after;
            windows.split(ended, cursor, { pieces: 1 + (draw() % 2) });
          } else if (what === 2) windows = windows.without([ended, ...running.splice(0)]);
          else {
            covered[ended.shard] = (covered[ended.shard] ?? 0) + ended.upTo - ended.after;
            windows.done(ended, 100 * draw(), (ended.upTo - ended.after) >> (draw() % 8));
          }
        }
        expect(covered).toEqual(shards.map(([, length]) => length));
        expect(windows.cursors).toEqual(end);
        expect(windows.left).toBe(0);
      }),
    );
  });
});
