// The context that every command gets, and the options that every command has.
import { Option, type Command } from 'commander';
import type { ExitCode } from './exitCode.js';
import { parseDuration } from '../duration.js';
import { TwindexError } from '../errors.js';
import type { Io } from '../terminal.js';

/** The error of a command that SIGINT or SIGTERM has stopped. */
export const interrupted = (): TwindexError =>
  new TwindexError('interrupted', 'stopped by a signal', { hint: 'Run the same command again to go on.' });

export interface Cli {
  readonly io: Io;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Turns the body of a command, which returns the exit code, into an action for commander. */
  action<A extends unknown[]>(body: (...args: A) => Promise<ExitCode>): (...args: A) => Promise<void>;
}

/** The options of every command. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Adds the options and the action of a command. */
export type Register = (command: Command, cli: Cli) => void;

/** The demo makes its own cluster and index file, so it has no configuration. */
export function addGlobalOptions(command: Command): void {
  if (command.name() !== 'demo')
    command.addOption(
      new Option('--config <file>', 'configuration file (default: twindex.config.* in this folder)').env(
        'TWINDEX_CONFIG',
      ),
    );
  command.option('--json', 'print JSON, for programs');
}

/** An option whose value is a duration. The command gets it in ms. */
export function durationOption(flags: string, description: string, defaultText?: string): Option {
  const option = new Option(flags, description).argParser((text: string) =>
    parseDuration(text, flags.split(' ')[0] ?? flags),
  );
  return defaultText === undefined ? option : option.default(parseDuration(defaultText, flags), defaultText);
}
