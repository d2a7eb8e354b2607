import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import type { RoundResult } from '../../follow/round.js';
import { type MigrationRecord, UNLIMITED } from '../../../protocol/record.js';
import type { ReconcilerResult } from '../duties/reconciler.js';
import { aborting } from './aborting.js';
import { copying } from './copying.js';
import { creating } from './creating.js';
import { finalizing } from './finalizing.js';
import { holding, switched } from './holding.js';
import { mirroring } from './mirroring.js';
import type { MirrorOutcome } from './moveGuards.js';
import { movingReaders } from './movingReaders.js';
import { restoring } from './restoring.js';
import { settling } from './settling.js';

const caughtUp: RoundResult = {
  type: 'confirmed',
  cursors: [9],
  caughtUp: true,
  copied: 4,
  dropped: 0,
  conflicts: 1,
  behind: 4,
};
const partly: RoundResult = { ...caughtUp, caughtUp: false };
const repeat: RoundResult = { type: 'repeat', reason: 'failed over' };

const reconciler: ReconcilerResult = {
  verified: true,
  compared: 3,
  differences: [],
  deletesReconciled: 2,
  deletesPending: false,
  idsComparedMsAgo: 60_000,
  idsCompared: false,
  rejected: 0,
  second: 'passed',
  unrepaired: 0,
  searchesPending: false,
  isReading: false,
};
const quiet: MirrorOutcome = {
  round: caughtUp,
  reconciler,
  lagMs: 50,
  comparisonMs: 100,
  holdInMs: 0,
  holdAt: '2026-01-01T00:00:00Z',
  leftBehind: 0,
  writers: {
    blocker: undefined,
    readElsewhere: false,
    mirrored: false,
    bypassed: false,
    past: 0,
    oldShaped: [],
  },
};

const mirror = (record: Partial<MigrationRecord>, outcome: Partial<MirrorOutcome> = {}) =>
  mirroring.decide(testRecord({ state: 'mirroring', ...record }), { ...quiet, ...outcome });

describe('creating', () => {
  it('-> copying from the beginning of every shard', () => {
    const decision = creating.decide(testRecord(), { documents: 7, checkpoints: [3, 5] });
    expect(decision).toEqual({
      to: 'copying',
      patch: { documents: 7, cursors: [-1, -1], roleStart: [-1, -1], backfillUpTo: null },
    });
  });
  it('keeps how far the engine is to copy by itself', () => {
    const decision = creating.decide(testRecord({ route: 'server' }), { documents: 7, checkpoints: [3, 5] });
    expect(decision.patch).toMatchObject({ cursors: [-1, -1], backfillUpTo: [3, 5] });
  });
  it('-> aborting when that is the goal', () => {
    expect(creating.decide(testRecord({ goal: 'aborted' }), { documents: 7, checkpoints: [3] }).to).toBe(
      'aborting',
    );
  });
});

describe('copying', () => {
  it('stays until it has caught up, and keeps the confirmed cursors', () => {
    const decision = copying.decide(testRecord(), { round: partly });
    expect(decision.to).toBe('copying');
    expect(decision.patch).toMatchObject({ cursors: [9], evidence: { copied: 4 } });
  });
  it('remembers with the cursors that documents were dropped', () => {
    const { patch } = copying.decide(testRecord(), { round: { ...caughtUp, dropped: 1 } });
    expect(patch).toMatchObject({ cursors: [9], drops: true, evidence: { dropped: 1 } });
  });
  it('does not move the cursors of a round that could not be confirmed', () => {
    expect(copying.decide(testRecord(), { round: repeat })).toEqual({
      to: 'copying',
      patch: { message: 'the round is repeated: failed over', throttled: '', copyLimit: UNLIMITED },
    });
  });
  it('keeps how fast the copy was, once it is done', () => {
    const pace = { documents: 10, bytes: 100, ms: 5, verifyMs: null };
    expect(copying.decide(testRecord(), { round: caughtUp, pace }).patch).toMatchObject({ copyPace: pace });
    expect(copying.decide(testRecord(), { round: partly, pace }).patch).not.toHaveProperty('copyPace');
  });
  it('-> restoring when it has caught up, but not while it is paused', () => {
    expect(copying.decide(testRecord(), { round: caughtUp }).to).toBe('restoring');
    expect(copying.decide(testRecord({ paused: true }), { round: caughtUp }).to).toBe('copying');
  });
  it('goes on by following when the engine can not copy by itself, and says why', () => {
    const decision = copying.decide(testRecord({ route: 'server' }), { round: repeat, unable: 'no module' });
    expect(decision).toMatchObject({ to: 'copying', patch: { route: 'client' } });
    expect(decision.patch.message).toContain('no module');
    expect(decision.patch.cursors).toBeUndefined();
  });
  it('-> aborting when that is the goal', () => {
    expect(copying.decide(testRecord({ goal: 'aborted' }), { round: partly }).to).toBe('aborting');
  });
});

