import { describe, expect, it } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import type { Command } from '../../../journal/commands.js';
import type { CommandName, MigrationRecord } from '../../../protocol/record.js';
import { applyCommand, applyCommands, outcomeOf, settleCommands, whyNot } from './applyCommand.js';

let numbers = 0;

function given(command: CommandName, more: Partial<Command> = {}): Command {
  const number = ++numbers;
  const { by = 'ann@a' } = more;
  const at = '2026-01-01T00:00:00Z';
  const [name, migration, timeoutMs] = ['catalogue', 'id', 1_000];
  return { number, id: `${command}-${number}`, name, migration, command, by, at, timeoutMs, ...more };
}

/** A migration that has taken up these commands, but has not moved. */
function after(record: MigrationRecord, ...commands: readonly Command[]): MigrationRecord {
  return applyCommands(record, commands);
}

const outcomes = (record: MigrationRecord): string[] =>
  record.commands.ended.map(({ command, outcome }) => `${command} ${outcome}`);

const pending = (record: MigrationRecord): string[] => record.commands.pending.map(({ command }) => command);

describe('a command', () => {
  it('sets the goal, and stays open until that is reached', () => {
    const command = given('switch');
    const record = after(testRecord(), command);
    expect(record).toMatchObject({ goal: 'switched', commands: { taken: command.number, ended: [] } });
    expect(outcomeOf(record, command)).toBeUndefined();
    const arrived = { ...record, leader: 'target', readers: 'target' } as const;
    expect(settleCommands(arrived)?.commands).toMatchObject({
      pending: [],
      ended: [{ id: command.id, outcome: 'done' }],
    });
  });

  it('to move ends a soak, and remembers which bounds need not be kept', () => {
    const record = testRecord({ soakLeftMs: 60_000, forced: ['queryErrors'] });
    expect(applyCommand(record, given('switch', { force: ['overlapAt10'] }))).toMatchObject({
      soakLeftMs: 0,
      forced: ['queryErrors', 'overlapAt10'],
    });
  });

  it('to pause is done at once, and leaves the goal alone where no command has set it', () => {
    const record = after(testRecord({ goal: 'cutover' }), given('pause'));
    expect(record).toMatchObject({ paused: true, goal: 'cutover' });
    expect(outcomes(record)).toEqual(['pause done']);
  });

  it('sets the version of writes that name none', () => {
    expect(after(testRecord(), given('writers', { version: 2 })).writers.version).toBe(2);
    expect(whyNot(testRecord(), { command: 'writers', version: 3 })).toContain('version 1 or 2');
  });

  it('about searches changes what it names', () => {
    const reads = { record: 0.1, shadow: 0, canary: 0.2, sticky: null };
    const record = after(testRecord({ reads }), given('reads', { reads: { shadow: 1 } }));
    expect(record.reads).toEqual({ ...reads, shadow: 1 });
  });

  it('to roll back takes the readers of the canary back, too', () => {
    const reads = { record: 0.1, shadow: 0, canary: 0.2, sticky: null };
    expect(applyCommand(testRecord({ reads }), given('rollback'))).toMatchObject({
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
    const next = after(record, given('leaveOut', { leftOut: [a, b] }));
    expect(next).toMatchObject({ drops: true, leftOut: [a, b], goal: 'cutover' });
  });

  it('that can not be carried out is refused, and changes nothing else', () => {
    const { commands, ...rest } = applyCommand(testRecord({ readers: 'target' }), given('abort'));
    expect(rest).toEqual({});
    expect(commands?.ended[0]).toMatchObject({ outcome: 'refused' });
    expect(commands?.ended[0]?.why).toContain('twindex rollback catalogue');
  });

  it('whose outcome is no longer in the record is judged by the state of the migration', () => {
    const command = given('cutover');
    const later = testRecord({ commands: { taken: command.number, pending: [], ended: [] } });
    expect(outcomeOf({ ...later, readers: 'target' }, command)?.outcome).toBe('done');
    expect(outcomeOf(later, command)?.outcome).toBe('refused');
  });

  it('that nobody has taken up is judged when the migration is over', () => {
    const over = testRecord({ state: 'finalized', leader: 'target', readers: 'target' });
    expect(outcomeOf(over, given('finalize'))?.outcome).toBe('done');
    expect(outcomeOf(over, given('rollback'))).toMatchObject({ outcome: 'refused' });
    expect(outcomeOf(over, given('throttle'))).toMatchObject({ outcome: 'refused' });
    expect(outcomeOf(testRecord(), given('throttle'))).toBeUndefined();
  });
});

describe('of two conflicting commands', () => {
  const [back, end] = [given('rollback', { by: 'ann@a' }), given('finalize', { by: 'bob@b' })];
  const switched = testRecord({ leader: 'target', readers: 'target' });

  it('the rollback wins, whichever comes first, and the other one is told who asked for it', () => {
    const late = after(switched, end, back);
    expect(late).toMatchObject({ goal: 'ready', commands: { pending: [{ command: 'rollback' }] } });
    expect(late.commands.ended).toMatchObject([
      { command: 'finalize', by: 'bob@b', outcome: 'superseded', why: 'ann@a has requested rollback' },
    ]);
    const early = after(switched, back, end);
    expect(early).toMatchObject({ goal: 'ready', commands: { pending: [{ command: 'rollback' }] } });
    expect(early.commands.ended[0]).toMatchObject({ command: 'finalize', outcome: 'refused' });
    expect(early.commands.ended[0]?.why).toContain('as requested by ann@a');
  });

  it('the pause holds, and the move is called off', () => {
    const late = after(testRecord(), given('switch'), given('pause'));
    expect(late).toMatchObject({ paused: true, goal: 'ready', commands: { pending: [] } });
    expect(outcomes(late)).toEqual(['switch superseded', 'pause done']);
    const early = after(testRecord(), given('pause', { by: 'ann@a' }), given('switch'));
    expect(early).toMatchObject({ paused: true, goal: 'ready' });
    expect(early.commands.ended[1]).toMatchObject({ outcome: 'refused' });
    expect(early.commands.ended[1]?.why).toMatch(/as requested by ann@a.*twindex resume catalogue/);
  });

  it('nothing is verified during a pause, and the command does not wait', () => {
    const late = after(testRecord({ goal: 'cutover' }), given('verify'), given('pause'));
    expect(late).toMatchObject({ paused: true, goal: 'cutover', commands: { pending: [] } });
    expect(outcomes(late)).toEqual(['verify superseded', 'pause done']);
    const early = after(testRecord(), given('pause', { by: 'ann@a' }), given('verify'));
    expect(early).toMatchObject({ paused: true, verified: true, commands: { pending: [] } });
    expect(early.commands.ended[1]?.why).toMatch(/as requested by ann@a.*twindex resume catalogue$/);
    expect(after(switched, back, given('verify')).commands.pending).toHaveLength(2);
  });

  it('a rollback is not paused, and a pause does not prevent a rollback', () => {
    expect(outcomes(after(switched, back, given('pause')))).toEqual(['pause refused']);
    expect(after(switched, given('pause'), back)).toMatchObject({ paused: false, goal: 'ready' });
  });

  it('the later one is carried out with --supersede', () => {
    const record = after(switched, back, { ...end, supersede: true });
    expect(record.goal).toBe('finalized');
    expect(outcomes(record)).toEqual(['rollback superseded']);
  });

  it.each([
    ['cutover', 'switch', 'switched'],
    ['switch', 'finalize', 'finalized'],
    ['finalize', 'switch', 'finalized'],
    ['cutover', 'cutover', 'cutover'],
  ] as const)('both are carried out where one is on the way to the other: %s, %s', (one, two, goal) => {
    const record = after(testRecord(), given(one), given(two));
    expect(record.goal).toBe(goal);
    expect(pending(record)).toEqual([one, two]);
  });

  it('a cut-over calls off a switch that has not begun, and is refused once that is made', () => {
    const record = after(testRecord(), given('switch'), given('cutover'));
    expect(record.goal).toBe('cutover');
    expect(outcomes(record)).toEqual(['switch superseded']);
    expect(whyNot(switched, { command: 'cutover' })).toContain('twindex rollback catalogue');
  });
});

describe('the outcome of a pending command', () => {
  it('is done when its goal was passed on the way to another', () => {
    const record = after(testRecord(), given('cutover'), given('switch'));
    const settled = settleCommands({ ...record, readers: 'target' });
    expect(settled?.commands?.ended).toMatchObject([{ command: 'cutover', outcome: 'done' }]);
    expect(settled?.commands?.pending).toMatchObject([{ command: 'switch' }]);
    expect(settled?.goal).toBe('switched');
  });

  it.each(['movingReaders', 'holding'] as const)(
    'is not done for a way back while it is open where the readers and writers will be: %s',
    (state) => {
      const record = after(testRecord({ state }), given('rollback'));
      expect(settleCommands(record)).toBeUndefined();
      expect(settleCommands({ ...record, state: 'mirroring' })?.commands?.pending).toEqual([]);
    },
  );

  it('is done for a rollback as soon as readers and writers are back, whatever else is pending', () => {
    const back = after(testRecord({ leader: 'target', readers: 'target' }), given('rollback'));
    expect(settleCommands({ ...back, readers: 'source' })).toBeUndefined();
    const settling = { ...back, leader: 'source', readers: 'source', state: 'settling' } as const;
    expect(settleCommands(settling)?.commands?.ended).toMatchObject([{ outcome: 'done' }]);
  });

  it('is refused with the reason for which the move was stopped', () => {
    const stopped = { ...after(testRecord(), given('switch')), stoppedBy: 'no', stoppedFor: 'hook' } as const;
    expect(settleCommands(stopped)?.commands?.ended).toMatchObject([
      { outcome: 'refused', why: 'no', hasFailed: true },
    ]);
  });

  it('is timedOut for a move that has not begun in time, and the move is withdrawn', () => {
    const record = { ...after(testRecord(), given('switch')), message: 'the lag is 9000 ms' };
    expect(settleCommands(record, () => false)).toBeUndefined();
    const late = settleCommands(record, () => true);
    expect(late).toMatchObject({ goal: 'ready', commands: { pending: [] } });
    expect(late?.commands?.ended[0]).toMatchObject({ outcome: 'timedOut' });
    expect(late?.commands?.ended[0]?.why).toContain('(the lag is 9000 ms)');
    expect(settleCommands({ ...record, state: 'holding' }, () => true)).toBeUndefined();
  });

  it('is never timedOut for a rollback', () => {
    const record = after(testRecord({ leader: 'target', readers: 'target' }), given('rollback'));
    expect(settleCommands(record, () => true)).toBeUndefined();
  });
});

describe('commands that can not be carried out', () => {
  it.each([
    ['abort after the cut-over', testRecord({ readers: 'target' }), 'abort', 'twindex rollback catalogue'],
    ['abort after the switch', testRecord({ leader: 'target' }), 'abort', 'twindex rollback catalogue'],
    ['a cut-over with one alias', testRecord({ layout: 'one-alias' }), 'cutover', 'twindex switch catalogue'],
    [
      'rollback while the source goes',
      testRecord({ state: 'finalizing' }),
      'rollback',
      'catalogue-v1 is being deleted',
    ],
    ['anything at the end', testRecord({ state: 'aborted' }), 'resume', 'is already aborted'],
  ] as const)('%s says why, and what to do', (_, record, command, text) => {
    expect(whyNot(record, { command })).toContain(text);
  });

  it('do not include these while nothing is in the way', () => {
    for (const command of ['pause', 'resume', 'cutover', 'switch', 'rollback', 'finalize', 'abort'] as const)
      expect(whyNot(testRecord(), { command })).toBeUndefined();
  });
});

describe('readers on the canary', () => {
  const canary = { command: 'reads', reads: { canary: 0.1 } } as const;

  it.each([
    ['before the target is verified', testRecord({ verified: false }), 'not verified yet'],
    ['after the cut-over', testRecord({ readers: 'target' }), 'already on catalogue-v2'],
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
    expect(whyNot(testRecord({ reads }), { command: 'abort' })).toContain('twindex rollback catalogue');
  });

  it('are not those of a shadow, which is possible at any time', () => {
    const unverified = testRecord({ verified: false });
    expect(whyNot(unverified, { command: 'reads', reads: { shadow: 1 } })).toBeUndefined();
    const routed = testRecord({ sourceAliases: { 'catalogue-read': { search_routing: 'a' } } });
    expect(whyNot(routed, { command: 'reads', reads: { shadow: 1 } })).toContain('has a search_routing');
  });
});
