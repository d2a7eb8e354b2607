import { describe, expect, it } from 'vitest';
import { testRecord } from '../../tests/testRecord.js';
import { GOALS, type Goal, type MigrationRecord, other, type Side, STATES } from './record.js';
import { NEXT, nextMove, phaseOf } from './states.js';

const SIDES: readonly Side[] = ['source', 'target'];
const layouts = ['two-aliases', 'one-alias'] as const;

function moved(record: MigrationRecord): MigrationRecord {
  const move = nextMove(record);
  if (move.type === 'readers') return { ...record, readers: move.to };
  if (move.type !== 'writers') return record;
  const leader = other(record.leader);
  return { ...record, leader, readers: record.layout === 'two-aliases' ? record.readers : leader };
}

function everyStart(layout: MigrationRecord['layout'], goal: Goal): MigrationRecord[] {
  const all = SIDES.flatMap((leader) =>
    SIDES.map((readers) => testRecord({ layout, goal, leader, readers })),
  );
  return layout === 'two-aliases' ? all : all.filter(({ leader, readers }) => leader === readers);
}

describe('nextMove', () => {
  const end: Record<Goal, readonly [first: Side, readers: Side, last: string]> = {
    ready: ['source', 'source', 'stay'],
    cutover: ['source', 'target', 'stay'],
    switched: ['target', 'target', 'stay'],
    finalized: ['target', 'target', 'finalize'],
    aborted: ['source', 'source', 'abort'],
  };
  for (const layout of layouts) {
    for (const goal of GOALS) {
      it(`leads to ${goal} from all roles within four moves, with ${layout}`, () => {
        for (const start of everyStart(layout, goal)) {
          let record = start;
          for (let n = 0; n < 4; n++) record = moved(record);
          const [leader, readers, last] = end[goal];
          const expected = layout === 'one-alias' && goal === 'cutover' ? 'source' : readers;
          expect([record.leader, record.readers, nextMove(record).type]).toEqual([leader, expected, last]);
        }
      });
    }
  }

  it('never switches the writers while the readers are on the leader', () => {
    for (const goal of GOALS) {
      for (const record of everyStart('two-aliases', goal)) {
        if (nextMove(record).type === 'writers') expect(record.readers).not.toBe(record.leader);
      }
    }
  });
});

describe('phaseOf', () => {
  it.each([
    ['copying', { state: 'copying' }],
    ['verifying', { verified: false }],
    ['ready', {}],
    ['cutover', { readers: 'target' }],
    ['switched', { leader: 'target', readers: 'target' }],
    ['returning', { leader: 'target', readers: 'source' }],
    ['finalized', { state: 'finalized', leader: 'target', readers: 'target' }],
  ] as const)('is %s', (phase, change) => {
    expect(phaseOf(testRecord(change))).toBe(phase);
  });
});

describe('the table of states', () => {
  it('lets every state be reached from the first one, and only the two ends end', () => {
    const reached = new Set<string>(['creating']);
    for (const state of reached) for (const next of NEXT[state as keyof typeof NEXT]) reached.add(next);
    expect([...reached].sort()).toEqual([...STATES].sort());
    expect(STATES.filter((state) => NEXT[state].length === 0)).toEqual(['finalized', 'aborted']);
  });
});
