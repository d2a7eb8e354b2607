// Questions to the person at the terminal.
import { TwindexError } from '../errors.js';
import type { Cli } from './cli.js';

export function canAsk({ io }: Cli, json: boolean | undefined): boolean {
  return !json && io.stdin.isTTY === true && io.stdout.isTTY === true;
}

/** False for no, for Ctrl-C and for Escape. */
export async function askYesOrNo(cli: Cli, message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({ message, initialValue: false, ...streams(cli) });
  return answer === true;
}

/** Undefined for Ctrl-C and Escape. */
export async function choose<T extends string>(
  cli: Cli,
  message: string,
  options: readonly { readonly value: T; readonly label: string }[],
): Promise<T | undefined> {
  const { isCancel, select } = await import('@clack/prompts');
  const answer = await select<string>({ message, options: [...options], ...streams(cli) });
  return isCancel(answer) ? undefined : (answer as T);
}

/** @throws TwindexError `usage` where nobody can be asked */
export function demandYes(cli: Cli, json: boolean | undefined, what: string): void {
  if (canAsk(cli, json)) return;
  throw new TwindexError('usage', `${what}, and there is no terminal to ask on. Add --yes.`);
}

function streams({ io, signal }: Cli) {
  return { input: io.stdin as NodeJS.ReadStream, output: io.stdout as NodeJS.WriteStream, signal };
}
