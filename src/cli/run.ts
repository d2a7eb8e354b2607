// Runs a command line: argv -> command -> exit code. All errors become messages here.
import { Command, CommanderError } from 'commander';
import { isTwindexError, partsOf, redact, TwindexError } from '../errors.js';
import { addGlobalOptions, type Cli, interrupted } from './cli.js';
import { type Io, print, wantsColours } from '../terminal.js';
import { EXIT, type ExitCode, exitCodeOf } from './exitCode.js';
import { COMMANDS } from './commandTable.js';
import { errorText } from './text/errorText.js';
import { packageVersion } from '../packageVersion.js';

const PROCESS_IO: Io = { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin };

/**
 * Runs a command line. SIGINT and SIGTERM end it cleanly; a second signal ends the process at once.
 * @param argv without node and script
 * @param interrupt aborts this command as SIGINT does, for tests that run several in one process
 */
export async function run(
  argv: readonly string[],
  io: Io = PROCESS_IO,
  interrupt?: AbortSignal,
): Promise<number> {
  const abort = new AbortController();
  const onSignal = () => {
    if (abort.signal.aborted) process.exit(EXIT.interrupted);
    abort.abort(interrupted());
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  interrupt?.addEventListener('abort', onSignal, { once: true });
  try {
    return await dispatch(argv, io, abort.signal);
  } catch (error) {
    const failure = abort.signal.aborted ? abort.signal.reason : error;
    reportError(failure, argv, io);
    return abort.signal.aborted ? EXIT.interrupted : exitCodeOf(error);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    interrupt?.removeEventListener('abort', onSignal);
  }
}

async function dispatch(argv: readonly string[], io: Io, signal: AbortSignal): Promise<number> {
  let exitCode: ExitCode = EXIT.done;
  const cli: Cli = {
    io,
    signal,
    action:
      (body) =>
      async (...args) => {
        exitCode = await body(...args);
      },
  };
  try {
    const program = await createProgram(argv, cli);
    await program.parseAsync(argv.length > 0 ? [...argv] : ['--help'], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done; // --help, --version
    throw new TwindexError('usage', error.message.replace(/^error: |\.$/g, '').replaceAll('\n', ' '), {
      hint: 'See twindex --help.',
    });
  }
}

/** Loads the module of each command that is named in `argv`. */
async function createProgram(argv: readonly string[], cli: Cli): Promise<Command> {
  const program = new Command('twindex')
    .description('Zero-downtime schema migrations for Elasticsearch and OpenSearch')
    .version(packageVersion())
    // options after a command belong to that command: `writers NAME --version 2`
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.io.stdout.write(text),
      writeErr: () => undefined, // reportError prints it
    });
  for (const { usage, summary, load } of COMMANDS) {
    const command = program.command(usage).description(summary);
    addGlobalOptions(command);
    if (argv.includes(command.name())) (await load())(command, cli);
  }
  return program;
}

/** Prints an error to stderr, and with `--json` also to stdout. */
export function reportError(error: unknown, argv: readonly string[], io: Io = PROCESS_IO): void {
  const { isTTY, columns = 80 } = io.stderr;
  const style = { columns: isTTY ? columns : undefined, colours: wantsColours(io, 'stderr') };
  io.stderr.write(`${errorText(error, style)}\n`);
  if (!isTwindexError(error) && error instanceof Error && process.env['TWINDEX_DEBUG']) {
    io.stderr.write(`${redact(error.stack ?? '')}\n`);
  }
  if (argv.includes('--json')) print(io, JSON.stringify({ error: partsOf(error) }));
}
