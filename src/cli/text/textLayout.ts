// Lays out text for a terminal. Words are never broken, and codes of colours do not count as columns.
import { styleText, stripVTControlCharacters } from 'node:util';
import { forUser, type Io, wantsColours } from '../../terminal.js';

type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';

/** How a screen is drawn. */
export interface View {
  /** Columns. `Infinity`: no line is wrapped, as for a pipe. */
  readonly width: number;
  /** Lines. `Infinity`: nothing is left out. */
  readonly height: number;
  readonly colours: boolean;
  /** The time of day in ms, for relative times. */
  readonly now: number;
}

const COMMAND = 'twindex status';

/** The width if the output is not a terminal, so that programs and logs get one line for each fact. */
export const UNLIMITED = Number.POSITIVE_INFINITY;
export const PIPED = { width: UNLIMITED, height: UNLIMITED, colours: false };

/** The size and colours of a terminal. A pipe gets long lines, so that `grep` finds whole facts. */
export function viewOf(io: Io): View {
  const { isTTY, columns = 80, rows = 24 } = io.stdout;
  // leave room, since `print` replaces `twindex status` by the command as the user called it: `npx twindex status`
  const extra = forUser(io, COMMAND).length - COMMAND.length;
  const size = isTTY ? { width: columns - extra, height: rows, colours: wantsColours(io) } : PIPED;
  return { ...size, now: Date.now() };
}

export function paint({ colours }: Pick<View, 'colours'>, colour: Colour, text: string): string {
  return colours && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
}

export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** Pads to a width in visible columns, without the codes of colours. */
export const padTo = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));

/**
 * Breaks lines at spaces. A word that is longer than a line stays whole. A line keeps its indentation.
 * @param hang how much further the continuation of a line is indented
 */
export function wrap(text: string, width: number, hang = 0): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width, hang));
}

function wrapLine(line: string, width: number, hang: number): string[] {
  if (widthOf(line) <= width) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  return hangingText(line.trim(), { first: indent, rest: indent + ' '.repeat(hang), width });
}

/**
 * Wraps a text between its words. A word that is longer than a line is not broken, because nobody could copy
 * or search for a broken path or command. It gets a line of its own, with less indentation if it then fits.
 * @param first the beginning of the first line; `rest` is the beginning of all others
 */
export function hangingText(
  text: string,
  { first, rest, width }: { readonly first: string; readonly rest: string; readonly width: number },
): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const [, gap = '', word = ''] of text.matchAll(/( *)([^ ]+)/g)) {
    if (!isEmpty && widthOf(`${line}${gap}${word}`) > width) {
      lines.push(line);
      line = indentFor(word, rest, width) + word;
    } else line += gap + word;
    isEmpty = false;
  }
  return [...lines, line];
}

/** The usual indentation, or less if the text needs the room. */
function indentFor(text: string, usual: string, width: number): string {
  const room = width - widthOf(text);
  return room < 0 || widthOf(usual) <= room ? usual : usual.slice(0, room);
}

/** One entry of a list of facts. With an empty label it continues the entry above. */
export interface Fact {
  readonly label: string;
  readonly text: string;
  readonly colour?: Colour | undefined;
}

const INDENT = 2;
const LABEL_WIDTH = 14;
/** How many columns the text of a fact may have. */
export const factWidth = ({ width }: Pick<View, 'width'>): number => width - INDENT - LABEL_WIDTH;

export function renderFacts(facts: readonly Fact[], view: View): string[] {
  return facts.flatMap(({ label, text, colour }) =>
    wrap(text, factWidth(view), 2).map((line, n) => {
      const painted = colour ? paint(view, colour, line) : line;
      if (n > 0) return `${indentFor(line, ' '.repeat(INDENT + LABEL_WIDTH), view.width)}${painted}`;
      return `${' '.repeat(INDENT)}${paint(view, 'dim', label.padEnd(LABEL_WIDTH))}${painted}`.trimEnd();
    }),
  );
}

/** For example `[#####-----]`. @param share 0 to 1 @param cells the number of characters between the brackets */
export function bar(share: number, cells: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * cells);
  return `[${'#'.repeat(filled)}${'-'.repeat(cells - filled)}]`;
}

/** The longest of these texts that fits; the last one if none does. */
export const longestFitting = (texts: readonly string[], width: number): string =>
  texts.find((text) => widthOf(text) <= width) ?? texts.at(-1) ?? '';
