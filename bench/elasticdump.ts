// Runs elasticdump in a separate process, as its users do.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../src/cluster/cluster.js';
import { inCache } from './cache.js';
import { timeOf } from './proc.js';
import type { Copy, Result } from './way.js';

const VERSION = '6.125.1';
const home = (): string => inCache(`elasticdump-${VERSION}`);
const program = (): string => join(home(), 'node_modules/elasticdump/bin/elasticdump');

/** @returns why elasticdump cannot be measured; undefined if it can */
export async function obtainElasticdump(cluster: Cluster): Promise<string | undefined> {
  const root = await cluster.connection.send({ method: 'GET', path: '/' });
  return root.status === 200 ? installElasticdump() : 'it asks for GET /, which this engine does not answer';
}

/** Installs elasticdump once, in the cache folder instead of the project. @returns the error, if it failed */
function installElasticdump(): string | undefined {
  if (existsSync(program())) return undefined;
  mkdirSync(home(), { recursive: true });
  const flags = ['--prefix', home(), '--no-audit', '--no-fund', '--ignore-scripts'];
  const npm = spawnSync('npm', ['install', ...flags, `elasticdump@${VERSION}`], { encoding: 'utf8' });
  if (npm.status === 0 && existsSync(program())) return undefined;
  rmSync(home(), { recursive: true, force: true });
  const lines = (npm.stderr || npm.error?.message || '').trim().split('\n');
  return `could not be installed: ${lines.findLast((line) => line.includes('error')) ?? lines.at(-1)}`;
}

export async function elasticdump({ url, source, target }: Copy, flags: readonly string[]): Promise<Result> {
  const places = [`--input=${url}/${source}`, `--output=${url}/${target}`];
  return timeOf('elasticdump', process.execPath, [program(), ...places, '--type=data', '--quiet', ...flags]);
}
