// Migrates the index of the gateway's bench, with the command as a user runs it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../src/cluster/cluster.js';
import { loadRecord } from '../src/journal/journal.js';
import type { MigrationRecord } from '../src/protocol/record.js';
import { phaseOf } from '../src/protocol/states.js';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LOOK_MS = 250;
/** Enough time for each gateway to see a change: it polls the record five times a second. */
const SEEN_MS = 1_000;
const MIGRATION_MS = 120_000;

export class BenchMigration {
  readonly #cluster: Cluster;
  readonly #name: string;
  readonly #config: string;
  #child: ChildProcess | undefined;

  constructor(cluster: Cluster, name: string, config: string) {
    this.#cluster = cluster;
    this.#name = name;
    this.#config = config;
  }

  /** Waits until the follower is verified, and every registered writer writes to both indexes. */
  async mirror(): Promise<void> {
    this.#child = this.#twindex('migrate', '--until', 'ready', '--yes', '--grace', '2s');
    await this.#until((record) => record.writers.mode === 'mirror' && phaseOf(record) === 'ready');
  }

  /** Moves readers and writers, and waits until the old leader is kept in sync as the follower. */
  async switch(): Promise<void> {
    for (const command of ['cutover', 'switch']) {
      const [code] = (await once(this.#twindex(command), 'close')) as [number | null];
      if (code !== 0) throw new Error(`twindex ${command} ended with ${code}`);
    }
    await this.#until(
      (record) => phaseOf(record) === 'switched' && record.writers.mode === 'mirror' && record.verified,
    );
  }

  /** Runs `twindex reads`, and waits until the gateways have read the change. */
  async reads(...flags: string[]): Promise<void> {
    const [code] = (await once(this.#twindex('reads', ...flags), 'close')) as [number | null];
    if (code !== 0) throw new Error(`twindex reads ended with ${code}`);
    await sleep(SEEN_MS);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'close');
  }

  #twindex(command: string, ...flags: string[]): ChildProcess {
    const args = [CLI, command, this.#name, ...flags, '--json', '--config', this.#config];
    return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  async #until(reached: (record: MigrationRecord) => boolean): Promise<void> {
    const end = performance.now() + MIGRATION_MS;
    for (;;) {
      const found = await loadRecord(this.#cluster, this.#name);
      if (found && reached(found.source)) return;
      if (this.#child?.exitCode) throw new Error(`the migration ended with ${this.#child.exitCode}`);
      if (performance.now() > end) throw new Error(`the migration has not come so far in ${MIGRATION_MS} ms`);
      await sleep(LOOK_MS);
    }
  }
}
