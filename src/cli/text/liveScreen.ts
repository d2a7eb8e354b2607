// Redraws a text in place on a terminal. Each frame overwrites the last frame in one write, so nothing
// flickers and nothing scrolls.
import { widthOf } from './textLayout.js';
import type { Io } from '../../terminal.js';

export interface LiveScreen {
  /** Replaces the frame that is shown. A frame that is too high for the terminal is cut at its end. */
  draw(text: string): void;
  /** Leaves the last frame, and shows the cursor again. */
  end(): void;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_SCREEN = '\u001b[2J\u001b[H';
const CLEAR_REST_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export function openLiveScreen({ stdout }: Pick<Io, 'stdout'>): LiveScreen {
  let columns = 0;
  /** How many terminal lines of the frame are above its last line, in which the cursor is. */
  let above = 0;
  let isOpen = false;
  return {
    draw(text) {
      const { columns: width = 80, rows: height = 24 } = stdout;
      const lines = fit(text, { width, height });
      // after a change of the width, the terminal has wrapped the frame again, so its first line is unknown
      const start = isOpen && columns !== width ? CLEAR_SCREEN : `\r${up(above)}`;
      stdout.write(
        `${isOpen ? '' : HIDE_CURSOR}${start}${lines.join(`${CLEAR_REST_OF_LINE}\r\n`)}${CLEAR_REST_OF_LINE}${CLEAR_BELOW}`,
      );
      columns = width;
      above = lines.reduce((sum, line) => sum + rowsOf(line, width), 0) - 1;
      isOpen = true;
    },
    end() {
      if (isOpen) stdout.write(`\r\n${SHOW_CURSOR}`);
      isOpen = false;
      above = 0;
    },
  };
}

const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A` : '');

/** The number of terminal lines that a line takes. A very long word can make a line wider than the terminal. */
const rowsOf = (line: string, width: number): number => Math.max(1, Math.ceil(widthOf(line) / width));

/**
 * The lines that fit, without the last line of the terminal, which `end` needs. If lines are cut, the last
 * one says how many.
 */
function fit(text: string, { width, height }: { readonly width: number; readonly height: number }): string[] {
  const lines = text.split('\n');
  const rows = lines.map((line) => rowsOf(line, width));
  const total = rows.reduce((sum, one) => sum + one, 0);
  if (total < height) return lines;
  let used = 0;
  const shown = lines.filter((_, n) => {
    used += rows[n] ?? 1;
    return used < height - 1;
  });
  return [...shown, `… ${lines.length - shown.length} more lines`];
}
