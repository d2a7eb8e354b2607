// Shows a line of a difference on a terminal: with its marker in colour, and its note beside or below it.
import type { Change } from '../../schema/types.js';
import type { ChangeLine, Marker } from './changeLines.js';
import { hangingText } from './textLayout.js';

export type Colour = 'red' | 'green' | 'yellow' | 'bold' | 'dim';

export interface Style {
  readonly paint: (colour: Colour, text: string) => string;
  readonly width: number;
}

const INDENT = 4;

const COLOUR_OF: Readonly<Record<Marker, Colour | undefined>> = {
  '+': 'green',
  '-': 'red',
  '~': 'yellow',
  ' ': undefined,
};

const NEEDS_COLOUR: Readonly<Record<Change['needs'], Colour>> = {
  'in-place': 'dim',
  'close-and-open': 'yellow',
  'new-version': 'red',
  blocked: 'red',
};

export function renderChange({ marker, depth, text, note }: ChangeLine, { paint, width }: Style): string[] {
  const indent = ' '.repeat(INDENT * (depth + 1));
  const first = `${indent}${marker} `;
  const rest = `${indent}    `;
  const plain = hangingText(text, { first, rest, width });
  const colour = COLOUR_OF[marker];
  const lines = colour
    ? plain.map((line, n) =>
        n === 0 ? `${indent}${paint(colour, marker)} ${line.slice(first.length)}` : line,
      )
    : plain;
  if (!note) return lines;
  const remark = `# ${note.text}`;
  const remarkColour = NEEDS_COLOUR[note.needs];
  if ((plain.at(-1)?.length ?? 0) + 2 + remark.length <= width)
    return [...lines.slice(0, -1), `${lines.at(-1)}  ${paint(remarkColour, remark)}`];
  const below = hangingText(note.text, { first: `${rest}# `, rest: `${rest}# `, width });
  return [...lines, ...below.map((line) => rest + paint(remarkColour, line.slice(rest.length)))];
}
