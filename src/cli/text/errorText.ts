// How an error is printed: its code, what happened, what to do next, and where the code is explained. Pure.
import { styleText } from 'node:util';
import { partsOf } from '../../errors.js';

interface Style {
  /** Width of the terminal. Undefined: lines are not wrapped, and the hint is in the line of the error, for logs. */
  readonly columns: number | undefined;
  readonly colours: boolean;
  /** Shows commands as the user has called twindex. */
  readonly asCalled?: ((text: string) => string) | undefined;
}

const INDENT = '  ';

export function errorText(error: unknown, { columns, colours, asCalled = (text) => text }: Style): string {
  const { code, ...parts } = partsOf(error);
  const message = asCalled(parts.message);
  const hint = parts.hint === undefined ? undefined : asCalled(parts.hint);
  const inLine = hint !== undefined && columns === undefined ? ` ${hint}` : '';
  const paint = (style: 'red' | 'bold' | 'dim', text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const label = `error[${code}]:`;
  const [first = '', ...more] = wrapped(`${label} ${message}${inLine}`, columns);
  const hints = hint === undefined || columns === undefined ? [] : wrapped(hint, columns, INDENT);
  return [
    paint('bold', paint('red', label)) + first.slice(label.length),
    ...more,
    ...hints,
    paint('dim', `${INDENT}see docs/errors.md#${code}`),
  ].join('\n');
}

/** Breaks lines between words only. Further lines of a paragraph are indented. */
function wrapped(text: string, columns: number | undefined, before = ''): string[] {
  return text.split('\n').flatMap((paragraph, n) => {
    const indent = before || (n > 0 ? (/^\s*/.exec(paragraph)?.[0] ?? '') : '');
    if (columns === undefined) return [before + paragraph];
    return wrapParagraph(paragraph.trimStart(), {
      columns,
      first: indent,
      next: before || `${indent}${INDENT}`,
    });
  });
}

function wrapParagraph(
  text: string,
  { columns, first, next }: { readonly columns: number; readonly first: string; readonly next: string },
): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const isEmpty = line.trim() === '';
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = next + word;
    } else line += isEmpty ? word : ` ${word}`;
  }
  return [...lines, line];
}
