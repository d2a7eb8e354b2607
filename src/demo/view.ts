// The demo's output while it runs. On a terminal, lines are updated in place. A log gets a line every few seconds.
// With `--json`, nothing is printed.
import type { Io } from '../terminal.js';

export interface View {
  /** Prints a line that stays. */
  say(text: string): void;
  now(text: string): void;
  /** Sets the function that makes the lines to be updated. It is called again and again. */
  watch(lines: () => readonly string[]): void;
  stop(): void;
}

const TERMINAL_EVERY_MS = 250;
const LOG_EVERY_MS = 5_000;

export function createView(io: Io, json: boolean): View {
  if (json) return { say: () => {}, now: () => {}, watch: () => {}, stop: () => {} };
  return io.stdout.isTTY ? terminalView(io) : logView(io);
}

function terminalView({ stdout }: Io): View {
  let shown = 0;
  let doing = '';
  let lines: () => readonly string[] = () => [];
  const clear = () => {
    if (shown > 0) stdout.write(`\u001b[${shown}A\u001b[J`);
    shown = 0;
  };
  const draw = () => {
    clear();
    const width = (stdout.columns ?? 80) - 1;
    const block = [doing, ...lines()].filter((line) => line !== '').map((line) => line.slice(0, width));
    shown = block.length;
    for (const line of block) stdout.write(`${line}\n`);
  };
  const timer = setInterval(draw, TERMINAL_EVERY_MS);
  return {
    say(text) {
      clear();
      stdout.write(`${text}\n`);
      draw();
    },
    now(text) {
      doing = text;
    },
    watch(show) {
      lines = show;
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}

function logView({ stdout }: Io): View {
  let doing = '';
  let lines: () => readonly string[] = () => [];
  const timer = setInterval(() => {
    const line = [doing, ...lines().map((text) => text.trim().replace(/ +/g, ' '))]
      .filter((text) => text !== '')
      .join(' | ');
    if (line !== '') stdout.write(`${line}\n`);
  }, LOG_EVERY_MS);
  return {
    say: (text) => void stdout.write(`${text}\n`),
    now(text) {
      doing = text;
    },
    watch(show) {
      lines = show;
    },
    stop: () => clearInterval(timer),
  };
}
