// Commands of twindex, in this process, with their output kept: some run to their end, others beside the next steps.
import { Readable, Writable } from 'node:stream';
import { run } from '../../../src/cli/run.js';

export interface Ended {
  readonly exit: number;
  readonly output: string;
}

const EVENT_WITHIN_MS = 300_000;

export class Command {
  readonly ended: Promise<Ended>;
  readonly line: string;
  #output = '';
  #hasEnded = false;
  #next = 0;
  #onOutput: () => void = () => undefined;
  readonly #interrupt = new AbortController();

  constructor(argv: readonly string[]) {
    this.line = `twindex ${argv.join(' ')}`;
    const keep = () =>
      new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          this.#output += chunk.toString();
          this.#onOutput();
          done();
        },
      });
    const io = { stdout: keep(), stderr: keep(), stdin: Readable.from([]) };
    this.ended = run(argv, io, this.#interrupt.signal).then((exit) => {
      this.#hasEnded = true;
      this.#onOutput();
      return { exit, output: this.#output };
    });
  }

  /** Waits for an event that the command prints with `--json`, later than the one that was waited for before. */
  async event(
    name: string,
    matches: (event: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>> {
    const deadline = Date.now() + EVENT_WITHIN_MS;
    for (;;) {
      const events = this.#events();
      const at = events.findIndex((one, i) => i >= this.#next && one['event'] === name && matches(one));
      if (at >= 0) {
        this.#next = at + 1;
        return events[at] as Record<string, unknown>;
      }
      if (this.#hasEnded) throw new Error(`${this.line} ended before ${name}:\n${this.#output}`);
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`${this.line}: no ${name} after ${EVENT_WITHIN_MS / 1000} s:\n${this.#output}`);
      await this.#moreOutput(left);
    }
  }

  /** Waits for the command to end by itself. It is interrupted when it takes longer. */
  async end(withinMs: number): Promise<Ended> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#interrupt.abort();
    }, withinMs);
    const ended = await this.ended.finally(() => clearTimeout(timer));
    if (isLate)
      throw new Error(`${this.line} was still running after ${withinMs / 1000} s:\n${ended.output}`);
    return ended;
  }

  async stop(): Promise<Ended> {
    this.#interrupt.abort();
    return this.ended;
  }

  #events(): readonly Record<string, unknown>[] {
    const lines = this.#output.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  #moreOutput(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#onOutput = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
