// Puts any text into Markdown so that it is shown as it is: names and values come from users. Pure.

import type { ChangeLine } from './changeLines.js';

/** Escapes what Markdown and HTML would interpret. `@name` would notify a person on GitHub. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<#|~]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`))
    .replaceAll('@', '@\u2060')
    .replaceAll('\n', ' ');
}

/** A block whose fence is longer than every row of backticks in it. */
export function codeBlock(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A block in the language `diff`: a marker in the first column gives the line its colour. */
export function diffBlock(lines: readonly ChangeLine[]): string {
  if (lines.length === 0) return '';
  const text = lines.map(({ marker, depth, text: line, note }) => {
    const remark = note ? `  # ${note.text}` : '';
    return `${marker === '~' ? '!' : marker} ${'  '.repeat(depth)}${line}${remark}`;
  });
  return codeBlock(text.join('\n'), 'diff');
}
