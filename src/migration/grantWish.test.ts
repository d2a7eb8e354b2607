import { describe, expect, it } from 'vitest';
import { testRecord } from '../../tests/testRecord.js';
import { grant, whyNot } from './grantWish.js';

describe('a wish', () => {
  it('sets the goal, and wakes a paused migration', () => {
    const patch = grant(testRecord({ paused: true }), { wish: 'switch', id: 'w' });
    expect(patch).toEqual({ handledWish: 'w', paused: false, goal: 'switched' });
  });

  it('to pause leaves the goal alone', () => {
    expect(grant(testRecord({ goal: 'cutover' }), { wish: 'pause', id: 'w' })).toEqual({
      handledWish: 'w',
      paused: true,
    });
  });

  it('sets the version of writes that name none', () => {
    const record = testRecord();
    expect(grant(record, { wish: 'writers', version: 2, id: 'w' })).toEqual({
      handledWish: 'w',
      writers: { ...record.writers, version: 2 },
    });
    expect(whyNot(record, { wish: 'writers', version: 3 })).toContain('version 1 or 2');
  });

  it('that can not be granted is only marked as seen', () => {
    const record = testRecord({ readers: 'target' });
    expect(grant(record, { wish: 'abort', id: 'w' })).toEqual({ handledWish: 'w' });
  });
});

describe('what can not be granted', () => {
  it.each([
    ['abort after the cut-over', testRecord({ readers: 'target' }), 'abort', 'twindex rollback catalogue'],
    ['abort after the switch', testRecord({ first: 'target' }), 'abort', 'twindex rollback catalogue'],
    ['a cut-over with one alias', testRecord({ layout: 'one-alias' }), 'cutover', 'twindex switch catalogue'],
    [
      'rollback while the source goes',
      testRecord({ state: 'finalizing' }),
      'rollback',
      'catalogue-v1 is going',
    ],
    ['anything at the end', testRecord({ state: 'aborted' }), 'resume', 'is aborted already'],
  ] as const)('%s says why, and what to do', (_, record, wish, text) => {
    expect(whyNot(record, { wish })).toContain(text);
  });

  it('is nothing else', () => {
    for (const wish of ['pause', 'resume', 'cutover', 'switch', 'rollback', 'finalize', 'abort'] as const)
      expect(whyNot(testRecord(), { wish })).toBeUndefined();
  });
});
