// Replaces the generated parts of RESULTS.md, each between a pair of markers.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

// the compiled file is in .bench/bench/
const FILE = fileURLToPath(new URL('../../bench/RESULTS.md', import.meta.url));

const beginOf = (part: string): string => `<!-- ${part}: generated, begin -->`;

export const hasPart = (part: string): boolean => readFileSync(FILE, 'utf8').includes(beginOf(part));

export function writePart(part: string, text: string): void {
  const begin = beginOf(part);
  const end = `<!-- ${part}: generated, end -->`;
  const before = readFileSync(FILE, 'utf8');
  const [head, rest] = splitAt(before, begin);
  const [, tail] = splitAt(rest, end);
  writeFileSync(FILE, `${head}${begin}\n\n${text.trim()}\n\n${end}${tail}`);
  console.error(`written: ${FILE}`);
}

function splitAt(text: string, marker: string): [string, string] {
  const at = text.indexOf(marker);
  if (at < 0) throw new Error(`${FILE} has no line ${marker}`);
  return [text.slice(0, at), text.slice(at + marker.length)];
}

/** The machine, engine and command of the measurement. */
export function circumstances(command: string, engine: string): string {
  const [cpu] = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return [
    `- ${date}, \`${command}\``,
    `- ${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, ${memoryGb} GiB`,
    `- ${engine}; Node ${process.versions.node}`,
  ].join('\n');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, n) => (n === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
