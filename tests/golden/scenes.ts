// Recorded states and events of migrations. Their screens are in screens/, as src/cli/text/screens.test.ts draws
// them.
import type { Events } from '../../src/events.js';
import type { MigrationHistory } from '../../src/coordinator/migration/steering/getHistory.js';
import type { MigrationStatus } from '../../src/coordinator/migration/steering/getStatus.js';
import type { HistoryEntry, MigrationRecord } from '../../src/protocol/record.js';
import { phaseOf } from '../../src/protocol/states.js';
import { testRecord } from '../testRecord.js';

/** The time at which all screens are drawn. */
export const NOW = '2026-03-02T12:00:00.000Z';
const before = (ms: number): string => new Date(Date.parse(NOW) - ms).toISOString();

const HOLDER = { id: 'c1', host: 'ops-1/pid:[4026531836]', pid: 4711, user: 'lena' };

function status(
  record: Partial<MigrationRecord>,
  more: Partial<Omit<MigrationStatus, 'record'>> = {},
): MigrationStatus {
  const whole = testRecord({
    documents: 120_000,
    holder: HOLDER,
    startedAt: before(252_000),
    updatedAt: before(1_300),
    ...record,
  });
  return {
    name: whole.name,
    phase: phaseOf(whole),
    record: whole,
    rejected: { count: 0, first: [], byReason: [] },
    writers: [],
    pastWriters: 0,
    troubles: [],
    workers: [],
    ...more,
  };
}

const NO_EVIDENCE = testRecord().evidence;
const COPIED = { ...NO_EVIDENCE, copied: 120_000 };
const VERIFIED = { ...COPIED, compared: 120_412, differences: 1, repaired: 1, deletesReconciled: 17 };
const LAG = { operations: 3, lagMs: 41, deletesPending: false };

const COPYING: Partial<MigrationRecord> = {
  state: 'copying',
  goal: 'cutover',
  verified: false,
  progress: { task: 'copy', done: 49_212, confirmed: 41_000, total: 120_000, rate: 8_123, etaMs: 8_700 },
  throttled: '8,200 documents/s at most: searches take 1.4 times as long as without the copy',
};

/** By the name of the file with the screens. */
export const STATUSES: Readonly<Record<string, MigrationStatus>> = {
  'status copying': status(COPYING),
  'status copying with workers and rejected documents': status(
    { ...COPYING, route: 'client', hasTransform: true },
    {
      rejected: {
        count: 1_206,
        first: [],
        byReason: [
          {
            reason: 'mapper_parsing_exception: failed to parse field [price] of type [double]: For input string: "…"',
            count: 1_200,
            ids: ['17', '23', '40'],
          },
          { reason: 'the transform failed: migrations[2].up of catalogue failed: no price', count: 6, ids: ['8'] },
        ],
      },
      workers: [
        {
          kind: 'worker',
          id: 'w1',
          host: 'ops-2',
          pid: 99,
          twindex: '0.1.0',
          serves: ['*'],
          slots: 3,
          leaseMs: 10_000,
          beat: 4,
          startedAt: before(60_000),
          updatedAt: before(900),
          docsPerSecond: 4_011,
          comparisons: [],
          windows: [],
        },
      ],
    },
  ),
  'status of a copy whose coordinator was killed': status({ ...COPYING, updatedAt: before(190_000) }),
  'status verifying': status({
    goal: 'cutover',
    verified: false,
    message: 'verifying',
    lag: LAG,
    evidence: { ...COPIED, compared: 60_312 },
    progress: { task: 'verify', done: 60_312, confirmed: 60_312, total: 120_000, rate: 22_804, etaMs: 2_617 },
  }),
  'status incomplete': status(
    {
      goal: 'cutover',
      rejected: 2,
      lag: LAG,
      evidence: VERIFIED,
      message:
        '2 documents are rejected by catalogue-v2: see twindex rejected catalogue. Readers and writers stay on catalogue-v1',
    },
    {
      rejected: {
        count: 2,
        first: [],
        byReason: [{ reason: 'the transform failed: no price', count: 2, ids: ['8', '9'] }],
      },
    },
  ),
  'status ready': status({ lag: LAG, evidence: VERIFIED }),
  'status cutover with a gateway': status(
    {
      goal: 'cutover',
      readers: 'target',
      lag: LAG,
      evidence: VERIFIED,
      writers: { mode: 'mirror', generation: 1, pruned: 0, version: 1, moves: 1 },
      secondCheck: {
        at: before(60_000),
        sampled: 1_000,
        counts: '120,412 and 120,412',
        wrong: [],
        advice: '',
      },
    },
    {
      pastWriters: 2,
      writers: [
        {
          kind: 'writer',
          id: 'g1',
          type: 'gateway',
          host: 'web-1',
          pid: 812,
          twindex: '0.1.0',
          names: ['catalogue'],
          leaseMs: 10_000,
          heartbeat: 7,
          startedAt: before(3_600_000),
          updatedAt: before(2_100),
          migrations: {
            catalogue: {
              recorded: 0,
              canary: 0,
              shadow: null,
              generation: 1,
              holds: false,
              awaitsCopies: 1,
              readers: 'target',
              moves: 1,
              away: null,
              shapes: { '1': before(2_000), '2': before(2_000) },
              mirrored: 31_204,
              conflicts: 4,
              refused: 0,
              unanswered: 0,
              bypassed: 0,
              richer: 0,
              unmerged: 0,
            },
          },
        },
      ],
    },
  ),
  'status settling after the switch': status({
    goal: 'switched',
    state: 'settling',
    leader: 'target',
    readers: 'target',
    verified: false,
    evidence: { ...VERIFIED, writePauseMs: [212] },
    message:
      'a rollback is possible from 2026-03-02T12:00:41Z: until then a write that was sent before the switch could still reach catalogue-v1 (--grace). readers and writers are on catalogue-v2',
  }),
  'status paused, with a full disk': status(
    { paused: true, message: 'paused', lag: LAG, evidence: VERIFIED },
    {
      troubles: [
        'catalogue-v2 accepts no writes, since the disk of one of its nodes is over the flood-stage watermark (index.blocks.read_only_allow_delete). Free space; then the engine removes the block. Otherwise remove it: PUT /catalogue-v2/_settings {"index.blocks.read_only_allow_delete":null}',
      ],
    },
  ),
  'status finalized': status({
    state: 'finalized',
    goal: 'finalized',
    leader: 'target',
    readers: 'target',
    holder: null,
    startedAt: before(90_000_000),
    updatedAt: before(86_400_000),
    evidence: { ...VERIFIED, writePauseMs: [212] },
  }),
};

