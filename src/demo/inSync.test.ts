import { describe, expect, it } from 'vitest';
import { Reports } from './inSync.js';

function report({ cursors = [9, 9], looks = 3, needed = false, state = 'mirroring' as const } = {}) {
  const side = { index: 'c-v1', version: 1 };
  return {
    state,
    leader: 'source',
    source: side,
    target: side,
    cursors,
    idComparisons: { done: 1, looks, needed },
  } as never;
}

describe('the status after the last write', () => {
  it('counts the operations above the cursors, in all shards', () => {
    expect(new Reports().add(report({ cursors: [4, 9] }), [9, 11])).toMatchObject({ operations: 7 });
  });

  it('counts a shard without a cursor from its beginning, and none that is empty', () => {
    expect(new Reports().add(report({ cursors: [] }), [2, -1])).toMatchObject({ operations: 3 });
  });

  it('is in sync only when ids were compared after all operations were copied', () => {
    const reports = new Reports();
    reports.add(report({ cursors: [4, 9], looks: 3 }), [9, 9]);
    const sameLook = reports.add(report({ looks: 3 }), [9, 9]);
    expect(sameLook).toEqual({ operations: 0, deletesPending: true });
    const found = reports.add(report({ looks: 4, needed: true }), [9, 9]);
    expect(found).toEqual({ operations: 0, deletesPending: true });
    expect(reports.add(report({ looks: 5 }), [9, 9])).toEqual({ operations: 0, deletesPending: false });
  });

  it('is not in sync while the roles are exchanged', () => {
    const reports = new Reports();
    const settling = { ...(report({ looks: 9 }) as object), state: 'settling' } as never;
    for (let n = 0; n < 3; n++)
      expect(reports.add(settling, [9, 9])).toEqual({ operations: 0, deletesPending: true });
  });
});
