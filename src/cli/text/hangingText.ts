// Fits text into the width of a terminal, without ever breaking a word. Pure.

/** Lines are not wrapped: the output is no terminal, so programs and logs get one line for each fact. */
export const UNLIMITED = Number.POSITIVE_INFINITY;

/**
 * Wraps a text between its words. A word that is longer than a line stands on a line of its own, and is too
 * long there: a broken path or command could be neither searched for nor copied.
 * @param first begins the first line; `rest` begins the others
 */
export function hangingText(
  text: string,
  { first, rest, width }: { readonly first: string; readonly rest: string; readonly width: number },
): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
