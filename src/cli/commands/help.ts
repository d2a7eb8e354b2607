// `twindex help`: prints the help of twindex or of a command; with `--json`, all commands and options as data.
import type { Command } from 'commander';
import { TwindexError } from '../../errors.js';
import { nearest } from '../../schema/nearestName.js';
import { print } from '../../terminal.js';
import type { Cli } from '../cli.js';
import { readDescription } from '../commandDescription.js';
import { EXIT, type ExitCode } from '../exitCode.js';

export function registerHelp(command: Command, cli: Cli): void {
  command.action(
    cli.action(async (name: string | undefined, { json }: { readonly json?: boolean }) =>
      json ? helpAsJson(name, cli) : help(name, command.parent as Command),
    ),
  );
}

function helpAsJson(name: string | undefined, cli: Cli): ExitCode {
  const all = readDescription();
  const commands = name === undefined ? all.commands : all.commands.filter((one) => one.name === name);
  if (commands.length === 0) throw unknown(name);
  print(cli.io, JSON.stringify({ ...all, commands }, undefined, 2));
  return EXIT.done;
}

function help(name: string | undefined, program: Command): ExitCode {
  const asked = name === undefined ? program : program.commands.find((one) => one.name() === name);
  if (!asked) throw unknown(name);
  asked.outputHelp();
  return EXIT.done;
}

function unknown(name = ''): TwindexError {
  const meant = nearest(
    name,
    readDescription().commands.map((one) => one.name),
  );
  const suggestion = meant === undefined ? '' : ` (Did you mean ${meant}?)`;
  return new TwindexError('usage', `unknown command '${name}'${suggestion}. See twindex --help.`);
}
