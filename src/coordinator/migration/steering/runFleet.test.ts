import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runFleet } from './runFleet.js';

const never = new AbortController().signal;

describe('runFleet', () => {
  it('runs as many tasks at a time as allowed, and never more', async () => {
    const cases = fc.record({
      turns: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 20 }),
      atOnce: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ turns, atOnce }) => {
        let underWay = 0;
        let most = 0;
        const run = async (count: number): Promise<number> => {
          most = Math.max(most, ++underWay);
          for (let n = 0; n < count; n++) await turn();
          underWay--;
          return count;
        };
        const outcomes = await runFleet(turns, run, { atOnce, signal: never });
        expect(most).toBe(Math.min(atOnce, turns.length));
        expect(outcomes).toEqual(turns.map((result) => ({ type: 'done', result })));
      }),
      { numRuns: 50 },
    );
  });

  it('goes on after failures, and gives each its own outcome in the order of the items', async () => {
    const run = async (n: number): Promise<number> => {
      await turn();
      if (n % 2 === 1) throw new Error(`no ${n}`);
      return n;
    };
    expect(await runFleet([0, 1, 2, 3], run, { atOnce: 2, signal: never })).toEqual([
      { type: 'done', result: 0 },
      { type: 'failed', error: new Error('no 1') },
      { type: 'done', result: 2 },
      { type: 'failed', error: new Error('no 3') },
    ]);
  });

  it('counts a synchronous throw as a failure of that task, too', async () => {
    const run = (n: number): Promise<number> => {
      if (n === 0) throw new Error('at once');
      return Promise.resolve(n);
    };
    expect(await runFleet([0, 1], run, { atOnce: 1, signal: never })).toMatchObject([
      { type: 'failed' },
      { type: 'done', result: 1 },
    ]);
  });

  it('begins nothing more when it is interrupted, and reports which tasks had begun', async () => {
    const abort = new AbortController();
    const begun: string[] = [];
    const run = async (name: string): Promise<string> => {
      begun.push(name);
      await turn();
      if (name === 'second') abort.abort(new Error('stop'));
      if (name !== 'second') return name; // Finishes although the run was aborted
      throw abort.signal.reason;
    };
    const names = ['second', 'third', 'fourth', 'fifth'];
    const outcomes = await runFleet(names, run, { atOnce: 2, signal: abort.signal });
    expect(begun).toEqual(['second', 'third']);
    expect(outcomes).toEqual([
      { type: 'interrupted', begun: true },
      { type: 'done', result: 'third' },
      { type: 'interrupted', begun: false },
      { type: 'interrupted', begun: false },
    ]);
  });
});