describe('restoring', () => {
  it('-> mirroring once the target is green', () => {
    expect(restoring.decide(testRecord(), { round: caughtUp, waitsFor: '' }).to).toBe('mirroring');
  });
  it('stays as long as replicas are copied', () => {
    const decision = restoring.decide(testRecord(), { round: caughtUp, waitsFor: 'yellow' });
    expect(decision).toMatchObject({ to: 'restoring', patch: { message: 'yellow', cursors: [9] } });
  });
  it('-> aborting when that is the goal', () => {
    expect(restoring.decide(testRecord({ goal: 'aborted' }), { round: caughtUp, waitsFor: '' }).to).toBe(
      'aborting',
    );
  });
});

describe('mirroring', () => {
  it('stays at its goal', () => {
    expect(mirror({ goal: 'ready' })).toMatchObject({
      to: 'mirroring',
      patch: { cursors: [9], message: '' },
    });
  });
  it('-> movingReaders for a cut-over', () => {
    expect(mirror({ goal: 'cutover' }).to).toBe('movingReaders');
  });
  it('-> holding once the readers are on the target', () => {
    expect(mirror({ goal: 'switched', readers: 'target' }).to).toBe('holding');
  });
  it('does not end while documents of the old shape are written through gateways', () => {
    const writers = {
      blocker: undefined,
      readElsewhere: false,
      mirrored: true,
      bypassed: false,
      past: 0,
      oldShaped: ['gateway 1 on host'],
    };
    const atEnd = { goal: 'finalized', readers: 'target', leader: 'target', hasTransform: true } as const;
    expect(mirror(atEnd, { writers })).toMatchObject({
      to: 'mirroring',
      patch: { message: expect.stringContaining('twindex writers catalogue --version 2') as string },
    });
    expect(mirror({ ...atEnd, hasTransform: false }, { writers }).to).toBe('finalizing');
    const bare = { goal: 'switched', layout: 'bare-index', hasTransform: true } as const;
    expect(mirror(bare, { writers }).to).toBe('mirroring');
    expect(mirror(bare).to).toBe('holding');
  });
  it('waits with the writers until every gateway has moved the readers', () => {
    const writers = { ...quiet.writers, mirrored: true, readElsewhere: true };
    expect(mirror({ goal: 'switched', readers: 'target' }, { writers })).toMatchObject({
      to: 'mirroring',
      patch: { message: 'not every gateway has confirmed that it sends the readers to catalogue-v2' },
    });
    expect(mirror({ goal: 'cutover' }, { writers }).to).toBe('movingReaders');
  });
  it('waits until the gateways mirror', () => {
    const writers = {
      blocker: 'preparing',
      readElsewhere: false,
      mirrored: false,
      bypassed: false,
      past: 0,
      oldShaped: [],
    };
    expect(mirror({ goal: 'cutover' }, { writers })).toMatchObject({
      to: 'mirroring',
      patch: { message: 'preparing' },
    });
  });
  it('-> finalizing, -> aborting', () => {
    expect(mirror({ goal: 'finalized', readers: 'target', leader: 'target' }).to).toBe('finalizing');
    expect(mirror({ goal: 'aborted' }).to).toBe('aborting');
  });
  it.each<[string, Partial<MigrationRecord>, Partial<MirrorOutcome>, string]>([
    [
      'it is not verified',
      { verified: false },
      { reconciler: { ...reconciler, verified: false } },
      'verifying',
    ],
    [
      'documents are rejected',
      {},
      { reconciler: { ...reconciler, rejected: 2 } },
      '2 documents are rejected',
    ],
    ['the lag is large', {}, { lagMs: 1_001 }, 'above 1000 ms'],
    ['the round did not catch up', {}, { round: partly, reconciler: undefined }, 'catching up'],
    ['the round has to be repeated', {}, { round: repeat, reconciler: undefined }, 'catching up'],
    ['deletes are unseen', {}, { reconciler: { ...reconciler, deletesPending: true } }, 'comparing ids'],
    [
      'ids were never compared',
      {},
      { reconciler: { ...reconciler, idsComparedMsAgo: undefined } },
      'comparing ids',
    ],
    ['it is paused', { paused: true }, {}, 'paused'],
    [
      'the searches are not compared',
      {},
      { reconciler: { ...reconciler, searchesPending: true } },
      'the searches',
    ],
  ])('moves neither readers nor writers to the follower while %s', (_, record, outcome, message) => {
    for (const roles of [{ goal: 'cutover' }, { goal: 'switched', readers: 'target' }] as const) {
      const decision = mirror({ ...record, ...roles }, outcome);
      expect(decision.to).toBe('mirroring');
      expect(decision.patch.message).toContain(message);
    }
  });
  it('leaves the readers where they are while a threshold does not hold, and moves them when it is forced', () => {
    const notAccepted = { goal: 'cutover', acceptance: { differences: 0 } } as const;
    const { evidence } = testRecord();
    const found = { ...notAccepted, evidence: { ...evidence, differences: 1 } };
    expect(mirror(notAccepted).to).toBe('movingReaders');
    expect(mirror(found).refusal?.message).toContain('--force differences');
    expect(mirror(found).patch.message).toBe(mirror(found).refusal?.message);
    // The threshold was measured, so a lag that will pass does not change the result.
    expect(mirror(found, { lagMs: 99_999 }).refusal?.message).toContain('differences is 1, above 0');
    expect(
      mirror({ ...found, verified: false }, { reconciler: { ...reconciler, verified: false } }).refusal,
    ).toBe(undefined);
    expect(mirror({ ...found, forced: ['differences'] }).to).toBe('movingReaders');
    const both = mirror({ ...found, goal: 'switched', layout: 'one-alias' });
    expect(both.refusal?.message).toContain('twindex switch catalogue --force differences');
    // The readers are on the target already, or on the way back.
    expect(mirror({ ...found, goal: 'switched', readers: 'target' }).to).toBe('holding');
    expect(mirror({ ...found, goal: 'ready', readers: 'target' }).to).toBe('movingReaders');
  });
  it('says how to allow a longer lag', () => {
    expect(mirror({ goal: 'cutover' }, { lagMs: 2_500 }).patch.message).toContain(
      'twindex migrate catalogue --max-lag 4s',
    );
  });
  it('judges the searches when they have been compared', () => {
    const asked = { goal: 'cutover', acceptance: { overlapAt10: 1 } } as const;
    expect(mirror(asked, { reconciler: { ...reconciler, searchesPending: true } })).toMatchObject({
      to: 'mirroring',
      patch: { message: 'comparing the searches on both indexes' },
    });
    expect(mirror(asked).refusal?.message).toContain('overlapAt10: no searches have been compared');
  });
  it('lets readers and writers soak before the next move, but never on the way back', () => {
    const after = { goal: 'finalized', readers: 'target', soakLeftMs: 1 } as const;
    expect(mirror(after).patch.message).toContain('twindex switch catalogue');
    expect(mirror({ ...after, leader: 'target' }).patch.message).toContain('twindex finalize catalogue');
    expect(mirror({ ...after, goal: 'ready' }).to).toBe('movingReaders');
    expect(mirror({ ...after, goal: 'ready', readers: 'source', leader: 'target' }).to).toBe('holding');
  });
  it('takes the readers back to the leader whatever the lag', () => {
    expect(mirror({ goal: 'ready', readers: 'target', verified: false }, { lagMs: 99_999 }).to).toBe(
      'movingReaders',
    );
  });
  it('ignores rejected documents that are to be dropped', () => {
    const { options } = testRecord();
    const record = { goal: 'cutover', options: { ...options, dropRejected: true } } as const;
    expect(mirror(record, { reconciler: { ...reconciler, rejected: 2 } }).to).toBe('movingReaders');
  });
  it('begins no further hold when the last one has ended the tries, or none can be prepared', () => {
    const switching = { goal: 'switched', readers: 'target' } as const;
    const holds = { reason: 'slow', inARow: 10, lastingInARow: 0 };
    expect(mirror({ ...switching, holds }).refusal).toMatchObject({ because: 'hold' });
    const tries = { ...holds, inARow: 9 };
    const later = mirror({ ...switching, holds: tries }, { holdInMs: 5 });
    expect([later.to, later.refusal]).toEqual(['mirroring', undefined]);
    expect(later.patch.message).toContain('attempt 9 of at most 10');
    expect(later.patch.message).toContain('To stop trying: twindex cutover catalogue');
    const ofOneName = { ...switching, readers: 'source', layout: 'one-alias' } as const;
    expect(mirror({ ...ofOneName, holds: tries }, { holdInMs: 5 }).patch.message).toContain(
      'To stop trying: twindex rollback catalogue',
    );
    expect(mirror({ ...switching, holds: tries }).patch.holds?.inARow).toBe(10);
    expect(mirror(switching, { unprepared: 'no privilege' }).refusal).toMatchObject({
      because: 'hold',
      message: 'the writers are not switched: no privilege',
    });
  });
  it('refuses both moves to the target while a filter does not fit it, and says so before', () => {
    const filtersFail = 'the filter of x';
    for (const roles of [{ goal: 'cutover' }, { goal: 'switched', readers: 'target' }] as const)
      expect(mirror(roles, { filtersFail }).refusal).toEqual({ because: 'aliases', message: filtersFail });
    const atGoal = mirror({}, { filtersFail });
    expect([atGoal.to, atGoal.patch.message, atGoal.refusal]).toEqual(['mirroring', filtersFail, undefined]);
    expect(mirror({ readers: 'target' }, { filtersFail }).to).toBe('movingReaders');
  });
  it('notes aliases that have changed, and moves nobody in the same step', () => {
    const aliases = { 'catalogue-read': {}, 'catalogue-write': {}, late: {} };
    for (const roles of [{ goal: 'cutover' }, { goal: 'switched', readers: 'target' }] as const) {
      const { to, patch } = mirror(roles, { aliases });
      expect([to, patch.sourceAliases]).toEqual(['mirroring', aliases]);
    }
  });
  it('does not hold before the grace is over', () => {
    expect(mirror({ goal: 'switched', readers: 'target' }, { holdInMs: 10 }).to).toBe('mirroring');
  });
  it('adds up the evidence', () => {
    const difference = {
      key: { id: 'a', routing: undefined },
      kind: 'content',
      fields: [],
      repaired: true,
    } as const;
    const { patch } = mirror({}, { reconciler: { ...reconciler, differences: [difference] } });
    expect(patch.evidence).toMatchObject({
      compared: 3,
      differences: 1,
      repaired: 1,
      deletesReconciled: 2,
      copied: 4,
    });
  });
});

