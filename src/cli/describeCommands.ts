// Generates the description of the command line (commands, options, help texts) from the commands themselves.
import type { Argument, Command, Option } from 'commander';
import type {
  ArgumentDescription,
  CommandDescription,
  CommandLineDescription,
  OptionDescription,
} from './commandDescription.js';
import { COMMANDS, type CommandEntry, GROUPS, nameOfEntry } from './commandTable.js';
import type { Cli } from './cli.js';
import { EXIT_MEANINGS } from './exitCode.js';
import { createProgram } from './program.js';

export async function describeCommandLine(): Promise<CommandLineDescription> {
  const program = await createProgram(UNUSED, () => true);
  const commands = COMMANDS.filter(({ hidden }) => !hidden).map((entry) => {
    const command = program.commands.find((one) => one.name() === nameOfEntry(entry));
    if (!command) throw new Error(`no command ${entry.usage}`);
    return describe(entry, command);
  });
  return { format: 'twindex-commands-1', commands, exitCodes: EXIT_MEANINGS };
}

/** A context with which commands can add their options. No command runs, so nothing is printed. */
const UNUSED: Cli = {
  io: { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin },
  invocation: 'twindex',
  signal: new AbortController().signal,
  action: () => async () => undefined,
};

function describe(entry: CommandEntry, command: Command): CommandDescription {
  const help = command.createHelp();
  return {
    name: command.name(),
    usage: `twindex ${command.name()} ${command.usage()}`,
    summary: entry.summary,
    group: GROUPS[entry.group].replace(/:$/, ''),
    arguments: command.registeredArguments.map(describeArgument),
    options: help.visibleOptions(command).map(describeOption),
    examples: entry.examples.map(({ run, does }) => ({ run: `twindex ${run}`, does })),
  };
}

function describeArgument(argument: Argument): ArgumentDescription {
  const { required, variadic, argChoices } = argument;
  return { name: argument.name(), required, variadic, ...(argChoices && { choices: argChoices }) };
}

function describeOption(option: Option): OptionDescription {
  const { flags, description, required, optional, variadic, argChoices, envVar } = option;
  const byDefault = defaultOf(option);
  return {
    flags,
    description,
    value: required ? 'required' : optional ? 'optional' : 'none',
    variadic,
    ...(argChoices && { choices: argChoices }),
    ...(byDefault !== undefined && { default: byDefault }),
    ...(envVar !== undefined && { env: envVar }),
  };
}

/** Leaves out defaults that tell a user nothing, such as the true of `--no-stay`. */
function defaultOf({ defaultValue, defaultValueDescription }: Option): string | undefined {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  return typeof defaultValue === 'string' || typeof defaultValue === 'number'
    ? String(defaultValue)
    : undefined;
}
