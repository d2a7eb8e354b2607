// Runs twindex as a user does: through the command line, in separate processes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TwindexError } from '../errors.js';
import { packageFile } from '../packageFile.js';

const MAIN = fileURLToPath(packageFile('dist/cli/main.js'));
const STOP_MS = 10_000;

/** A line of `--json` output: an event with its fields (docs/events.md). */
export interface EventLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface CommandLineOptions {
  readonly configFile: string;
  readonly signal: AbortSignal;
}

export class CommandLine {
  readonly #options: CommandLineOptions;

  constructor(options: CommandLineOptions) {
    this.#options = options;
  }

  start(args: readonly string[], onEvent: (event: EventLine) => void = () => {}): RunningCommand {
    const { configFile, signal } = this.#options;
    return new RunningCommand([...args, '--config', configFile, '--json'], { signal, onEvent });
  }

  /** Runs `twindex ...args --json` until it ends, and returns its output. @throws TwindexError `failed` */
  async run(args: readonly string[]): Promise<string> {
    const command = this.start(args);
    await command.done();
    return command.output;
  }
}

export class RunningCommand {
  output = '';
  readonly #text: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | string>;
  #said = '';

  constructor(
    args: readonly string[],
    options: { signal: AbortSignal; onEvent: (event: EventLine) => void },
  ) {
    this.#text = `twindex ${args[0]} ${args[1] ?? ''}`;
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const stop = () => child.kill('SIGTERM');
    options.signal.addEventListener('abort', stop, { once: true });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-4_000);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.output = `${this.output}${line}\n`.slice(-1_000_000);
      const event = parseEvent(line);
      if (event) options.onEvent(event);
    });
    this.#ended = once(child, 'close')
      .then(([code, signal]: unknown[]) => (code as number | null) ?? String(signal))
      .finally(() => options.signal.removeEventListener('abort', stop));
    this.#ended.catch(() => {});
  }

  /** Waits until the command ends. @throws TwindexError `failed` if the exit code is not 0 */
  async done(): Promise<void> {
    const code = await this.#ended;
    if (code === 0) return;
    throw new TwindexError(
      'failed',
      `${this.#text} ended with ${code}: ${this.#said.trim() || this.output.trim()}`,
    );
  }

  /** Never resolves, since the command should keep running. Rejects if the command ends. */
  async mustGoOn(): Promise<never> {
    await this.done();
    throw new TwindexError(
      'failed',
      `${this.#text} ended before the migration was over: ${this.#said.trim()}`,
    );
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => {});
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#ended.catch(() => {});
    clearTimeout(force);
  }
}

function parseEvent(line: string): EventLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isEvent = typeof value === 'object' && value !== null && 'event' in value;
    return isEvent ? (value as EventLine) : undefined;
  } catch {
    return undefined;
  }
}