const named = (name: string, record: Partial<MigrationRecord>): MigrationStatus =>
  status({
    name,
    source: { index: `${name}-v1`, version: 1 },
    target: { index: `${name}-v2`, version: 2 },
    ...record,
  });

const three = (n: number): string => String(n).padStart(3, '0');

/** 500 tenants: most rest at `ready`, some are copied, and a few need somebody. */
const TENANTS: readonly MigrationStatus[] = Array.from({ length: 500 }, (_, n) => {
  const name = `tenant-${three(n + 1)}`;
  if (n % 100 === 16) return named(name, { rejected: 3 });
  if (n % 250 === 201) return named(name, { ...COPYING, updatedAt: before(400_000) });
  if (n % 125 === 60)
    return named(name, {
      ...COPYING,
      progress: { task: 'copy', done: n * 200, confirmed: 0, total: 120_000, rate: 800, etaMs: 90_000 + n * 1_000 },
    });
  if (n % 50 === 3) return named(name, { leader: 'target', readers: 'target', goal: 'switched' });
  return named(name, {});
});

const FEW: readonly MigrationStatus[] = [
  named('catalogue', COPYING),
  named('customers', { verified: false, goal: 'cutover', progress: { task: 'verify', done: 900, confirmed: 900, total: 1_000, rate: 450, etaMs: 222 } }),
  named('orders', { goal: 'switched', leader: 'target', readers: 'target' }),
  named('reviews', { rejected: 12 }),
];

/** By the name of the file with the screens. */
export const TABLES: Readonly<Record<string, readonly MigrationStatus[]>> = {
  'status of four migrations': FEW,
  'status of 500 tenants': TENANTS,
};

type Emitted = { readonly [E in keyof Events]: readonly [event: E, payload: Events[E][0]] }[keyof Events];

const progress = (done: number): Emitted => [
  'progress',
  {
    migration: 'catalogue',
    task: 'copy',
    done,
    total: 120_000,
    rate: 8_123,
    etaMs: Math.round((120_000 - done) / 8.123),
  },
];

/** The events of a `migrate --until cutover`, several seconds apart. */
export const EVENTS: readonly Emitted[] = [
  ['reached', { migration: 'catalogue', phase: 'copying' }],
  ['state', { migration: 'catalogue', from: 'creating', to: 'copying' }],
  progress(0),
  progress(49_212),
  [
    'note',
    {
      migration: 'catalogue',
      level: 'warn',
      text: 'the cluster does not answer: GET /catalogue-v1/_search on http://es-1.example.org:9200 was not answered within 30 s; trying again',
    },
  ],
  progress(98_004),
  ['effect', { migration: 'catalogue', name: 'restoreTarget', ms: 40 }],
  ['state', { migration: 'catalogue', from: 'copying', to: 'restoring' }],
  ['state', { migration: 'catalogue', from: 'restoring', to: 'mirroring' }],
  ['reached', { migration: 'catalogue', phase: 'verifying' }],
  ['lag', { migration: 'catalogue', operations: 1_204, lagMs: 212, deletesPending: true }],
  ['reached', { migration: 'catalogue', phase: 'ready' }],
  ['state', { migration: 'catalogue', from: 'mirroring', to: 'movingReaders' }],
  ['note', { migration: 'catalogue', level: 'info', text: 'readers are on catalogue-v2, writers on catalogue-v1' }],
  ['state', { migration: 'catalogue', from: 'movingReaders', to: 'mirroring' }],
  ['reached', { migration: 'catalogue', phase: 'cutover' }],
];

/** The record at the end of these events. */
export const AT_CUTOVER = testRecord({
  documents: 120_000,
  goal: 'cutover',
  readers: 'target',
  evidence: VERIFIED,
});

const entry = (at: string, what: string, change: Partial<HistoryEntry> = {}): HistoryEntry => ({
  at: `2026-03-0${at}Z`,
  what,
  by: 'lena@ops-1',
  twindex: '0.1.0',
  why: '',
  evidence: null,
  ...change,
});

export const HISTORY: MigrationHistory = {
  id: 'a',
  from: 'catalogue-v1',
  to: 'catalogue-v2',
  phase: 'finalized',
  by: 'lena@ops-1',
  startedAt: '2026-03-02T09:12:44.120Z',
  endedAt: '2026-03-03T10:40:07.981Z',
  entries: [
    entry('2T09:12:44.120', 'begun: catalogue-v1 -> catalogue-v2, route server', { why: 'goal: ready' }),
    entry('2T14:02:10.442', 'cutover (requested by marc@laptop)'),
    entry('2T14:02:10.911', 'movingReaders -> mirroring', {
      why: 'goal: cutover',
      evidence: { compared: 120_412, differences: 1, repaired: 1, rejected: 0 },
    }),
    entry('3T10:40:07.981', 'finalizing -> finalized', { why: 'goal: finalized', twindex: '' }),
  ],
};
