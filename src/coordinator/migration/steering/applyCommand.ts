// Applies commands to a migration's record, and decides their outcomes. Pure.
import { goalHere } from '../hooks/hookPoints.js';
import type { Command } from '../../../journal/commands.js';
import type { Patch } from '../../../journal/journal.js';
import {
  type CommandName,
  type Commands,
  type EndedCommand,
  type Goal,
  isOver,
  type LeftOut,
  type MigrationRecord,
  type ReadsCommand,
  type StateName,
  type TakenCommand,
  NO_HOLDS,
  UNLIMITED,
} from '../../../protocol/record.js';
import { areMany } from '../../../words.js';
import { type Phase, phaseOf } from '../../../protocol/states.js';

export type Asked = Pick<Command, 'command' | 'version' | 'reads' | 'supersede'>;

const GOAL_OF: { readonly [C in CommandName]?: Goal } = {
  cutover: 'cutover',
  switch: 'switched',
  rollback: 'ready',
  finalize: 'finalized',
  abort: 'aborted',
};

/** Commands in the order of their goals. To reach a goal, a migration passes all goals before it. */
const FORWARD: readonly CommandName[] = ['cutover', 'switch', 'finalize'];

/** How many ended commands are kept, for processes that wait for an outcome. */
const KEPT = 50;

/** @returns the record's changes, with the outcomes of this command and of superseded commands */
export function applyCommand(record: MigrationRecord, command: Command): Patch {
  const commands = { ...record.commands, taken: command.number };
  const refusal = whyNot(record, command);
  if (refusal !== undefined) return { commands: withOutcome(commands, command, { why: refusal }) };
  const stopped = commands.pending.filter(({ command: earlier }) => standsAgainst(command.command, earlier));
  const why = `${command.by} has requested ${command.command}`;
  const rest = stopped.reduce(
    (all, earlier) => withOutcome(all, earlier, { outcome: 'superseded', why }),
    commands,
  );
  const waits = GOAL_OF[command.command] !== undefined || command.command === 'verify';
  return {
    ...changesOf(
      record,
      command,
      stopped.some((earlier) => GOAL_OF[earlier.command] !== undefined),
    ),
    commands: waits
      ? { ...rest, pending: [...rest.pending, takenOf(command)] }
      : withOutcome(rest, command, { outcome: 'done', why: '' }),
  };
}

export const applyCommands = (record: MigrationRecord, commands: readonly Command[]): MigrationRecord =>
  commands.reduce((before, command) => ({ ...before, ...applyCommand(before, command) }), record);

function changesOf(record: MigrationRecord, command: Command, stopsMove: boolean): Patch {
  switch (command.command) {
    case 'replay':
      return {};
    case 'leaveOut':
      // Equal counts prove nothing once documents are left out.
      return { drops: true, leftOut: merged(record.leftOut, command.leftOut ?? []) };
    case 'pause':
      return { paused: true, ...(stopsMove ? { goal: goalHere(record) } : {}) };
    case 'resume':
      return { paused: false };
    case 'verify':
      return { verified: false };
    case 'writers':
      return { writers: { ...record.writers, version: command.version ?? record.writers.version } };
    case 'throttle':
      // Remove the recorded reason, which belongs to the earlier settings.
      return { throttle: { ...record.throttle, ...command.throttle }, throttled: '', copyLimit: UNLIMITED };
    case 'reads':
      return { reads: { ...record.reads, ...command.reads } };
    case 'rollback':
      return {
        paused: false,
        goal: 'ready',
        holds: NO_HOLDS,
        stoppedBy: '',
        soakLeftMs: 0,
        // Searches of the canary also return to the old index.
        ...(record.reads.canary > 0 ? { reads: { ...record.reads, canary: 0 } } : {}),
      };
    default:
      return {
        paused: false,
        goal: furthest(record, command.command),
        holds: NO_HOLDS,
        stoppedBy: '',
        forced: [...new Set([...record.forced, ...(command.force ?? [])])],
        // A request for a move ends the soak time.
        soakLeftMs: 0,
      };
  }
}

/** A switch does not change the goal of a pending `finalize`, since the switch is on the way to that goal. */
function furthest({ commands, goal }: MigrationRecord, command: CommandName): Goal {
  const isOnTheWay = command === 'switch' && commands.pending.some((each) => each.command === 'finalize');
  return isOnTheWay ? goal : (GOAL_OF[command] ?? goal);
}

