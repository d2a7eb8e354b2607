// What a wish changes in the record. Pure.
import type { Patch } from '../journal/journal.js';
import type { Goal, LeftOut, MigrationRecord, ReadsWish } from '../journal/record.js';
import { areMany } from '../words.js';
import { phaseOf } from './states.js';
import type { Wish, WishName } from '../journal/wishes.js';

type Asked = Pick<Wish, 'wish' | 'version' | 'throttle' | 'reads' | 'force' | 'leftOut'>;

/** Of the wishes that move something. */
export const GOAL_OF: { readonly [W in WishName]?: Goal } = {
  cutover: 'cutover',
  switch: 'switched',
  rollback: 'ready',
  finalize: 'finalized',
  abort: 'aborted',
};

export function grant(record: MigrationRecord, wish: Asked & Pick<Wish, 'id'>): Patch {
  const handledWish = wish.id;
  if (whyNot(record, wish)) return { handledWish };
  if (wish.wish === 'replay') return { handledWish };
  // counts prove nothing from now on
  if (wish.wish === 'leaveOut')
    return { handledWish, drops: true, leftOut: merged(record.leftOut, wish.leftOut ?? []) };
  if (wish.wish === 'pause') return { handledWish, paused: true };
  if (wish.wish === 'resume') return { handledWish, paused: false };
  if (wish.wish === 'verify') return { handledWish, verified: false };
  if (wish.wish === 'writers')
    return { handledWish, writers: { ...record.writers, version: wish.version ?? record.writers.version } };
  if (wish.wish === 'throttle') return { handledWish, throttle: { ...record.throttle, ...wish.throttle } };
  if (wish.wish === 'reads') return { handledWish, reads: { ...record.reads, ...wish.reads } };
  // whoever takes the readers back means those of the canary, too
  if (wish.wish === 'rollback' && record.reads.canary > 0)
    return { handledWish, paused: false, goal: 'ready', reads: { ...record.reads, canary: 0 } };
  // who asks for a move has seen enough
  const forced = [...new Set([...record.forced, ...(wish.force ?? [])])];
  return { handledWish, paused: false, goal: GOAL_OF[wish.wish] ?? record.goal, forced, movedAt: null };
}

/** Why a wish can't be granted in this state; undefined when it can. */
export function whyNot(record: MigrationRecord, { wish, version, reads }: Asked): string | undefined {
  const { name, state, source, target } = record;
  if (state === 'finalized' || state === 'aborted') return `the migration of ${name} is ${state} already`;
  if (state === 'finalizing' && wish !== 'finalize')
    return `the migration of ${name} is being finalized: ${record.source.index} is going`;
  if (state === 'aborting' && wish !== 'abort') return `the migration of ${name} is being aborted`;
  if (record.halted && wish !== 'pause' && !(wish === 'resume' && record.halted.for === 'aliases'))
    return record.halted.text;
  if (wish === 'cutover' && record.layout !== 'two-aliases')
    return `readers and writers of ${name} come through one name, so they move together: use twindex switch ${name}`;
  const isUsed = record.first === 'target' || record.readers === 'target' || record.reads.canary > 0;
  if (wish === 'abort' && isUsed)
    return `readers or writers are on ${record.target.index}: take them back first with twindex rollback ${name}`;
  if (wish === 'reads') return whyNotReads(record, reads ?? {});
  if (wish === 'writers' && version !== source.version && version !== target.version)
    return (
      `documents of ${name} have version ${source.version} or ${target.version} while this migration lasts, not ${version}: ` +
      `twindex writers ${name} --version ${target.version}`
    );
  return undefined;
}

function merged(before: readonly LeftOut[], more: readonly LeftOut[]): LeftOut[] {
  const isKnown = ({ id, routing }: LeftOut): boolean =>
    before.some((known) => known.id === id && known.routing === routing);
  return [...before, ...more.filter((key) => !isKnown(key))];
}

function whyNotReads(
  record: MigrationRecord,
  { shadow = 0, canary = 0 }: Partial<ReadsWish>,
): string | undefined {
  const { name, aliases, source, target, sourceAliases } = record;
  if (shadow === 0 && canary === 0) return undefined;
  const narrowed = Object.keys(sourceAliases[aliases.read] ?? {}).filter((key) => NARROWS.test(key));
  if (narrowed.length > 0)
    return (
      `${aliases.read} has a ${narrowed.join(' and a ')}, which a search of ${target.index} itself would not have: ` +
      `neither --shadow nor --canary is possible for ${name}`
    );
  if (canary === 0) return undefined;
  if (record.readers === 'target') return `the readers of ${name} are on ${target.index} already`;
  if (phaseOf(record) === 'incomplete')
    return `${areMany(record.rejected, 'document')} rejected by ${target.index}, so no reader is taken there: see twindex rejected ${name}`;
  if (!record.verified)
    return (
      `${target.index} is not verified yet, so no reader is taken there from ${source.index}: wait until ` +
      `twindex status ${name} says ready`
    );
  return undefined;
}

/** Properties of an alias that say which documents a search through it finds. */
const NARROWS = /^(?:filter|routing|search_routing)$/;