describe('movingReaders', () => {
  it('-> mirroring with the readers on the other index', () => {
    const decision = movingReaders.decide(testRecord({ goal: 'cutover' }), { type: 'moved', cursors: [12] });
    expect(decision).toEqual({ to: 'mirroring', patch: { readers: 'target', cursors: [12] } });
  });
  it('stays while a gateway has not confirmed that it waits for its copies', () => {
    const decision = movingReaders.decide(testRecord({ goal: 'cutover' }), { type: 'notYet', reason: 'w' });
    expect(decision).toEqual({ to: 'movingReaders', patch: { message: 'w' } });
  });
  it('-> mirroring to be verified again, when they are back on the leader', () => {
    const decision = movingReaders.decide(testRecord({ readers: 'target' }), {
      type: 'moved',
      cursors: undefined,
    });
    expect(decision).toEqual({ to: 'mirroring', patch: { readers: 'source', verified: false } });
  });
  it('-> mirroring, and is withdrawn, when the engine refuses to move the alias', () => {
    const decision = movingReaders.decide(testRecord(), { type: 'refused', reason: '400' });
    expect(decision).toMatchObject({ to: 'mirroring', refusal: { because: 'aliases' } });
  });
  it('-> mirroring, unchanged, when the readers could not be moved', () => {
    const decision = movingReaders.decide(testRecord(), { type: 'notNow', reason: 'lag' });
    expect(decision).toEqual({ to: 'mirroring', patch: { message: 'lag' } });
  });
});

