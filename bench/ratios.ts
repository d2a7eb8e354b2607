// The ratios of a bench, for bench:quick and its history. All of them are costs: 1 is as good as the peer of the same run, and
// lower is better.
import { readFileSync, writeFileSync } from 'node:fs';

export type Ratios = Readonly<Record<string, number>>;

const FILE = 'TWINDEX_BENCH_RATIOS';

/** Does nothing unless bench:quick has started this bench, and names the file. */
export function handOver(ratios: Ratios): void {
  const file = process.env[FILE];
  if (file !== undefined) writeFileSync(file, JSON.stringify(ratios));
}

export const handOverTo = (file: string): Record<string, string> => ({ [FILE]: file });

export const readRatios = (file: string): Ratios => JSON.parse(readFileSync(file, 'utf8')) as Ratios;