/** Whether the later command replaces the earlier one: not if the earlier goal is on the way to the later. */
function standsAgainst(later: CommandName, earlier: CommandName): boolean {
  // Nothing is moved or verified during a pause.
  if (later === 'pause') return true;
  if (GOAL_OF[earlier] === undefined || GOAL_OF[later] === undefined || earlier === later) return false;
  const [to, before] = [FORWARD.indexOf(later), FORWARD.indexOf(earlier)];
  if (to < 0 || before < 0) return true;
  // A cut-over moves only readers, so it withdraws a pending switch.
  return later === 'cutover' && before > to;
}

export function whyNot(
  record: MigrationRecord,
  { command, version, reads, supersede }: Asked,
): string | undefined {
  const { name, state, source, target } = record;
  if (isOver(record)) return `the migration of ${name} is already ${state}`;
  if (state === 'finalizing' && command !== 'finalize')
    return `the migration of ${name} is being finalized: ${source.index} is being deleted`;
  if (state === 'aborting' && command !== 'abort') return `the migration of ${name} is being aborted`;
  if (record.halted && command !== 'pause' && !(command === 'resume' && record.halted.for === 'aliases'))
    return record.halted.text;
  if (command === 'cutover' && record.layout !== 'two-aliases')
    return `readers and writers of ${name} use the same name, so they can only move together: twindex switch ${name}`;
  if (command === 'cutover' && record.leader === 'target' && record.readers === 'target')
    return `readers and writers of ${name} are already on ${target.index}. To move them back: twindex rollback ${name}`;
  const isUsed = record.leader === 'target' || record.readers === 'target' || record.reads.canary > 0;
  if (command === 'abort' && isUsed)
    return `readers or writers are on ${target.index}: move them back first with twindex rollback ${name}`;
  const safer = supersede ? undefined : whyStoppedBySafer(record, command);
  if (safer !== undefined) return safer;
  if (command === 'reads') return whyNotReads(record, reads ?? {});
  if (command === 'writers' && version !== source.version && version !== target.version)
    return (
      `during this migration, documents of ${name} have version ${source.version} or ${target.version}, not ${version}: ` +
      `twindex writers ${name} --version ${target.version}`
    );
  return undefined;
}

/** Of two conflicting commands, the safer one is carried out. The other one is refused, with the reason. */
function whyStoppedBySafer(record: MigrationRecord, command: CommandName): string | undefined {
  const { name, commands, paused } = record;
  const isMove = GOAL_OF[command] !== undefined && command !== 'rollback';
  if (!isMove && command !== 'pause' && command !== 'verify') return undefined;
  const back = commands.pending.find((each) => each.command === 'rollback');
  if (back && command !== 'verify')
    return (
      `readers and writers of ${name} are being moved back, as requested by ${back.by}. Wait until that is done, or stop it with ` +
      `twindex ${command} ${name} --supersede`
    );
  if (!paused || command === 'pause') return undefined;
  const by = commands.ended.findLast((each) => each.command === 'pause' && each.outcome === 'done')?.by;
  const first = `${name} is paused${by === undefined ? '' : `, as requested by ${by}`}. Continue it first: twindex resume ${name}`;
  return isMove ? `${first}. Or run it anyway: twindex ${command} ${name} --supersede` : first;
}

/** @returns the outcomes of pending commands that have ended; undefined if none has */
export function settleCommands(
  record: MigrationRecord,
  isLate: (command: TakenCommand) => boolean = () => false,
): Patch | undefined {
  const { pending } = record.commands;
  let commands = record.commands;
  let { goal } = record;
  for (const command of pending) {
    const outcome = outcomeNow(record, command) ?? whyTooLate(record, command, isLate);
    if (!outcome) continue;
    commands = withOutcome(commands, command, outcome);
    // Withdraw the move.
    if (outcome.outcome !== 'done' && goal === GOAL_OF[command.command]) goal = goalHere(record);
  }
  return commands === record.commands ? undefined : { commands, goal };
}

interface Outcome extends Partial<Pick<EndedCommand, 'outcome' | 'hasFailed'>> {
  readonly why: string;
}

function outcomeNow(record: MigrationRecord, { command }: TakenCommand): Outcome | undefined {
  if (isDone(record, command)) return { outcome: 'done', why: '' };
  // Check again: the situation may have changed since the command was taken up.
  const refusal = whyNot(record, { command, supersede: true });
  if (refusal !== undefined) return { why: refusal };
  if (record.stoppedBy === '' || GOAL_OF[command] === undefined) return undefined;
  return { why: record.stoppedBy, hasFailed: record.stoppedFor === 'hook' };
}