describe('holding', () => {
  const held = testRecord({ state: 'holding', readers: 'target', returnCursors: [30], drops: true });
  it('-> settling with the roles exchanged, a higher epoch and the cursors of the proof', () => {
    const decision = holding.decide(held, { type: 'switched', pauseMs: 120 });
    expect(decision.to).toBe('settling');
    expect(decision.patch).toMatchObject({
      leader: 'target',
      readers: 'target',
      epoch: 2,
      cursors: [30],
      roleStart: [30],
      verified: false,
      evidence: { writePauseMs: [120] },
    });
  });
  it('-> mirroring when it went back, and counts it', () => {
    const second = { ...held, holds: { inARow: 2, lastingInARow: 1, reason: 'refused' } };
    const decision = holding.decide(second, { type: 'wentBack', reason: 'slow', lasting: 'passing' });
    expect(decision).toMatchObject({
      to: 'mirroring',
      patch: { evidence: { holdsGivenUp: 1 }, holds: { inARow: 2, lastingInARow: 0, reason: 'slow' } },
    });
    expect(decision.patch.leader).toBeUndefined();
    expect(decision.patch.message).toContain(
      'slow. This was attempt 2 of at most 10; the next one begins after 6 s',
    );
    expect(decision.refusal).toBeUndefined();
  });
  it('-> mirroring, and the switch is withdrawn, when there is to be no further hold', () => {
    const outcome = { type: 'wentBack', reason: 'refused with 400', lasting: 'permanent' } as const;
    const first = { ...held, holds: { inARow: 1, lastingInARow: 0, reason: '' } };
    const { to, refusal } = holding.decide(first, outcome);
    expect(to).toBe('mirroring');
    expect(refusal?.because).toBe('hold');
    expect(refusal?.message).toMatch(/refused with 400.*twindex switch catalogue$/);
    const back = { ...first, leader: 'target' } as const;
    expect(holding.decide(back, outcome).refusal?.message).toMatch(/twindex rollback catalogue$/);
  });
  it('-> finalizing where the bare index went with the switch', () => {
    const bare = testRecord({ layout: 'bare-index', returnCursors: [3] });
    expect(holding.decide(bare, { type: 'switched', pauseMs: 1 }).to).toBe('finalizing');
  });
  it('takes the readers along where one alias serves both', () => {
    expect(switched(testRecord({ layout: 'one-alias', returnCursors: [3] })).readers).toBe('target');
    expect(switched(testRecord({ readers: 'source', returnCursors: [3] })).readers).toBe('source');
  });
});

