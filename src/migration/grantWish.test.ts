import { describe, expect, it } from 'vitest';
import { testRecord } from '../../tests/testRecord.js';
import { grant, whyNot } from './grantWish.js';

describe('a wish', () => {
  it('sets the goal, and wakes a paused migration', () => {
    const patch = grant(testRecord({ paused: true }), { wish: 'switch', id: 'w' });
    expect(patch).toMatchObject({ handledWish: 'w', paused: false, goal: 'switched' });
  });

  it('to move ends a soak, and remembers which bounds need not be kept', () => {
    const record = testRecord({ movedAt: '2026-01-01T00:00:00Z', forced: ['queryErrors'] });
    expect(grant(record, { wish: 'switch', force: ['overlapAt10'], id: 'w' })).toMatchObject({
      movedAt: null,
      forced: ['queryErrors', 'overlapAt10'],
    });
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

  it('about searches changes what it names', () => {
    const reads = { record: 0.1, shadow: 0, canary: 0.2, sticky: null };
    const record = testRecord({ reads });
    expect(grant(record, { wish: 'reads', reads: { shadow: 1 }, id: 'w' })).toEqual({
      handledWish: 'w',
      reads: { ...reads, shadow: 1 },
    });
  });

  it('to go back takes the readers of the canary back, too', () => {
    const reads = { record: 0.1, shadow: 0, canary: 0.2, sticky: null };
    expect(grant(testRecord({ reads }), { wish: 'rollback', id: 'w' })).toMatchObject({
      goal: 'ready',
      reads: { ...reads, canary: 0 },
    });
  });

  it('to leave rejected documents out adds them once, and makes counts worth nothing', () => {
    const [a, b] = [
      { id: 'a', routing: null },
      { id: 'b', routing: 'r' },
    ];
    const record = testRecord({ leftOut: [a], goal: 'cutover' });
    const patch = { handledWish: 'w', drops: true, leftOut: [a, b] };
    expect(grant(record, { wish: 'leaveOut', leftOut: [a, b], id: 'w' })).toEqual(patch);
  });

  it('to try rejected documents again changes nothing about where it goes', () => {
    expect(grant(testRecord({ paused: true }), { wish: 'replay', id: 'w' })).toEqual({ handledWish: 'w' });
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

describe('readers on the canary', () => {
  const canary = { wish: 'reads', reads: { canary: 0.1 } } as const;

  it.each([
    ['before the target is verified', testRecord({ verified: false }), 'not verified yet'],
    ['after the cut-over', testRecord({ readers: 'target' }), 'on catalogue-v2 already'],
    [
      'of an alias with a filter',
      testRecord({ sourceAliases: { 'catalogue-read': { filter: { term: { a: 1 } } } } }),
      'catalogue-read has a filter',
    ],
  ])('are not possible %s', (_, record, text) => {
    expect(whyNot(record, canary)).toContain(text);
  });

  it('are possible when it is, and stand in the way of an abort', () => {
    expect(whyNot(testRecord(), canary)).toBeUndefined();
    const reads = { record: 0, shadow: 0, canary: 0.1, sticky: null };
    expect(whyNot(testRecord({ reads }), { wish: 'abort' })).toContain('twindex rollback catalogue');
  });

  it('are not those of a shadow, which is possible at any time', () => {
    const unverified = testRecord({ verified: false });
    expect(whyNot(unverified, { wish: 'reads', reads: { shadow: 1 } })).toBeUndefined();
    const routed = testRecord({ sourceAliases: { 'catalogue-read': { search_routing: 'a' } } });
    expect(whyNot(routed, { wish: 'reads', reads: { shadow: 1 } })).toContain('has a search_routing');
  });
});
