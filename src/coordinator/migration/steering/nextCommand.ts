// Finds the command that a person would run next for a migration, and whether the migration needs a person. The
// command line and the dashboard show both. Pure.
import {
  type Attention,
  attentionFor,
  isHeldUp,
  wantsCoordinator,
  WORKING,
} from '../../../protocol/attention.js';
import { isOver, type MigrationRecord } from '../../../protocol/record.js';
import { nextMove, phaseOf } from '../../../protocol/states.js';
import { count } from '../../../words.js';

export interface Next {
  readonly command: string;
  /** Text for the user: what the command does. */
  readonly why: string;
}

/** A coordinator that has not written to the journal for this many lease times is considered dead. */
const LEASES = 1.5;

/** Whether a coordinator has written to the journal lately. For display only, since clocks may differ. */
export function hasCoordinator({ holder, updatedAt, options }: MigrationRecord, now: number): boolean {
  return holder !== null && now - Date.parse(updatedAt) <= LEASES * options.leaseMs;
}

/** Why a person has to look at this migration; undefined if nobody has to. */
export function attentionOf(
  record: MigrationRecord,
  now: number,
  { rejected = record.rejected, troubles = 0 } = {},
): string | undefined {
  const coordinated = hasCoordinator(record, now);
  const reason = attentionFor(record, { coordinated, rejected, troubles });
  return reason && ATTENTION_TEXT[reason](record, rejected);
}

/** `needsYou`: a person has to look at the migration. `rests`: it waits for the command for its next move. */
export type Activity = 'needsYou' | 'working' | 'rests' | 'over';

/** @param attention the result of `attentionOf` */
export function activityOf(record: MigrationRecord, attention: string | undefined): Activity {
  if (isOver(record)) return 'over';
  if (attention !== undefined) return 'needsYou';
  const isCounted = record.progress.task !== '' && record.progress.total !== null;
  const phase = phaseOf(record);
  const works = isCounted || nextMove(record).type !== 'stay' || phase === 'copying' || phase === 'verifying';
  return works ? 'working' : 'rests';
}

const ATTENTION_TEXT: Readonly<Record<Attention, (record: MigrationRecord, rejected: number) => string>> = {
  trouble: () => 'trouble',
  halted: () => 'halted',
  paused: () => 'paused',
  stopped: ({ stoppedFor }) => `stopped: ${STOPPED[stoppedFor]}`,
  unattended: () => 'nobody coordinates',
  copyingPaused: () => 'copying is paused',
  rejected: (_, rejected) => `${count(rejected, 'document')} rejected`,
};

const STOPPED: Readonly<Record<MigrationRecord['stoppedFor'], string>> = {
  hook: 'a hook failed',
  acceptance: 'not accepted',
  secondCheck: 'second check',
  aliases: 'aliases',
  hold: 'holds failed',
};

const isUnattended = (record: MigrationRecord, now: number): boolean =>
  !hasCoordinator(record, now) && wantsCoordinator(record);

/** @returns undefined if there is nothing left to do */
export function nextCommand(
  record: MigrationRecord,
  now: number,
  rejected = record.rejected,
): Next | undefined {
  const { name } = record;
  if (isOver(record)) return undefined;
  return (
    blockedNext(record, now, rejected) ??
    (WORKING.has(phaseOf(record)) || nextMove(record).type !== 'stay'
      ? { command: `twindex status ${name} --watch`, why: 'it continues by itself' }
      : moveNext(record))
  );
}

/** The command that removes the reason why the migration does not continue. */
function blockedNext(record: MigrationRecord, now: number, rejected: number): Next | undefined {
  const { name, halted, paused, stoppedBy, stoppedFor, throttle, state } = record;
  if (halted?.for === 'journal')
    return { command: `twindex detach ${name}`, why: 'shows which index can be given up' };
  if (halted) return { command: `twindex resume ${name}`, why: 'puts the aliases back' };
  if (paused) return { command: `twindex resume ${name}`, why: 'ends the pause' };
  if (stoppedBy !== '') return AFTER_STOP[stoppedFor](record);
  if (isUnattended(record, now))
    return { command: `twindex migrate ${name}`, why: 'continues the migration' };
  if (throttle.paused && state === 'copying')
    return { command: `twindex throttle ${name} --resume`, why: 'continues copying' };
  if (isHeldUp(record, rejected))
    return { command: `twindex rejected ${name}`, why: 'shows the rejected documents' };
  return undefined;
}

const repeat = (record: MigrationRecord): Next =>
  moveNext(record) ?? { command: `twindex migrate ${record.name}`, why: 'tries again' };

const AFTER_STOP: Readonly<
  Record<MigrationRecord['stoppedFor'], (record: MigrationRecord) => Next | undefined>
> = {
  hook: repeat,
  hold: repeat,
  aliases: repeat,
  acceptance: ({ name }) => ({ command: `twindex queries ${name}`, why: 'shows the searches that differ' }),
  secondCheck: ({ name }) => ({
    command: `twindex verify ${name} --repair`,
    why: 'compares every document again',
  }),
};

/** The next move that a person may request. */
function moveNext({ name, layout, leader, readers, source, target }: MigrationRecord): Next | undefined {
  if (leader === 'target' && readers === 'target')
    return { command: `twindex finalize ${name}`, why: `ends the migration: ${source.index} is deleted` };
  if (readers === 'target')
    return { command: `twindex switch ${name}`, why: `moves the writers to ${target.index}` };
  if (layout === 'two-aliases')
    return { command: `twindex cutover ${name}`, why: `moves the readers to ${target.index}` };
  return { command: `twindex switch ${name}`, why: `moves readers and writers to ${target.index}` };
}

/** The command that moves readers or writers back to the old index; undefined if none has moved. */
export function rollbackCommand(record: MigrationRecord): Next | undefined {
  const { name, readers, leader, state, goal } = record;
  if (isOver(record) || state === 'finalizing' || state === 'aborting' || goal === 'aborted')
    return undefined;
  if (readers === 'source' && leader === 'source') return undefined;
  return { command: `twindex rollback ${name}`, why: 'moves readers and writers back' };
}