describe('a rollback', () => {
  const after = { goal: 'ready', leader: 'target', readers: 'target', verified: false } as const;
  const unverified: ReconcilerResult = { ...reconciler, verified: false, second: 'running' };
  it('does not wait until everything was verified in the new roles, nor for the second check', () => {
    expect(mirror(after, { reconciler: unverified }).to).toBe('movingReaders');
    expect(mirror({ ...after, readers: 'source' }, { reconciler: unverified }).to).toBe('holding');
    expect(mirror({ ...after, layout: 'one-alias' }, { reconciler: unverified }).to).toBe('holding');
  });
  it.each([
    ['what is not followed yet', { round: partly }, 'catching up'],
    ['a lag', { lagMs: 60_000 }, 'the lag of 60000 ms'],
    ['rejected documents', { reconciler: { ...unverified, rejected: 1 } }, 'has rejected the writes to'],
    [
      'deletes that are not looked for yet',
      { reconciler: { ...unverified, idsComparedMsAgo: undefined } },
      'comparing ids',
    ],
  ] as const)('waits for %s, and says where readers and writers are', (_, outcome, reason) => {
    const { to, patch } = mirror(after, { reconciler: unverified, ...outcome });
    expect(to).toBe('mirroring');
    expect(patch.message).toMatch(/^the rollback waits, and readers and writers are on catalogue-v2: /);
    expect(patch.message).toContain(reason);
    expect(mirror({ ...after, readers: 'source' }, outcome).patch.message).toContain(
      'readers are on catalogue-v1, writers on catalogue-v2',
    );
  });
  it('is refused where the second check has found something', () => {
    const secondCheck = { at: '', sampled: 1, counts: '', wrong: ['d1: content'], advice: 'Look.' };
    expect(
      mirror({ ...after, secondCheck }, { reconciler: { ...unverified, second: 'failed' } }).refusal?.because,
    ).toBe('secondCheck');
  });
  it('says until when the grace of a takeover keeps the writers', () => {
    const { patch } = mirror({ ...after, readers: 'source' }, { reconciler: unverified, holdInMs: 9_000 });
    expect(patch.message).toContain('the writers are switched after 2026-01-01T00:00:00Z');
  });
});

