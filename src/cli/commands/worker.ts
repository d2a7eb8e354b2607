// `twindex worker`: copies documents for the coordinator until it is stopped.
import { type Command, Option } from 'commander';
import { definitionOf, definitionsOf } from '../../api/project.js';
import { TwindexError } from '../../errors.js';
import { type WorkerEvent, workerLine } from '../../coordinator/worker/workerEvents.js';
import { type Cli, durationOption, type GlobalOptions } from '../cli.js';
import { addLogOptions, type LogFlags, type LogLevel, openLog } from '../openLog.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { printEvent } from '../text/printEvent.js';
import { tellOnStderr, withProject } from '../openProject.js';

interface WorkerFlags extends GlobalOptions, LogFlags {
  readonly windows: number;
  readonly lease: number;
}

const MAX_SLOTS = 64;

export function registerWorker(command: Command, cli: Cli): void {
  command
    .addOption(
      new Option('--windows <n>', 'number of windows (ranges of documents) to copy at the same time')
        .argParser(windows)
        .default(3),
    )
    .addOption(
      durationOption(
        '--lease <duration>',
        'time without a sign of life after which the worker counts as dead',
        '10s',
      ),
    )
    .action(cli.action((names: string[], flags: WorkerFlags) => work(names, flags, cli)));
  addLogOptions(command);
}

async function work(names: readonly string[], flags: WorkerFlags, cli: Cli): Promise<ExitCode> {
  return withProject(flags, async (project) => {
    if (names.length > 0) await definitionsOf(project, names, tellOnStderr(cli));
    const log = await openLog(cli.io, 'stdout', flags);
    const { Worker } = await import('../../coordinator/worker/copyWorker.js');
    const worker = new Worker({
      cluster: project.cluster,
      serves: names.length > 0 ? names : ['*'],
      definitionOf: (name) => definitionOf(project, name),
      slots: flags.windows,
      leaseMs: flags.lease,
      onEvent: (event) =>
        flags.json ? printEvent(cli.io, event) : log(levelOf(event), workerLine(event), event),
      signal: cli.signal,
    });
    await worker.run();
    return EXIT.done;
  });
}

/** A line is a warning if the worker copies nothing, or has failed to copy a window. */
function levelOf(event: WorkerEvent): LogLevel {
  const isWorthALook =
    event.event === 'trouble' ||
    event.event === 'differs' ||
    (event.event === 'ended' && event.state === 'failed');
  return isWorthALook ? 'warn' : 'info';
}

function windows(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= MAX_SLOTS) return value;
  throw new TwindexError('usage', `--windows: "${text}" is not a whole number from 1 to ${MAX_SLOTS}`);
}
