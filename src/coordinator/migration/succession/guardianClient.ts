// Starts the guardian before a hold: a process that opens the writes again if this process dies or hangs.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../../../cluster/cluster.js';
import { withNewCredentials } from '../../../cluster/credentials.js';
import { TwindexError } from '../../../errors.js';
import { packageFile } from '../../../packageFile.js';
import type { MigrationRecord } from '../../../protocol/record.js';

export class Guardian {
  readonly #cluster: Cluster;
  readonly #record: Pick<MigrationRecord, 'name' | 'options'>;
  #child: ChildProcess | undefined;

  constructor(cluster: Cluster, record: Pick<MigrationRecord, 'name' | 'options'>) {
    this.#cluster = cluster;
    this.#record = record;
  }

  /** Waits until the guardian is watching. It gets its credentials through a pipe, not as arguments. */
  async arm(): Promise<void> {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) return;
    const child = spawn(process.execPath, [guardianFile()], {
      detached: true, // A signal to the terminal's process group must not reach the guardian
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TWINDEX_CRASH: '', TWINDEX_EFFECTS: '' },
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    const cluster = this.#cluster;
    const { name, options } = this.#record;
    // Get the credentials again, since they may have changed after this process connected.
    const order = {
      cluster: await withNewCredentials(cluster.options),
      source: cluster.source && (await withNewCredentials(cluster.source.options)),
      name,
      leaseMs: options.leaseMs,
    };
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown];
    lines.close();
    if (line !== 'watching')
      throw new TwindexError(
        'failed',
        'the guardian process, which removes the write block in an emergency, did not start',
      );
    // This process must be able to end while the guardian runs.
    child.unref();
    for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as Socket).unref();
  }

  disarm(): void {
    this.#child?.stdin?.end('disarm\n');
    this.#child = undefined;
  }
}

/** The path of the compiled guardian. Tests, which run the sources, also start the compiled guardian. */
const guardianFile = (): string =>
  fileURLToPath(packageFile('dist/coordinator/migration/succession/guardian.js'));
