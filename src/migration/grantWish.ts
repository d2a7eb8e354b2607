// What a wish changes in the record. Pure.
import type { Patch } from '../journal/journal.js';
import type { Goal, MigrationRecord } from '../journal/record.js';
import type { Wish, WishName } from '../journal/wishes.js';

type Asked = Pick<Wish, 'wish' | 'version' | 'throttle'>;

const GOAL_OF: { readonly [W in WishName]?: Goal } = {
  cutover: 'cutover',
  switch: 'switched',
  rollback: 'ready',
  finalize: 'finalized',
  abort: 'aborted',
};

export function grant(record: MigrationRecord, wish: Asked & Pick<Wish, 'id'>): Patch {
  const handledWish = wish.id;
  if (whyNot(record, wish)) return { handledWish };
  if (wish.wish === 'pause') return { handledWish, paused: true };
  if (wish.wish === 'resume') return { handledWish, paused: false };
  if (wish.wish === 'verify') return { handledWish, verified: false };
  if (wish.wish === 'writers')
    return { handledWish, writers: { ...record.writers, version: wish.version ?? record.writers.version } };
  if (wish.wish === 'throttle') return { handledWish, throttle: { ...record.throttle, ...wish.throttle } };
  return { handledWish, paused: false, goal: GOAL_OF[wish.wish] ?? record.goal };
}

/** Why a wish can't be granted in this state; undefined when it can. */
export function whyNot(record: MigrationRecord, { wish, version }: Asked): string | undefined {
  const { name, state, source, target } = record;
  if (state === 'finalized' || state === 'aborted') return `the migration of ${name} is ${state} already`;
  if (state === 'finalizing' && wish !== 'finalize')
    return `the migration of ${name} is being finalized: ${record.source.index} is going`;
  if (state === 'aborting' && wish !== 'abort') return `the migration of ${name} is being aborted`;
  if (wish === 'cutover' && record.layout !== 'two-aliases')
    return `readers and writers of ${name} come through one name, so they move together: use twindex switch ${name}`;
  if (wish === 'abort' && (record.first === 'target' || record.readers === 'target'))
    return `readers or writers are on ${record.target.index}: take them back first with twindex rollback ${name}`;
  if (wish === 'writers' && version !== source.version && version !== target.version)
    return (
      `documents of ${name} have version ${source.version} or ${target.version} while this migration lasts, not ${version}: ` +
      `twindex writers ${name} --version ${target.version}`
    );
  return undefined;
}
