// The context that every command gets, and the options that every command has.
import { Option, type Command } from 'commander';
import type { ExitCode } from './exitCode.js';
import { parseDuration } from '../duration.js';
import { TwindexError } from '../errors.js';
import type { Io } from '../terminal.js';

/** The error of a command that was stopped by SIGINT or SIGTERM. */
export const interrupted = (): TwindexError =>
  new TwindexError('interrupted', 'stopped by a signal', { hint: 'Run the same command again to continue.' });

export interface Cli {
  readonly io: Io;
  /** How the user called twindex, for usage lines and examples: `npx twindex`. */
  readonly invocation: string;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Turns the body of a command into an action for commander. The body returns the exit code. */
  action<A extends unknown[]>(body: (...args: A) => Promise<ExitCode>): (...args: A) => Promise<void>;
}

/** The options of nearly every command. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Adds the options and the action of a command. */
export type Register = (command: Command, cli: Cli) => void;

const COMMON_GROUP = 'Common options:';

export function addCommonOptions(
  command: Command,
  takes: readonly ('config' | 'json')[] = ['config', 'json'],
): void {
  if (takes.includes('config'))
    command.addOption(
      new Option('--config <file>', 'configuration file (default: twindex.config.* in this folder)')
        .env('TWINDEX_CONFIG')
        .helpGroup(COMMON_GROUP),
    );
  if (takes.includes('json'))
    command.addOption(new Option('--json', 'print JSON, for programs').helpGroup(COMMON_GROUP));
  command.addHelpOption(helpOption().helpGroup(COMMON_GROUP));
}

export const helpOption = (): Option => new Option('-h, --help', 'show this help');

/** An option whose value is a duration. The command gets it in ms. */
export function durationOption(flags: string, description: string, defaultText?: string): Option {
  const option = new Option(flags, description).argParser((text: string) =>
    parseDuration(text, flags.split(' ')[0] ?? flags),
  );
  return defaultText === undefined ? option : option.default(parseDuration(defaultText, flags), defaultText);
}
