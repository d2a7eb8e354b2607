// Escapes text for Markdown, so that names and values of users are shown exactly as they are. Pure.

import type { ChangeLine } from './changeLines.js';

/** Escapes the signs that Markdown and HTML interpret, and `@`, because `@name` notifies a person on GitHub. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<#|~]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`))
    .replaceAll('@', '@\u2060')
    .replaceAll('\n', ' ');
}

/** A code block whose fence is longer than every row of backticks in the text. */
export function codeBlock(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A code block in the language `diff`, in which GitHub colours a line by the marker in its first column. */
export function diffBlock(lines: readonly ChangeLine[]): string {
  if (lines.length === 0) return '';
  const text = lines.map(({ marker, depth, text: line, note }) => {
    const remark = note ? `  # ${note.text}` : '';
    return `${marker === '~' ? '!' : marker} ${'  '.repeat(depth)}${line}${remark}`;
  });
  return codeBlock(text.join('\n'), 'diff');
}
