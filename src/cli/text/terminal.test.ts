// Shows the golden screens on a real terminal: no line is wrapped, and a progress line that is replaced leaves no trace.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { hasTmux, shownBy } from '../../../tests/tmux.js';

const GOLDEN = join(import.meta.dirname, '../../../tests/golden');

/** The screens of `plan`, `status`, `migrate`, `history` and of errors that were drawn for this width, with and without colours. */
function screens(columns: number): string[] {
  const texts = ['screens', 'plans', 'errors'].flatMap((folder) =>
    readdirSync(join(GOLDEN, folder)).map((file) => ({
      file,
      text: readFileSync(join(GOLDEN, folder, file), 'utf8'),
    })),
  );
  return texts.flatMap(({ file, text }) => {
    const sections = text.split(/^(?==== )/m).filter((part) => isFor(columns, part.split('\n')[0] ?? ''));
    return sections.length > 0 ? sections : isFor(columns, file) ? [text] : [];
  });
}

const isFor = (columns: number, title: string): boolean =>
  title.startsWith(`=== ${columns} columns`) ||
  (!title.startsWith('===') && new RegExp(`(^|-)${columns}[-.]`).test(title));

/** A golden screen has `␛` for the escape character, and `~` where a line begins that replaces the one before. */
const bytesOf = (screen: string): string =>
  screen.replaceAll('␛', '\u001b').replaceAll('\n~ ', '\r\u001b[K').replaceAll('\n', '\r\n');

const seen = (screen: string): string[] =>
  stripVTControlCharacters(screen.replaceAll('␛', '\u001b').replaceAll(/^(.*\n~ )+/gm, ''))
    .split('\n')
    .map((line) => line.trimEnd());

describe.skipIf(!hasTmux)('on a real terminal', () => {
  test.each([60, 80, 120])('the golden screens of %d columns look as they were drawn', async (columns) => {
    const all = screens(columns).join('\n');
    for (const word of ['to replace', 'reached cutover', 'error[', 'readers']) expect(all).toContain(word);
    const shown = await shownBy({ columns, rows: 50 }, bytesOf(all));
    expect(shown.split('\n').map((line) => line.trimEnd())).toEqual(seen(all.trimEnd()));
  });
});
