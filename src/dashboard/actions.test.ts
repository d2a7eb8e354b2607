import { expect, it, test } from 'vitest';
import { testRecord } from '../../tests/testRecord.js';
import type { MigrationRecord } from '../protocol/record.js';
import { actionsOf, typedFor } from './actions.js';
import type { Verb } from './pageTypes.js';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const RUNNING: Partial<MigrationRecord> = {
  holder: { id: 'c', host: 'ops', pid: 1, user: 'lena' },
  updatedAt: '2026-03-02T11:59:59Z',
};
const actions = (change: Partial<MigrationRecord> = {}) =>
  actionsOf(testRecord({ ...RUNNING, ...change }), NOW);
const possible = (change: Partial<MigrationRecord> = {}): Verb[] =>
  actions(change).flatMap(({ verb, whyNot }) => (whyNot === null ? [verb] : []));

const CUT_OVER: Partial<MigrationRecord> = { readers: 'target', goal: 'cutover' };
const SWITCHED: Partial<MigrationRecord> = { readers: 'target', leader: 'target', goal: 'switched' };

test.each<[string, Partial<MigrationRecord>, Verb[]]>([
  ['ready', {}, ['cutover', 'switch', 'finalize', 'pause', 'abort']],
  [
    'copying',
    { state: 'copying', verified: false },
    ['cutover', 'switch', 'finalize', 'pause', 'throttle', 'abort'],
  ],
  ['cut over', CUT_OVER, ['switch', 'finalize', 'rollback', 'pause']],
  ['switched', SWITCHED, ['finalize', 'rollback', 'pause']],
  ['paused', { paused: true }, ['resume', 'abort'].filter((verb) => verb === 'resume') as Verb[]],
  ['finalizing', { ...SWITCHED, state: 'finalizing' }, ['finalize']],
  ['with one alias', { layout: 'one-alias' }, ['switch', 'finalize', 'pause', 'abort']],
])('when %s', (_, change, verbs) => expect(possible(change)).toEqual(verbs));

it('nothing can be done with one that is over', () => expect(actions({ state: 'finalized' })).toEqual([]));

it('names the next step', () => {
  const next = (change: Partial<MigrationRecord>) => actions(change).find(({ isNext }) => isNext)?.verb;
  expect(next({})).toBe('cutover');
  expect(next(CUT_OVER)).toBe('switch');
  expect(next(SWITCHED)).toBe('finalize');
  expect(next({ paused: true })).toBe('resume');
});

it('a move of a paused migration says who has paused it, and is possible for one who insists', () => {
  const ended = [
    {
      number: 1,
      id: 'p',
      command: 'pause' as const,
      by: 'lena@ops',
      outcome: 'done' as const,
      why: '',
      hasFailed: false,
    },
  ];
  const cutover = actions({ paused: true, commands: { taken: 1, pending: [], ended } }).find(
    ({ verb }) => verb === 'cutover',
  );
  expect(cutover).toMatchObject({ whyNot: expect.stringContaining('lena@ops'), canSupersede: true });
});

it('what deletes an index needs its name, and nothing else does', () => {
  const typed = (layout: MigrationRecord['layout']) =>
    Object.fromEntries(
      (['finalize', 'abort', 'switch', 'cutover', 'rollback', 'pause', 'resume', 'throttle'] as const).map(
        (verb) => [verb, typedFor(testRecord({ layout }), verb)],
      ),
    );
  const none = { cutover: null, rollback: null, pause: null, resume: null, throttle: null };
  const ends = { finalize: 'catalogue-v1', abort: 'catalogue-v2' };
  expect(typed('two-aliases')).toEqual({ ...none, ...ends, switch: null });
  expect(typed('bare-index')).toEqual({ ...none, ...ends, switch: 'catalogue-v1' });
});

it('says what finalize takes with it, and what it does before', () => {
  const does = (change: Partial<MigrationRecord>) =>
    actions(change).find(({ verb }) => verb === 'finalize')?.does;
  expect(does(SWITCHED)).toBe('Deletes catalogue-v1. There is no rollback after this.');
  expect(does({})).toBe(
    'Moves readers and writers to catalogue-v2 first. Deletes catalogue-v1. There is no rollback after this.',
  );
});

it('thresholds are offered only after one of them has stopped a move', () => {
  const forceable = (change: Partial<MigrationRecord>) =>
    actions(change).find(({ verb }) => verb === 'cutover')?.forceable;
  expect(forceable({})).toEqual([]);
  expect(forceable({ stoppedBy: 'overlapAt10 is 0.4', stoppedFor: 'acceptance' })).toContain('overlapAt10');
});
