// Writes an index file and a configuration, and runs the command line with them in a separate process.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface ProjectOptions {
  readonly nodes: readonly string[];
  readonly name: string;
  readonly settings: object;
  readonly mappings: object;
  /** The source text of version 2's `migrations` entry, `{ up: …, down: … }`; undefined: no change. */
  readonly migration?: string | undefined;
}

export class Project {
  readonly name: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'twindex-bench-'));

  constructor({ nodes, name, settings, mappings, migration }: ProjectOptions) {
    this.name = name;
    const definition = { name, version: 2, settings, mappings };
    const migrations = migration === undefined ? '{}' : `{ 2: ${migration} }`;
    const text = `export default { ...${JSON.stringify(definition)}, migrations: ${migrations} };\n`;
    writeFileSync(join(this.#folder, 'index.mjs'), text);
    const config = { cluster: { nodes }, indexes: ['./index.mjs'] };
    writeFileSync(join(this.#folder, 'twindex.config.json'), JSON.stringify(config));
  }

  /** Runs `twindex COMMAND… --json` with events on stdout. `BENCH_CPU_PROF`: the folder for a CPU profile. */
  start(command: readonly string[]): ChildProcess {
    const profile = process.env['BENCH_CPU_PROF'];
    const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
    const config = ['--json', '--config', join(this.#folder, 'twindex.config.json')];
    return spawn(process.execPath, [...profiling, CLI, ...command, ...config], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The fields of an event that show the progress of a migration. */
export interface ProgressEvent {
  readonly event?: string;
  readonly task?: string;
  readonly to?: string;
}

/** @param see called with each event that the command prints */
export function onEvent(child: ChildProcess, see: (event: ProgressEvent) => void): void {
  let tail = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (tail + chunk.toString()).split('\n');
    tail = lines.pop() ?? '';
    for (const line of lines) see(JSON.parse(line) as ProgressEvent);
  });
}
