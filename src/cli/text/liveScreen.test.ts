import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { NOW, STATUSES, TABLES } from '../../../tests/golden/scenes.js';
import { hasTmux, shownBy, type Size } from '../../../tests/tmux.js';
import { openLiveScreen } from './liveScreen.js';
import { renderTable } from './statusTable.js';
import { renderStatus } from './statusText.js';

/** The bytes that a terminal of this size gets. */
function bytesOf({ columns, rows }: Size, frames: readonly string[]): string {
  const stdout = Object.assign(new PassThrough().setEncoding('utf8'), { columns, rows, isTTY: true });
  const screen = openLiveScreen({ stdout });
  for (const frame of frames) screen.draw(frame);
  screen.end();
  return stdout.read() as string;
}

test('each frame is written over the last one, without clearing the screen', () => {
  const written = bytesOf({ columns: 80, rows: 24 }, ['one\ntwo', 'three']);
  expect(written).toBe(
    '\u001b[?25l\rone\u001b[K\r\ntwo\u001b[K\u001b[J' +
      '\r\u001b[1Athree\u001b[K\u001b[J' +
      '\r\n\u001b[?25h',
  );
});

test('a frame that is too high is cut, and says so', () => {
  const written = bytesOf({ columns: 80, rows: 4 }, ['1\n2\n3\n4\n5']);
  expect(written).toContain('1\u001b[K\r\n2\u001b[K\r\n… 3 more lines');
});

describe.skipIf(!hasTmux)('on a real terminal', () => {
  test.each([60, 80, 120])('with %d columns, frames leave no trace and nothing scrolls', async (columns) => {
    const size = { columns, rows: 40 };
    const view = { width: columns, height: size.rows, colours: true, now: Date.parse(NOW) };
    const frames = [
      'status copying with workers and rejected documents',
      'status copying',
      'status incomplete',
      'status ready',
    ].map((title) => renderStatus(STATUSES[title] as NonNullable<(typeof STATUSES)[string]>, view));
    const last = renderStatus(STATUSES['status ready'] as NonNullable<(typeof STATUSES)[string]>, {
      ...view,
      colours: false,
    });
    expect(await shownBy(size, bytesOf(size, [...frames, ...frames]))).toBe(last);
  });

  test('a table of 500 migrations is redrawn in place', async () => {
    const size = { columns: 80, rows: 24 };
    const view = { width: size.columns, height: size.rows, colours: false, now: Date.parse(NOW) };
    const table = renderTable(TABLES['status of 500 tenants'] ?? [], view);
    expect(await shownBy(size, bytesOf(size, [table, table, table]))).toBe(table);
  });
});
