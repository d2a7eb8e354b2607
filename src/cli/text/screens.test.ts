// Golden screens: recorded states and events (tests/golden/scenes.ts), drawn at three widths, with and without
// colours, and for a pipe. `npx vitest run --project unit src/cli/text/screens.test.ts -u` writes them anew.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AT_CUTOVER, EVENTS, HISTORY, NOW, STATUSES, TABLES } from '../../../tests/golden/scenes.js';
import { EventBus } from '../../events.js';
import { startReport } from './eventReport.js';
import { evidenceLines } from './gateEvidence.js';
import { renderHistory } from './historyText.js';
import { renderTable } from './statusTable.js';
import { renderStatus, statusLine } from './statusText.js';
import { PIPED, type View } from './textLayout.js';

const SCREENS = join(import.meta.dirname, '../../../tests/golden/screens');
const fileOf = (title: string): string => join(SCREENS, `${title.replaceAll(/\W+/g, '-')}.txt`);

const now = Date.parse(NOW);
const WIDTHS = [60, 80, 120];
const VIEWS: readonly [title: string, view: View][] = [
  ...WIDTHS.map((width): [string, View] => [`${width} columns`, { width, height: 24, colours: false, now }]),
  ['80 columns, with colours', { width: 80, height: 24, colours: true, now }],
  ['piped', { ...PIPED, now }],
];

/** Shows control characters, and cuts a long output. */
function printed(text: string): string {
  const lines = text.replaceAll('\u001b', '␛').split('\n');
  return lines.length <= 40
    ? lines.join('\n')
    : [...lines.slice(0, 40), `(${lines.length} lines)`].join('\n');
}

/** The screens of one scene as one file. */
const drawn = (draw: (view: View) => string): string =>
  VIEWS.map(([title, view]) => `=== ${title}\n${printed(draw(view))}\n`).join('\n');

const scenes: Readonly<Record<string, (view: View) => string>> = {
  ...mapped(STATUSES, (status) => (view) => renderStatus(status, view)),
  ...mapped(TABLES, (statuses) => (view) => renderTable(statuses, view)),
  history: (view) => renderHistory(HISTORY, view),
  'migrate at a gate': (view) => evidenceLines(AT_CUTOVER, view).join('\n'),
};

function mapped<A, B>(from: Readonly<Record<string, A>>, to: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, to(value)]));
}

const titles = Object.keys(scenes);

describe('golden screens', () => {
  test.each(titles)('%s', async (title) => {
    await expect(drawn(scenes[title] as (view: View) => string)).toMatchFileSnapshot(fileOf(title));
  });

  test('migrate, with its events one after the other', async () => {
    const texts = [...WIDTHS, undefined].map((columns) => {
      const title = columns === undefined ? 'piped' : `${columns} columns`;
      return `=== ${title}\n${migrateScreen(columns)}`;
    });
    vi.stubEnv('NO_COLOR', '');
    texts.push(`=== 80 columns, with colours\n${migrateScreen(80)}`);
    await expect(texts.join('\n')).toMatchFileSnapshot(fileOf('migrate'));
  });

  test('status --watch in a log: one line for each', async () => {
    const lines = Object.values(STATUSES).map((status) => statusLine(status, now));
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(fileOf('status in a log'));
  });

  test('there is no screen without a scene', async () => {
    const known = [...titles, 'migrate', 'status in a log'].map((title) => fileOf(title));
    const ours = (await readdir(SCREENS)).filter((name) => /^(status|migrate|history)/.test(name));
    const found = ours.map((name) => join(SCREENS, name));
    expect(found.sort()).toEqual(known.sort());
  });

  // Bars have another length at each width, and a table leaves out columns.
  test.each([...Object.keys(STATUSES), 'history', 'migrate at a gate'])(
    'no word of "%s" is broken at any width',
    (title) => {
      const draw = scenes[title] as (view: View) => string;
      const wordsAt = (width: number): string[] =>
        draw({ ...PIPED, width, now })
          .split(/\s+/)
          .filter((word) => !word.startsWith('['));
      const words = wordsAt(Number.POSITIVE_INFINITY);
      for (let width = 1; width < 200; width++) expect(wordsAt(width), `${width} columns`).toEqual(words);
    },
  );

  test('500 tenants fit on a screen of any size that is usual, and no line is wider', () => {
    const statuses = TABLES['status of 500 tenants'] ?? [];
    for (const [width, height] of [
      [60, 20],
      [80, 24],
      [120, 50],
    ] as const) {
      const lines = renderTable(statuses, { width, height, colours: false, now }).split('\n');
      expect(lines.length).toBeLessThan(height);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      for (const tenant of ['tenant-017', 'tenant-117', 'tenant-417', 'tenant-202', 'tenant-452'])
        expect(lines.join('\n')).toContain(tenant);
    }
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** The output of `migrate`. A line that replaces the progress line begins with `~`. */
function migrateScreen(columns: number | undefined): string {
  vi.useFakeTimers({ toFake: ['Date'], now });
  vi.stubEnv('NO_COLOR', process.env['NO_COLOR'] ?? '1');
  const isTTY = columns !== undefined;
  const stdout = Object.assign(new PassThrough(), isTTY ? { columns } : {});
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const bus = new EventBus();
  // The compiler can't tell that each pair of name and payload belongs together.
  const emit = bus.emit.bind(bus) as unknown as (event: string, payload: object) => void;
  const report = startReport(bus, { stdout, stderr, stdin: new PassThrough() }, false);
  for (const [event, payload] of EVENTS) {
    vi.setSystemTime(Date.now() + 6_000);
    emit(event, payload);
  }
  report.stop();
  return stderr
    .setEncoding('utf8')
    .read()
    .replaceAll('\r\u001b[K', '\n~ ')
    .replaceAll('\u001b', '␛') as string;
}
