// `twindex completion SHELL`: prints a script for the shell, which asks `twindex complete` at each TAB.
import type { Argument, Command } from 'commander';
import type { Cli } from '../cli.js';
import { COMPLETION_SCRIPTS, type Shell } from '../completionScripts.js';
import { EXIT } from '../exitCode.js';

export function registerCompletion(command: Command, cli: Cli): void {
  const [shell] = command.registeredArguments;
  (shell as Argument).choices(Object.keys(COMPLETION_SCRIPTS));
  command.action(
    cli.action(async (wanted: Shell) => {
      cli.io.stdout.write(COMPLETION_SCRIPTS[wanted]);
      return EXIT.done;
    }),
  );
}
