// Shows the history of a migration as text: one line for each entry.
import type { HistoryEntry } from '../../protocol/record.js';
import type { MigrationHistory } from '../../coordinator/migration/steering/getHistory.js';
import { number } from '../../words.js';
import { paint, type View, wrap } from './textLayout.js';

export function renderHistory(
  { from, to, phase, by, startedAt, endedAt, entries }: MigrationHistory,
  view: View,
): string {
  return [
    `${from} -> ${to}: ${paint(view, 'bold', phase)}`,
    `  begun   ${startedAt} by ${by}`,
    `  ended   ${endedAt ?? 'not yet'}`,
    ...entries.map((entry) => `  ${entryLine(entry, view)}`),
  ]
    .flatMap((line) => wrap(line, view.width, 4))
    .join('\n');
}

function entryLine({ at, what, by, twindex, why, evidence }: HistoryEntry, view: View): string {
  const who = twindex === '' ? by : `${by}, twindex ${twindex}`;
  return [
    `${paint(view, 'dim', at)}  ${what}`,
    ...(why === '' ? [] : [`(${why})`]),
    ...(evidence ? [evidenceText(evidence)] : []),
    `by ${who}`,
  ].join('  ');
}

function evidenceText({
  compared,
  differences,
  repaired,
  rejected,
}: NonNullable<HistoryEntry['evidence']>): string {
  return `${number(compared)} compared, ${number(differences)} different, ${number(repaired)} repaired, ${number(rejected)} rejected`;
}
