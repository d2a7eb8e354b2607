// An index file and a configuration in a folder of their own, for the command line as a process of its own.
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
  /** Of version 2: the migration's functions, as source text: `{ up: …, down: … }`; none: documents stay as they are. */
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

  /** `twindex COMMAND… --json`; its events are on stdout. With `BENCH_CPU_PROF` a CPU profile is left in that folder. */
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

/** What an event of a migration may say of its progress. */
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