describe('settling, finalizing and aborting', () => {
  const waiting = { type: 'waiting', until: '2026-01-01T00:00:00Z' } as const;
  it('settling stays for the grace, then -> mirroring', () => {
    expect(settling.decide(testRecord(), waiting).to).toBe('settling');
    expect(settling.decide(testRecord(), { type: 'settled' }).to).toBe('mirroring');
  });
  it.each([
    [
      'switched',
      'target',
      /^a rollback is possible from 2026-01-01T00:00:00Z: .* could still reach catalogue-v1 /,
    ],
    [
      'ready',
      'target',
      /^the rollback continues at 2026-01-01T00:00:00Z: .* could still reach catalogue-v1 /,
    ],
    ['ready', 'source', /^catalogue-v2 is kept in sync again from 2026-01-01T00:00:00Z on: /],
  ] as const)(
    'settling to %s with writers on the %s says until when it waits, and where everybody is',
    (goal, side, text) => {
      const { patch } = settling.decide(testRecord({ goal, leader: side, readers: side }), waiting);
      expect(patch.message).toMatch(text);
      expect(patch.message).toContain(`readers and writers are on catalogue-v${side === 'source' ? 1 : 2}`);
    },
  );
  it('finalizing stays while the source is read, then -> finalized', () => {
    expect(finalizing.decide(testRecord(), { waitsFor: 'a scroll' }).to).toBe('finalizing');
    expect(finalizing.decide(testRecord(), { waitsFor: '' })).toMatchObject({
      to: 'finalized',
      patch: { keptUntil: null },
    });
  });
  it('finalizing says until when a closed source is kept', () => {
    const { options, updatedAt } = testRecord();
    const { patch } = finalizing.decide(testRecord({ options: { ...options, keepMs: 3_600_000 } }), {
      waitsFor: '',
    });
    expect(Date.parse(patch.keptUntil ?? '') - Date.parse(updatedAt)).toBe(3_600_000);
  });
  it('aborting -> aborted', () => {
    expect(aborting.decide(testRecord(), null).to).toBe('aborted');
  });
});
