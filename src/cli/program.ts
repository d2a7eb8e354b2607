// Builds the command line with commander: all commands with their help. Only commands whose modules are loaded get
// their options and actions.
import { Command } from 'commander';
import { packageVersion } from '../packageVersion.js';
import { wantsColours } from '../terminal.js';
import { addCommonOptions, type Cli, helpOption } from './cli.js';
import { COMMANDS, type CommandEntry, GROUPS, nameOfEntry } from './commandTable.js';
import { EXIT_MEANINGS } from './exitCode.js';

const DEFAULT_WIDTH = 80;

/** @param isLoaded whether to load the module of a command. Without its module, a command has no options */
export async function createProgram(cli: Cli, isLoaded: (name: string) => boolean): Promise<Command> {
  const { io } = cli;
  const program = new Command(cli.invocation)
    .description('Zero-downtime schema migrations for Elasticsearch and OpenSearch')
    .version(packageVersion(), '-V, --version', 'print the version of twindex alone')
    .addHelpOption(helpOption())
    .helpCommand(false) // twindex has its own command `help`, which takes --json
    // options after a command belong to that command: `writers NAME --version 2`
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({
      styleTitle: (text) => `\u001b[1m${text}\u001b[22m`,
      // the list shows no arguments, since they would leave no room for the summaries
      subcommandTerm: (command) => command.name(),
    })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: () => undefined, // run.ts prints the error
      getOutHelpWidth: () => io.stdout.columns ?? DEFAULT_WIDTH,
      getOutHasColors: () => wantsColours(io),
    })
    .addHelpText('after', ({ command }) => `\n${exitCodes(command)}\n\n${whereNext(cli)}`);
  for (const entry of COMMANDS) {
    const command = program.command(entry.usage, { hidden: entry.hidden === true });
    command
      .description(entry.summary)
      .helpGroup(GROUPS[entry.group])
      .addHelpText('after', () => examples(command, entry, cli));
    if (isLoaded(nameOfEntry(entry))) (await entry.load())(command, cli);
    addCommonOptions(command, entry.takes);
  }
  return program;
}

function examples(command: Command, entry: CommandEntry, { invocation }: Cli): string {
  const lines = entry.examples.flatMap(({ run, does }) => [`  # ${does}`, `  ${invocation} ${run}`]);
  const shown = lines.length === 0 ? [] : ['', title(command, 'Examples:'), ...lines];
  return [...shown, '', exitCodes(command)].join('\n');
}

function exitCodes(command: Command): string {
  const help = command.createHelp();
  const width = help.helpWidth ?? command.configureOutput().getOutHelpWidth?.() ?? DEFAULT_WIDTH;
  const column = Math.max(...EXIT_MEANINGS.map(({ code }) => String(code).length)) + 4;
  const lines = EXIT_MEANINGS.map(({ code, meaning }) => {
    const [first = '', ...rest] = help.boxWrap(meaning, width - column).split('\n');
    return [`  ${code}`.padEnd(column) + first, ...rest.map((line) => ' '.repeat(column) + line)].join('\n');
  });
  return [title(command, 'Exit codes:'), ...lines].join('\n');
}

const title = (command: Command, text: string): string => command.createHelp().styleTitle(text);

const whereNext = ({ invocation }: Cli): string =>
  `Help on a command, with examples: ${invocation} help migrate`;
