// Runs the command that a command line names, prints its error, and returns the exit code.
import { CommanderError } from 'commander';
import { isTwindexError, partsOf, redact, TwindexError } from '../errors.js';
import { type Cli, interrupted } from './cli.js';
import { type Io, print, wantsColours } from '../terminal.js';
import { EXIT, type ExitCode, exitCodeOf } from './exitCode.js';
import { COMMANDS, nameOfEntry } from './commandTable.js';
import { asCalled } from './invocation.js';
import { createProgram } from './program.js';
import { errorText } from './text/errorText.js';

const PROCESS_IO: Io = { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin };

/** The names of commands that messages may contain. */
const NAMES = COMMANDS.filter(({ hidden }) => !hidden).map(nameOfEntry);

/**
 * Runs a command line. SIGINT and SIGTERM end it cleanly; a second signal ends the process at once.
 * @param argv without node and script
 * @param interrupt aborts this command as SIGINT does, for tests that run several in one process
 * @param invocation how the user has called twindex; messages show commands in this way, but JSON does not
 */
export async function run(
  argv: readonly string[],
  streams: Io = PROCESS_IO,
  interrupt?: AbortSignal,
  invocation = 'twindex',
): Promise<number> {
  const json = argv.includes('--json');
  const io = json ? streams : { ...streams, asCalled: (text: string) => asCalled(text, invocation, NAMES) };
  const abort = new AbortController();
  const onSignal = () => {
    if (abort.signal.aborted) process.exit(EXIT.interrupted);
    abort.abort(interrupted());
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  interrupt?.addEventListener('abort', onSignal, { once: true });
  try {
    return await dispatch(argv, { io, invocation, signal: abort.signal });
  } catch (error) {
    const failure = abort.signal.aborted ? abort.signal.reason : error;
    reportError(failure, argv, io);
    return abort.signal.aborted ? EXIT.interrupted : exitCodeOf(error);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    interrupt?.removeEventListener('abort', onSignal);
  }
}

async function dispatch(argv: readonly string[], context: Omit<Cli, 'action'>): Promise<number> {
  let exitCode: ExitCode = EXIT.done;
  const cli: Cli = {
    ...context,
    action:
      (body) =>
      async (...args) => {
        exitCode = await body(...args);
      },
  };
  try {
    const program = await createProgram(cli, (name) => isCalled(argv, name));
    await program.parseAsync(argv.length > 0 ? [...argv] : ['--help'], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done; // --help, --version
    throw new TwindexError('usage', error.message.replace(/^error: |\.$/g, '').replaceAll('\n', ' '), {
      hint: `See twindex ${helpFor(argv)}.`,
    });
  }
}

/** The command that shows the help for a wrong command line. */
function helpFor(argv: readonly string[]): string {
  const called = NAMES.find((name) => isCalled(argv, name));
  return called === undefined || called === 'help' ? '--help' : `${called} --help`;
}

/**
 * Whether the module of the command is needed. The first word is the command. `help plan` also needs the
 * module of `plan`, because it prints the options.
 */
function isCalled(argv: readonly string[], name: string): boolean {
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  return name === first || (first === 'help' && name === second);
}

/** Prints an error to stderr, and with `--json` also to stdout. */
export function reportError(error: unknown, argv: readonly string[], io: Io = PROCESS_IO): void {
  const { isTTY, columns = 80 } = io.stderr;
  const colours = wantsColours(io, 'stderr');
  const text = errorText(error, { columns: isTTY ? columns : undefined, colours, asCalled: io.asCalled });
  io.stderr.write(`${text}\n`);
  if (!isTwindexError(error) && error instanceof Error && process.env['TWINDEX_DEBUG']) {
    io.stderr.write(`${redact(error.stack ?? '')}\n`);
  }
  if (argv.includes('--json')) print(io, JSON.stringify({ error: partsOf(error) }));
}
