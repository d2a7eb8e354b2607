// Makes the line that shows the progress of a task, or the lag.
import type { Events, Progress } from '../../events.js';
import { formatDuration } from '../../duration.js';
import { number } from '../../words.js';
import { bar, longestFitting } from './textLayout.js';

/**
 * For example `copy  [##########----------] 50% 12,500 of 25,000, 8,000/s, 2s left`. If this is wider than `width`, the
 * bar is shorter, or facts at the end are left out. No word is cut.
 */
export function progressLine({ task, done, total, rate, etaMs }: Progress, width: number): string {
  const speed = `, ${number(Math.round(rate))}/s`;
  const left = etaMs === undefined ? '' : `, ${formatDuration(etaMs)} left`;
  if (total === undefined) return longestFitting([`${task}  ${number(done)}${speed}`, task], width);
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const percent = `${Math.floor(share * 100)}%`;
  const counts = `${number(done)} of ${number(total)}`;
  return longestFitting(
    [
      `${task}  ${bar(share, 20)} ${percent} ${counts}${speed}${left}`,
      `${task}  ${bar(share, 10)} ${percent} ${counts}${speed}${left}`,
      `${task}  ${percent} ${counts}${speed}${left}`,
      `${task}  ${percent}${speed}${left}`,
      `${task}  ${percent}${left}`,
      `${task}  ${percent}`,
    ],
    width,
  );
}

type Lag = Pick<Events['lag'][0], 'operations' | 'lagMs' | 'deletesPending'>;

/** For example `12 operations, 40ms, deletes to be found`. */
export function lagText({ operations, lagMs, deletesPending }: Lag): string {
  const deletes = deletesPending ? ', deletes to be found' : '';
  return `${number(operations)} operations, ${formatDuration(lagMs)}${deletes}`;
}

export const lagLine = (lag: Lag, width: number): string =>
  longestFitting(
    [
      `following  behind by ${lagText(lag)}`,
      `following  behind by ${lagText({ ...lag, deletesPending: false })}`,
      'following',
    ],
    width,
  );
