// The actions that the dashboard offers for a migration: what each one will do, and why it is not possible now. Pure.
import { whyNot } from '../coordinator/migration/steering/applyCommand.js';
import { nextCommand, rollbackCommand } from '../coordinator/migration/steering/nextCommand.js';
import { followerIndex, isOver, type MigrationRecord } from '../protocol/record.js';
import { THRESHOLDS } from '../schema/acceptance.js';
import type { Action, Verb } from './pageTypes.js';

export const VERBS: readonly Verb[] = [
  'cutover',
  'switch',
  'finalize',
  'rollback',
  'pause',
  'resume',
  'throttle',
  'abort',
];

export function actionsOf(record: MigrationRecord, now: number, rejected = record.rejected): Action[] {
  if (isOver(record)) return [];
  const next = nextCommand(record, now, rejected)?.command.split(' ')[1];
  return VERBS.filter((verb) => isOffered(record, verb)).map((verb) => ({
    verb,
    title: TITLES[verb],
    does: DOES[verb](record),
    typed: typedFor(record, verb),
    ...possibility(record, verb),
    forceable:
      isMoveAhead(verb) && record.stoppedFor === 'acceptance' && record.stoppedBy !== ''
        ? THRESHOLD_NAMES
        : [],
    isNext: verb === next,
  }));
}

const TITLES: Readonly<Record<Verb, string>> = {
  cutover: 'Cut over',
  switch: 'Switch',
  finalize: 'Finalize',
  rollback: 'Roll back',
  pause: 'Pause',
  resume: 'Resume',
  throttle: 'Throttle',
  abort: 'Abort',
};

/**
 * Whether an action is offered. Of two opposite actions only one is offered. A cut-over is offered only if the
 * index has two aliases.
 */
function isOffered({ paused, halted, layout }: MigrationRecord, verb: Verb): boolean {
  if (verb === 'pause') return !paused;
  if (verb === 'resume') return paused || halted !== null;
  return verb !== 'cutover' || layout === 'two-aliases';
}

/** The index that the action deletes, or closes (finalize with `--keep`). The person types its name to confirm. */
export function typedFor({ layout, source, target }: MigrationRecord, verb: Verb): string | null {
  if (verb === 'finalize') return source.index;
  if (verb === 'abort') return target.index;
  return verb === 'switch' && layout === 'bare-index' ? source.index : null;
}

const THRESHOLD_NAMES = Object.keys(THRESHOLDS);

const isMoveAhead = (verb: Verb): boolean => verb === 'cutover' || verb === 'switch' || verb === 'finalize';

function possibility(record: MigrationRecord, verb: Verb): Pick<Action, 'whyNot' | 'canSupersede'> {
  const never = whyNever(record, verb);
  if (never !== undefined) return { whyNot: never, canSupersede: false };
  const refusal = whyNot(record, { command: verb });
  const insisted = refusal === undefined ? undefined : whyNot(record, { command: verb, supersede: true });
  return { whyNot: refusal ?? null, canSupersede: refusal !== undefined && insisted === undefined };
}

/** Why an action would have no effect, although the queue would accept its command. */
function whyNever(record: MigrationRecord, verb: Verb): string | undefined {
  const { state, readers, leader, source } = record;
  if (
    verb === 'rollback' &&
    !rollbackCommand(record) &&
    record.commands.pending.length === 0 &&
    record.goal === 'ready'
  )
    return `readers and writers are already on ${source.index}`;
  if (verb === 'cutover' && readers === 'target' && state !== 'movingReaders' && leader === 'source')
    return `readers are already on ${record.target.index}`;
  if (verb === 'switch' && leader === 'target' && readers === 'target')
    return `readers and writers are already on ${record.target.index}`;
  if (verb === 'throttle' && state !== 'copying' && state !== 'creating')
    return 'nothing is being copied, so there is nothing to slow down';
  return undefined;
}

const DOES: Readonly<Record<Verb, (record: MigrationRecord) => string>> = {
  cutover: ({ aliases, target, source }) =>
    `Moves the readers: ${aliases.read} will point to ${target.index} instead of ${source.index}, in one call. ` +
    'Nobody has to wait, and a rollback is possible.',
  switch: switchText,
  finalize: (record) => {
    const { source, target, options, leader, readers } = record;
    const first =
      leader === 'target' && readers === 'target'
        ? ''
        : `Moves readers and writers to ${target.index} first. `;
    const end =
      options.keepMs === null
        ? `Deletes ${source.index}.`
        : `Closes ${source.index}, and keeps it closed for a while.`;
    return `${first}${end} There is no rollback after this.`;
  },
  rollback: ({ leader, source }) =>
    leader === 'target'
      ? `Moves readers and writers back to ${source.index}, with another short hold of the writes. Nothing is lost.`
      : `Moves the readers back to ${source.index}, in one call. A move that was requested is withdrawn.`,
  pause: (record) =>
    `Nothing is copied or moved until somebody resumes the migration. Meanwhile ${followerIndex(record)} gets only what gateways and client libraries write to both indexes.`,
  resume: ({ halted }) =>
    halted
      ? 'Puts the aliases back where the migration left them, and continues.'
      : 'Continues where the migration was paused.',
  throttle: () => 'Changes how fast documents are copied. Following and mirroring are never slowed down.',
  abort: ({ source, target }) =>
    `Aborts the migration: deletes ${target.index} with all copied documents. Readers and writers stay on ${source.index}.`,
};

function switchText({ aliases, source, target, layout, readers, options }: MigrationRecord): string {
  const hold = `Writes are held for at most ${options.maxWritePauseMs / 1_000} s, while the last changes are copied and both indexes are proved to be equal.`;
  if (layout === 'bare-index')
    return `Deletes ${source.index} and gives its name to an alias of ${target.index}, in one call. ${hold} This cannot be undone.`;
  const who = layout === 'two-aliases' && readers === 'target' ? 'writers' : 'readers and writers';
  return `Moves the ${who} from ${source.index} to ${target.index} (${aliases.write}). ${hold} Then ${source.index} is kept in sync, so a rollback is possible.`;
}
