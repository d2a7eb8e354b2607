// Starts a reaper, asks it to start engines, and tracks which engines run.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { TwindexError } from '../errors.js';
import { packageFile } from '../packageFile.js';
import { isReadableByOthers, runsAsRoot } from './engineUser.js';
import type { AtEndCommand, FromReaper, StartCommand } from './reaper.js';

type Process =
  | { readonly type: 'starting' }
  | { readonly type: 'running'; readonly pid: number }
  | { readonly type: 'exited'; readonly reason: string };

export class Reaper {
  /** The folder with all files of the engines. The reaper deletes it. */
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #processes = new Map<string, Process>();
  readonly #exit: Promise<unknown>;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.folder = folder;
    this.#exit = once(child, 'exit');
    child.on('message', (message: FromReaper) => this.#hear(message));
    child.once('exit', () => {
      for (const key of this.#processes.keys()) {
        this.#processes.set(key, { type: 'exited', reason: 'the process that watches it has ended' });
      }
    });
  }

  static async open(): Promise<Reaper> {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const isSource = import.meta.url.endsWith('.ts');
    const file = fileURLToPath(
      packageFile(isSource ? 'src/localEngine/reaper.ts' : 'dist/localEngine/reaper.js'),
    );
    const child = fork(file, [temporaryFolder()], {
      cwd: fileURLToPath(packageFile('.')),
      execArgv: isSource ? ['--import', 'jiti/register'] : [],
      env,
      detached: true, // so that Ctrl-C does not reach the reaper
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const first = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    const message = first[0] as FromReaper | number | null;
    if (message === null || typeof message === 'number' || message.type !== 'ready') {
      throw new TwindexError(
        'local_engine',
        `the process that watches the engine could not be started (${file})`,
      );
    }
    // The reaper must not keep this process alive. If this process ends without close(), the reaper cleans up.
    child.unref();
    child.channel?.unref();
    return new Reaper(child, message.folder);
  }

  start(command: Omit<StartCommand, 'type'>): void {
    this.#processes.set(command.key, { type: 'starting' });
    this.#child.send({ type: 'start', ...command } satisfies StartCommand);
  }

  atEnd(program: string, args: readonly string[]): void {
    this.#child.send({ type: 'at-end', program, args } satisfies AtEndCommand);
  }

  look(key: string): Process {
    return this.#processes.get(key) ?? { type: 'exited', reason: 'never started' };
  }

  /** Ends all processes that the reaper started. When it resolves, no process and no folder is left. */
  async close(): Promise<void> {
    this.#child.ref();
    if (this.#child.connected) this.#child.disconnect();
    await this.#exit;
  }

  #hear(message: FromReaper): void {
    if (message.type === 'started') this.#processes.set(message.key, { type: 'running', pid: message.pid });
    if (message.type === 'exited')
      this.#processes.set(message.key, { type: 'exited', reason: message.reason });
  }
}

/** `/tmp` if root has a private TMPDIR, since the user who runs the engine could not read it. */
function temporaryFolder(): string {
  return runsAsRoot() && !isReadableByOthers(tmpdir()) ? '/tmp' : tmpdir();
}
