import { describe, expect, it } from 'vitest';
import { newTally, type Refused } from '../../protocol/replication.js';
import type { HandedOutWindow } from '../../journal/workerDocuments.js';
import { SharedRun } from './sharedRun.js';

const WINDOW: HandedOutWindow = {
  id: 'w',
  migration: 'm',
  name: 'catalogue',
  token: 3,
  shard: 1,
  after: 99,
  upTo: 199,
  docsPerSecond: null,
  stop: false,
  state: 'open',
  cursor: 99,
  handled: 0,
  conflicts: 0,
  dropped: 0,
  busy: 0,
  refused: [],
  reason: '',
};

function begun(keepRefused: (refused: readonly Refused[]) => Promise<void> = () => Promise.resolve()) {
  const tally = newTally();
  return { tally, run: new SharedRun({ worker: 'id', window: WINDOW, tally, keepRefused }) };
}

describe('a window that a worker copies', () => {
  it('shows how far it is, and ends when the worker says so, with its counts', async () => {
    const { run, tally } = begun();
    await run.see({ ...WINDOW, handled: 40, cursor: 150 });
    expect([run.handled, run.cursor, run.over]).toEqual([40, 150, false]);
    const counts = { conflicts: 2, dropped: 3, busy: 1 };
    await run.see({ ...WINDOW, ...counts, state: 'done', handled: 90, cursor: 199 });
    expect(await run.ended).toEqual({ type: 'copied' });
    expect(tally).toMatchObject({ ...counts, copied: 88 });
    expect(run.over).toBe(true);
  });

  it.each(['stopped', 'failed', 'unfit'] as const)('that is %s counts up to its cursor', async (state) => {
    const { run } = begun();
    await run.see({ ...WINDOW, state, cursor: 120 });
    expect(await run.ended).toEqual({ type: 'stopped', cursor: 120 });
  });

  it('ends only when its refused documents are saved, and rejects if that fails', async () => {
    const kept: Refused[] = [];
    const refused = [{ id: 'd', routing: null, version: '9007199254740993', reason: 'no number' }];
    const { run } = begun(async (all) => {
      await Promise.resolve();
      kept.push(...all);
    });
    await run.see({ ...WINDOW, state: 'done', refused });
    expect(kept).toEqual([
      { key: { id: 'd', routing: undefined }, version: 9_007_199_254_740_993n, reason: 'no number' },
    ]);
    const { run: other } = begun(() => Promise.reject(new Error('too many')));
    other.ended.catch(() => undefined);
    await other.see({ ...WINDOW, state: 'done', refused });
    await expect(other.ended).rejects.toThrow('too many');
  });

  it('is slowed down and stopped through its entry, which stays the same object when nothing changes', () => {
    const { run } = begun();
    expect(run.wanted(WINDOW)).toBe(WINDOW);
    run.pace(500);
    expect(run.wanted(WINDOW)).toEqual({ ...WINDOW, docsPerSecond: 500 });
    run.pace(Number.POSITIVE_INFINITY);
    run.cancel();
    expect(run.wanted(WINDOW)).toEqual({ ...WINDOW, stop: true });
  });

  it('does not end by itself when a write of it was not answered', async () => {
    const { run } = begun();
    await run.see({ ...WINDOW, state: 'unanswered' });
    expect(run.over).toBe(false);
    run.lose(new Error('a new token'));
    await expect(run.ended).rejects.toThrow('a new token');
  });
});
