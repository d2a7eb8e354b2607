// `npm run bench:quick`: measures the ratios that matter most, in about ten minutes: a whole migration
// against a bare `_reindex`, the verification against the copy, and the gateway against nginx. Compares the
// ratios with the ratios of earlier runs (history.json).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { addToHistory, earlier, readHistory, worse } from './history.js';
import { handOverTo, type Ratios, readRatios } from './ratios.js';
import { table } from './results.js';

interface Flags {
  readonly record?: true;
  readonly check?: true;
}

const BENCHES = {
  wholeMigration: ['--documents', '50000', '--rounds', '2', '--only', '_reindex', 'server', 'client'],
  verify: ['--documents', '100000', '--rounds', '1'],
  gateway: ['--quick'],
} as const;

const flags = new Command('bench:quick')
  .option('--record', 'add the ratios to history.json')
  .option('--check', 'exit with 1 if a ratio is clearly worse than in earlier runs')
  .parse()
  .opts<Flags>();

const history = readHistory();
const ratios = await measure();
const isWorse = worse(ratios, history);
const rows = Object.entries(ratios).map(([name, ratio]) => [
  name,
  ratio.toFixed(2),
  earlier(name, history)?.toFixed(2) ?? '-',
  isWorse.includes(name) ? 'worse' : '',
]);
console.log(table(['cost compared with the peer (lower is better)', 'now', 'earlier', ''], rows));
if (flags.record) addToHistory(ratios);
if (flags.check && isWorse.length > 0) process.exitCode = 1;

async function measure(): Promise<Ratios> {
  const folder = mkdtempSync(join(tmpdir(), 'twindex-bench-'));
  try {
    const all: Ratios[] = [];
    for (const [bench, args] of Object.entries(BENCHES)) all.push(await ratiosOf(bench, args, folder));
    return Object.assign({}, ...all) as Ratios;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function ratiosOf(bench: string, args: readonly string[], folder: string): Promise<Ratios> {
  const file = join(folder, `${bench}.json`);
  const main = fileURLToPath(new URL(`./${bench}.js`, import.meta.url));
  const child = spawn(process.execPath, [main, '--dry', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...handOverTo(file) },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${bench} ended with ${code}`);
  return readRatios(file);
}
