// The last lines of a program's output, for a message of one line. Pure.
import { redact } from '../../../errors.js';

const LINES = 5;
const CHARACTERS = 500;

export function lastLines(text: string): string {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return redact(lines.slice(-LINES).join(' | ')).slice(-CHARACTERS);
}
