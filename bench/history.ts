// Keeps the ratios of earlier runs of bench:quick in history.json, and finds ratios that have become worse.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Ratios } from './ratios.js';
import { median } from './results.js';

export interface Run {
  /** YYYY-MM-DD. */
  readonly date: string;
  /** CPUs and Node.js. */
  readonly machine: string;
  readonly ratios: Ratios;
}

/** On a shared machine, the medians of two quick runs may differ by this factor without a cause. */
const NOISE = 1.35;
/** Compare with this many runs, so that neither one lucky run nor very old runs decide. */
const COMPARED_RUNS = 9;

// the compiled file is in .bench/bench/
const FILE = fileURLToPath(new URL('../../bench/history.json', import.meta.url));

export function readHistory(): readonly Run[] {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Run[]) : [];
}

export function addToHistory(ratios: Ratios): void {
  const [cpu] = cpus();
  const machine = `${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, Node ${process.versions.node}`;
  const run: Run = { date: new Date().toISOString().slice(0, 10), machine, ratios };
  writeFileSync(FILE, `${JSON.stringify([...readHistory(), run], null, 2)}\n`);
}

/** The median of a ratio in the last runs; undefined if none of them has measured it. */
export function earlier(name: string, history: readonly Run[]): number | undefined {
  const values = history.flatMap(({ ratios }) => ratios[name] ?? []).slice(-COMPARED_RUNS);
  return values.length === 0 ? undefined : median(values);
}

/** Names of the ratios that are worse by more than the noise. */
export function worse(ratios: Ratios, history: readonly Run[]): readonly string[] {
  return Object.entries(ratios).flatMap(([name, ratio]) => {
    const before = earlier(name, history);
    return before !== undefined && ratio > before * NOISE ? [name] : [];
  });
}
