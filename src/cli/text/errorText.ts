// Formats an error: its code, what happened, what to do next, and where the code is explained. Pure.
import { partsOf } from '../../errors.js';
import { hangingText, paint } from './textLayout.js';

interface Style {
  /**
   * The width of the terminal. Undefined for logs: lines are not wrapped, and the hint is on the line of the
   * error.
   */
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
  const style = { colours };
  const label = `error[${code}]:`;
  const [first = '', ...more] = wrapped(`${label} ${message}${inLine}`, columns);
  const hints = hint === undefined || columns === undefined ? [] : wrapped(hint, columns, INDENT);
  return [
    paint(style, 'bold', paint(style, 'red', label)) + first.slice(label.length),
    ...more,
    ...hints,
    paint(style, 'dim', `${INDENT}see docs/errors.md#${code}`),
  ].join('\n');
}

/** Breaks lines only between words. The second and later lines of a paragraph are indented. */
function wrapped(text: string, columns: number | undefined, before = ''): string[] {
  return text.split('\n').flatMap((paragraph, n) => {
    const indent = before || (n > 0 ? (/^\s*/.exec(paragraph)?.[0] ?? '') : '');
    if (columns === undefined) return [before + paragraph];
    return hangingText(paragraph.trimStart(), {
      first: indent,
      rest: before || `${indent}${INDENT}`,
      width: columns,
    });
  });
}