/** Whether the command has waited too long. Rollback and abort have no timeout: they must be completed. */
function whyTooLate(
  record: MigrationRecord,
  command: TakenCommand,
  isLate: (command: TakenCommand) => boolean,
): Outcome | undefined {
  if (!FORWARD.includes(command.command) || record.state !== 'mirroring' || !isLate(command))
    return undefined;
  const why =
    `after ${command.timeoutMs / 1_000} s, ${record.name} is still ${phaseOf(record)}` +
    `${record.message === '' ? '' : ` (${record.message})`}, so the command ${command.command} is withdrawn`;
  return { outcome: 'timedOut', why };
}

const REACHED: { readonly [C in CommandName]?: readonly Phase[] } = {
  cutover: ['cutover', 'switched', 'finalized'],
  // The switch of a bare index deletes it, so the migration is finalized at the same time.
  switch: ['switched', 'finalized'],
  finalize: ['finalized'],
  abort: ['aborted'],
};

/** States in which the final index of readers or writers is not decided yet. */
const MOVING: ReadonlySet<StateName> = new Set(['movingReaders', 'holding']);

function isDone(record: MigrationRecord, command: CommandName): boolean {
  switch (command) {
    case 'rollback':
      return record.leader === 'source' && record.readers === 'source' && !MOVING.has(record.state);
    case 'verify':
      return record.verified;
    default:
      return REACHED[command]?.includes(phaseOf(record)) ?? true;
  }
}

/** @returns undefined while the command has no outcome yet */
export function outcomeOf(
  record: MigrationRecord,
  { id, number, command, by }: Pick<Command, 'id' | 'number' | 'command' | 'by'>,
): EndedCommand | undefined {
  const { pending, ended, taken } = record.commands;
  const found = ended.find((each) => each.id === id);
  if (found) return found;
  // After the end of a migration no outcomes are recorded, so the final phase decides.
  if (!isOver(record) && (number > taken || pending.some((each) => each.id === id))) return undefined;
  const isReached = (number <= taken || GOAL_OF[command] !== undefined) && isDone(record, command);
  const why = isReached ? '' : (whyNot(record, { command }) ?? `see twindex history ${record.name}`);
  return { id, number, command, by, outcome: isReached ? 'done' : 'refused', why, hasFailed: false };
}

function withOutcome(
  { taken, pending, ended }: Commands,
  { id, number, command, by }: Pick<Command, 'id' | 'number' | 'command' | 'by'>,
  { outcome = 'refused', why, hasFailed = false }: Outcome,
): Commands {
  const entry: EndedCommand = { id, number, command, by, outcome, why, hasFailed };
  return {
    taken,
    pending: pending.filter((each) => each.id !== id),
    ended: [...ended, entry].slice(-KEPT),
  };
}

const takenOf = ({ number, id, command, by, timeoutMs }: Command): TakenCommand => ({
  number,
  id,
  command,
  by,
  timeoutMs,
});

function merged(before: readonly LeftOut[], more: readonly LeftOut[]): LeftOut[] {
  const isKnown = ({ id, routing }: LeftOut): boolean =>
    before.some((known) => known.id === id && known.routing === routing);
  return [...before, ...more.filter((key) => !isKnown(key))];
}

function whyNotReads(
  record: MigrationRecord,
  { shadow = 0, canary = 0 }: Partial<ReadsCommand>,
): string | undefined {
  const { name, aliases, target, sourceAliases } = record;
  if (shadow === 0 && canary === 0) return undefined;
  const narrowed = Object.keys(sourceAliases[aliases.read] ?? {}).filter((key) => NARROWS.test(key));
  if (narrowed.length > 0)
    return (
      `${aliases.read} has a ${narrowed.join(' and a ')}, which a direct search of ${target.index} would not apply: ` +
      `neither --shadow nor --canary is possible for ${name}`
    );
  if (canary === 0) return undefined;
  if (record.readers === 'target') return `the readers of ${name} are already on ${target.index}`;
  if (phaseOf(record) === 'incomplete')
    return `${areMany(record.rejected, 'document')} rejected by ${target.index}, so no searches are sent there: see twindex rejected ${name}`;
  if (!record.verified)
    return (
      `${target.index} is not verified yet, so no searches are sent there: wait until ` +
      `twindex status ${name} says ready`
    );
  return undefined;
}

/** Properties of an alias that restrict the documents that a search through it finds. */
const NARROWS = /^(?:filter|routing|search_routing)$/;
