// Runs a command line: argv -> command -> exit code. All errors become messages here. Large modules that only
// one command needs are imported when it runs, to keep the start fast.
import { Command, CommanderError } from 'commander';
import { isTwindexError, messageOf, TwindexError } from '../errors.js';
import type { Cli } from './cli.js';
import { type Io, print } from '../terminal.js';
import { EXIT, type ExitCode, exitCodeOf } from './exitCode.js';
import { registerDemo } from './commands/demo.js';
import { registerGateway } from './commands/gateway.js';
import { registerHistory } from './commands/history.js';
import { registerInit } from './commands/init.js';
import { registerMigrate } from './commands/migrate.js';
import { registerPlan } from './commands/plan.js';
import { registerQueries } from './commands/queries.js';
import { registerReads } from './commands/reads.js';
import { registerRejected } from './commands/rejected.js';
import { registerStatus } from './commands/status.js';
import { registerDetach } from './commands/detach.js';
import { registerSteering } from './commands/steer.js';
import { registerThrottle } from './commands/throttle.js';
import { registerVerify } from './commands/verify.js';
import { registerWorker } from './commands/worker.js';
import { registerWriters } from './commands/writers.js';
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
    abort.abort(new TwindexError('failed', 'interrupted; run the same command again to go on'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  interrupt?.addEventListener('abort', onSignal, { once: true });
  try {
    return await dispatch(argv, io, abort.signal);
  } catch (error) {
    const failure = abort.signal.aborted ? abort.signal.reason : error;
    reportError(failure, io, argv.includes('--json'));
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
    await createProgram(cli).parseAsync(argv.length > 0 ? [...argv] : ['--help'], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done; // --help, --version
    throw new TwindexError(
      'usage',
      `${error.message.replace(/^error: |\.$/g, '').replaceAll('\n', ' ')}. See twindex --help.`,
    );
  }
}

function createProgram(cli: Cli): Command {
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
  registerInit(program, cli);
  registerPlan(program, cli);
  registerMigrate(program, cli);
  registerStatus(program, cli);
  registerHistory(program, cli);
  registerSteering(program, cli);
  registerDetach(program, cli);
  registerVerify(program, cli);
  registerRejected(program, cli);
  registerThrottle(program, cli);
  registerReads(program, cli);
  registerQueries(program, cli);
  registerWriters(program, cli);
  registerWorker(program, cli);
  registerGateway(program, cli);
  registerDemo(program, cli);
  return program;
}

function reportError(error: unknown, io: Io, json: boolean): void {
  const code = isTwindexError(error) ? error.code : 'failed';
  const message = messageOf(error);
  io.stderr.write(`error: ${message}\n`);
  if (!isTwindexError(error) && error instanceof Error && process.env['TWINDEX_DEBUG']) {
    io.stderr.write(`${error.stack}\n`);
  }
  if (json) print(io, JSON.stringify({ error: { code, message } }));
}
