// Shows many migrations as a table, one line each. On a terminal the table fits on the screen: migrations that need a
// person come first, and migrations that wait at the same phase share a line. Pure.
import type { MigrationOverview } from '../../coordinator/migration/steering/getStatus.js';
import { formatDuration } from '../../duration.js';
import { nextMove, type Phase } from '../../protocol/states.js';
import { number } from '../../words.js';
import {
  type Activity,
  activityOf,
  attentionOf,
  hasCoordinator,
  nextCommand,
} from '../../coordinator/migration/steering/nextCommand.js';
import { percentOf } from './statusText.js';
import { bar, padTo, paint, type View, widthOf } from './textLayout.js';

interface Row {
  readonly name: string;
  readonly phase: Phase;
  readonly group: Activity;
  readonly does: string;
  /** A shorter form of `does`. */
  readonly short: string;
  readonly left: string;
  readonly next: string;
}

const ORDER: readonly Row['group'][] = ['needsYou', 'working', 'rests', 'over'];

export function renderTable(migrations: readonly MigrationOverview[], view: View): string {
  const rows = migrations
    .map((migration) => rowOf(migration, view.now))
    .sort((a, b) => ORDER.indexOf(a.group) - ORDER.indexOf(b.group));
  const lines = shareOut(rows, view.height - FRAME_LINES);
  return [summary(rows, view), '', ...columns(lines, view)].join('\n');
}

/** Lines of the screen that show no migration: summary, empty line, table heading, and the prompt. */
const FRAME_LINES = 4;

function rowOf({ name, phase, record, troubles }: MigrationOverview, now: number): Row {
  const attention = attentionOf(record, now, { troubles: troubles.length });
  const { task, total, etaMs, rate } = record.progress;
  const isCounted = task !== '' && total !== null;
  const moves = isCounted && hasCoordinator(record, now) && rate > 0;
  const percent = isCounted ? `${percentOf(record)}%` : '';
  const pending = nextMove(record).type === 'stay' ? '' : `moving to ${record.goal}`;
  const group = activityOf(record, attention);
  return {
    name,
    phase,
    group,
    does: attention ?? (isCounted ? `${bar(percentOf(record) / 100, 10)} ${percent.padStart(4)}` : pending),
    short: attention ?? (isCounted ? percent : pending),
    left: moves && etaMs !== null ? formatDuration(Math.max(1_000, etaMs)) : '',
    next: group === 'working' ? '' : (nextCommand(record, now)?.command ?? ''),
  };
}

const WORDS: Readonly<Record<Row['group'], string>> = {
  needsYou: 'waiting for you',
  working: 'working',
  rests: 'at rest',
  over: 'over',
};

function summary(rows: readonly Row[], view: View): string {
  const counts = ORDER.flatMap((group) => {
    const found = rows.filter((row) => row.group === group).length;
    const text = `${number(found)} ${WORDS[group]}`;
    return found === 0 ? [] : [group === 'needsYou' ? paint(view, 'yellow', text) : text];
  });
  const total = `${number(rows.length)} migration${rows.length === 1 ? '' : 's'}`;
  return `${total}: ${counts.join(', ')}`;
}

/** A line of the table: one migration, or several migrations that share the line. */
type Line = { readonly row: Row } | { readonly rest: readonly Row[] };

/** Chooses the migrations that get a line of their own. Those that need a person come first. */
function shareOut(rows: readonly Row[], height: number): Line[] {
  if (rows.length <= height) return rows.map((row) => ({ row }));
  const of = (group: Row['group']) => rows.filter((row) => row.group === group);
  const resting = ([...new Set([...of('rests'), ...of('over')].map(({ phase }) => phase))] as Phase[]).map(
    (phase): Line => ({
      rest: rows.filter((row) => row.phase === phase && (row.group === 'rests' || row.group === 'over')),
    }),
  );
  const room = Math.max(2, height - resting.length);
  const working = of('working');
  const attention = upTo(of('needsYou'), Math.max(1, room - Math.min(working.length, Math.floor(room / 3))));
  return [...attention, ...upTo(working, Math.max(1, room - attention.length)), ...resting];
}

/** One line for each row. If there are more rows than lines, the last line stands for the remaining rows. */
function upTo(rows: readonly Row[], most: number): Line[] {
  if (rows.length <= most) return rows.map((row) => ({ row }));
  return [...rows.slice(0, most - 1).map((row) => ({ row })), { rest: rows.slice(most - 1) }];
}

type Cells = readonly string[];
const HEAD: Cells = ['NAME', 'PHASE', '', 'LEFT', 'NEXT'];

/** Draws the table in the widest form that fits. No cell is cut. */
function columns(lines: readonly Line[], view: View): string[] {
  const shapes = [
    ({ name, phase, does, left, next }: Row): Cells => [name, phase, does, left, next],
    ({ name, phase, short, left, next }: Row): Cells => [name, phase, short, left, next],
    ({ name, phase, short, next }: Row): Cells => [name, phase, short, '', next],
    ({ name, phase, short, left }: Row): Cells => [name, phase, short, left, ''],
    ({ name, phase, short }: Row): Cells => [name, phase, short, '', ''],
  ];
  const rows = lines.flatMap((line) => ('row' in line ? [line.row] : []));
  const drawn = shapes.map((cellsOf) => draw(rows.map(cellsOf)));
  const table = drawn.find(({ width }) => width <= view.width) ?? drawn.at(-1);
  const texts = [...(table?.lines ?? [])].values();
  const head = texts.next().value ?? '';
  return [
    ...(rows.length > 0 ? [paint(view, 'dim', head)] : []),
    ...lines.map((line) =>
      'row' in line ? coloured(line.row, texts.next().value ?? '', view) : restText(line.rest, view),
    ),
  ];
}

function coloured({ group }: Row, text: string, view: View): string {
  if (group === 'needsYou') return paint(view, 'yellow', text);
  return group === 'over' ? paint(view, 'dim', text) : text;
}

const GAP = '  ';

function draw(rows: readonly Cells[]): { readonly width: number; readonly lines: readonly string[] } {
  const used = HEAD.map((_, n) => rows.some((cells) => (cells[n] ?? '') !== ''));
  const shown = [HEAD, ...rows].map((cells) => cells.filter((_, n) => used[n]));
  const widths = (shown[0] ?? []).map((_, n) => Math.max(...shown.map((cells) => widthOf(cells[n] ?? ''))));
  const lines = shown.map((cells) =>
    cells
      .map((cell, n) => padTo(cell, widths[n] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
  return { width: Math.max(...lines.map(widthOf)), lines };
}

/** For example `454 ready (twindex cutover NAME): tenant-001, tenant-002, …`, with as many names as fit. */
function restText(rest: readonly Row[], view: View): string {
  const [first] = rest;
  if (!first) return '';
  const what = first.group === 'rests' || first.group === 'over' ? first.phase : WORDS[first.group];
  const commands = new Set(rest.map(({ name, next }) => next.replace(name, 'NAME')));
  const [next = ''] = commands.size === 1 && first.group === 'rests' ? commands : [];
  const head = `${number(rest.length)} ${what}${next === '' ? '' : ` (${next})`}: `;
  let names = '';
  for (const [n, { name }] of rest.entries()) {
    const longer = `${names}${n === 0 ? '' : ', '}${name}`;
    const end = n === rest.length - 1 ? '' : ', …';
    if (n > 0 && widthOf(`${head}${longer}${end}`) > view.width) return `${head}${names}, …`;
    names = longer;
  }
  return `${head}${names}`;
}
