// Asks the user questions on the terminal.
import { setTimeout as sleep } from 'node:timers/promises';
import { TwindexError } from '../errors.js';
import { type Cli, interrupted } from './cli.js';

export function canAsk({ io }: Cli, json: boolean | undefined): boolean {
  return !json && io.stdin.isTTY === true && io.stdout.isTTY === true;
}

/** @throws, after Ctrl-C or Escape, what SIGINT would throw (so do `askToType` and `choose`) */
export async function askYesOrNo(cli: Cli, message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  await discardPending(cli);
  return answerOf<boolean>(cli, await confirm({ message, initialValue: false, ...streams(cli) }));
}

/** Asks before an irreversible action. The user agrees by typing `name`; an empty answer means no. */
export async function askToType(cli: Cli, message: string, name: string): Promise<boolean> {
  const { text } = await import('@clack/prompts');
  await discardPending(cli);
  const answer = await text({
    message: `${message} Type ${name} to agree, or nothing to leave everything as it is:`,
    validate: (typed) => (!typed || typed === name ? undefined : `That is not ${name}.`),
    ...streams(cli),
  });
  return answerOf<string>(cli, answer) === name;
}

export async function choose<T extends string>(
  cli: Cli,
  message: string,
  options: readonly { readonly value: T; readonly label: string }[],
): Promise<T> {
  const { select } = await import('@clack/prompts');
  await discardPending(cli);
  const answer = await select<string>({ message, options: [...options], ...streams(cli) });
  return answerOf<T>(cli, answer as T | symbol);
}

/** @throws TwindexError `usage` if there is no terminal to ask on */
export function requireYes(cli: Cli, json: boolean | undefined, what: string): void {
  if (canAsk(cli, json)) return;
  throw new TwindexError('usage', `${what}, but there is no terminal to ask on. Add --yes.`);
}

function answerOf<T>({ signal }: Cli, answer: T | symbol): T {
  if (typeof answer !== 'symbol') return answer;
  // in raw mode Ctrl-C sends no signal, so emit it here
  process.emit('SIGINT');
  signal.throwIfAborted();
  throw interrupted();
}

/** Enough time for the terminal to deliver keys that were pressed before the question. */
const PENDING_MS = 50;

/** Discards keys that were pressed before the question was shown, since they do not answer it. */
async function discardPending({ io: { stdin } }: Cli): Promise<void> {
  const terminal = stdin as NodeJS.ReadStream;
  if (!terminal.isTTY) return;
  const discard = (): void => undefined;
  // outside raw mode, the terminal would deliver these keys only after the next Enter
  terminal.setRawMode(true);
  terminal.on('data', discard).resume();
  await sleep(PENDING_MS);
  terminal.off('data', discard).pause();
  terminal.setRawMode(false);
}

function streams({ io, signal }: Cli) {
  return { input: io.stdin as NodeJS.ReadStream, output: io.stdout as NodeJS.WriteStream, signal };
}
