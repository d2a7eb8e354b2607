import { array, assert, infiniteStream, integer, nat, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Window, Windows } from './windows.js';

const all = (windows: Windows, lanes: number): Window[] => {
  const taken: Window[] = [];
  for (let next = windows.next(lanes); next; next = windows.next(lanes)) taken.push(next);
  return taken;
};

describe('windows', () => {
  it('begin above what was confirmed before, and end at the checkpoint', () => {
    const windows = new Windows([9, -1], [29, -1]);
    expect(all(windows, 1)).toEqual([{ shard: 0, after: 9, upTo: 29 }]);
  });

  it('move the cursor only over what is confirmed without a gap', () => {
    const windows = new Windows([-1], [200_000]);
    const [first, second] = [windows.next(4), windows.next(4)] as [Window, Window];
    windows.done(second, 8_000);
    expect(windows.cursors).toEqual([-1]);
    windows.done(first, 8_000);
    expect(windows.cursors).toEqual([second.upTo]);
  });

  it('are handed out again when they could not be confirmed', () => {
    const windows = new Windows([-1], [200_000]);
    const first = windows.next(4) as Window;
    windows.again(first);
    expect(windows.next(4)).toEqual(first);
  });

  it('that were ended before their end count up to their cursor, and the rest is handed out in halves', () => {
    const windows = new Windows([-1], [9_999]);
    const first = windows.next(1) as Window;
    windows.split(first, 1_999);
    expect(windows.cursors).toEqual([1_999]);
    expect(all(windows, 4)).toEqual([
      { shard: 0, after: 1_999, upTo: 5_999 },
      { shard: 0, after: 5_999, upTo: 9_999 },
    ]);
  });

  it('that were ended with nothing left are done', () => {
    const windows = new Windows([-1], [99]);
    windows.split(windows.next(1) as Window, 99);
    expect(windows.finished).toBe(true);
    expect(all(windows, 1)).toEqual([]);
  });

  it('become as long as what is copied in the target time, and not by more than twice at once', () => {
    const windows = new Windows([-1], [10_000_000]);
    const span = ({ after, upTo }: Window) => upTo - after;
    const first = windows.next(1) as Window;
    windows.done(first, 16_000);
    const slower = windows.next(1) as Window;
    expect(span(slower)).toBe(span(first) / 2);
    windows.done(slower, 1);
    expect(span(windows.next(1) as Window)).toBe(span(slower) * 2);
  });

  it('cover every operation once, whatever the order in which they end, fail, are split or begun anew', () => {
    const bounds = array(tuple(integer({ min: -1, max: 50_000 }), integer({ min: 0, max: 400_000 })), {
      minLength: 1,
      maxLength: 5,
    });
    assert(
      property(bounds, integer({ min: 1, max: 6 }), infiniteStream(nat(30)), (shards, lanes, draws) => {
        const cursors = shards.map(([after]) => after);
        const end = shards.map(([after, length]) => after + length);
        let windows = new Windows(cursors, end);
        const covered = shards.map(() => 0);
        const running: Window[] = [];
        const draw = (): number => draws.next().value as number;
        while (!windows.finished) {
          for (let next = running.length < lanes && windows.next(lanes); next; ) {
            running.push(next);
            next = running.length < lanes && windows.next(lanes);
          }
          const [ended] = running.splice(draw() % running.length, 1) as [Window];
          const what = draw() % 5;
          if (what === 0) windows.again(ended);
          else if (what === 1) {
            const cursor = ended.after + Math.floor(((ended.upTo - ended.after) * draw()) / 30);
            covered[ended.shard] = (covered[ended.shard] ?? 0) + cursor - ended.after;
            windows.split(ended, cursor, 1 + (draw() % 2));
          } else if (what === 2) windows = windows.without([ended, ...running.splice(0)]);
          else {
            covered[ended.shard] = (covered[ended.shard] ?? 0) + ended.upTo - ended.after;
            windows.done(ended, 100 * draw());
          }
        }
        expect(covered).toEqual(shards.map(([, length]) => length));
        expect(windows.cursors).toEqual(end);
        expect(windows.left).toBe(0);
      }),
    );
  });
});
