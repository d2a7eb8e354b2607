// Passes the ratios of a bench to bench:quick. Each ratio is a cost: 1 means the cost of the compared program in the
// same run, and lower is better.
import { readFileSync, writeFileSync } from 'node:fs';

export type Ratios = Readonly<Record<string, number>>;

const FILE = 'TWINDEX_BENCH_RATIOS';

/**
 * Writes the ratios to the file that bench:quick names. Does nothing if bench:quick has not started this
 * bench.
 */
export function handOver(ratios: Ratios): void {
  const file = process.env[FILE];
  if (file !== undefined) writeFileSync(file, JSON.stringify(ratios));
}

export const handOverTo = (file: string): Record<string, string> => ({ [FILE]: file });

export const readRatios = (file: string): Ratios => JSON.parse(readFileSync(file, 'utf8')) as Ratios;
