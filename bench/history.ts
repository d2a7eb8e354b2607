// The ratios of earlier runs of bench:quick, in history.json, and what is worse than they were.
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

/** Medians of a quick run still differ by this factor on a machine that is shared. */
const NOISE = 1.35;
/** So that neither one lucky run nor runs of long ago decide. */
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

/** The median of the last runs; undefined if none of them measured this. */
export function earlier(name: string, history: readonly Run[]): number | undefined {
  const values = history.flatMap(({ ratios }) => ratios[name] ?? []).slice(-COMPARED_RUNS);
  return values.length === 0 ? undefined : median(values);
}

/** Names of the ratios that are worse than noise explains. */
export function worse(ratios: Ratios, history: readonly Run[]): readonly string[] {
  return Object.entries(ratios).flatMap(([name, ratio]) => {
    const before = earlier(name, history);
    return before !== undefined && ratio > before * NOISE ? [name] : [];
  });
}
