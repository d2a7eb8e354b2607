// `twindex throttle`: shows or changes the copy rate of a running migration, from any machine.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ThrottleCommand } from '../../protocol/record.js';
import { requireStatus } from '../../coordinator/migration/steering/getStatus.js';
import { steerRunning } from '../../coordinator/migration/steering/sendCommand.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { withJournal } from '../openProject.js';
import { parseRate } from '../text/rate.js';
import { throttleText } from '../text/statusText.js';

interface ThrottleFlags extends GlobalOptions {
  readonly maxDocs?: number;
  /** The value false comes from `--no-max`. */
  readonly max?: boolean;
  readonly maxSlowdown?: number;
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly off?: boolean;
  readonly auto?: boolean;
}

export function registerThrottle(command: Command, cli: Cli): void {
  command
    .addOption(maxDocsOption())
    .option('--no-max', 'remove the limit of --max-docs')
    .addOption(maxSlowdownOption())
    .addOption(new Option('--pause', 'pause copying; mirroring and following continue').conflicts('resume'))
    .option('--resume', 'resume copying')
    .addOption(new Option('--off', 'do not slow down when other requests become slower').conflicts('auto'))
    .option('--auto', 'slow down when other requests become slower (the default)')
    .action(cli.action((name: string, flags: ThrottleFlags) => throttle(name, flags, cli)));
}

export function maxDocsOption(): Option {
  return new Option('--max-docs <rate>', 'highest rate of the copy, such as 2000/s').argParser((text) =>
    parseRate(text, '--max-docs'),
  );
}

export function maxSlowdownOption(): Option {
  return new Option(
    '--max-slowdown <factor>',
    'how many times slower other requests may become during the copy (default: 1.3)',
  ).argParser((text) => {
    const factor = Number(text);
    if (factor > 1 && factor <= 100) return factor;
    throw new InvalidArgumentError(`'${text}' is not a number above 1 and up to 100, such as 1.3.`);
  });
}

async function throttle(name: string, flags: ThrottleFlags, cli: Cli): Promise<ExitCode> {
  const change = changeOf(flags);
  return withJournal(flags, async ({ cluster }) => {
    if (Object.keys(change).length > 0) {
      await steerRunning(cluster, name, 'throttle', { signal: cli.signal, throttle: change });
    }
    const status = await requireStatus(cluster, name);
    const { throttle: wanted, throttled } = status.record;
    if (flags.json) print(cli.io, JSON.stringify({ name, ...wanted, throttled }));
    else print(cli.io, `${name}: ${throttleText(status.record)}`);
    return EXIT.done;
  });
}

function changeOf({
  maxDocs,
  max,
  maxSlowdown,
  pause,
  resume,
  off,
  auto,
}: ThrottleFlags): Partial<ThrottleCommand> {
  return {
    ...(maxDocs === undefined ? {} : { maxDocsPerSecond: maxDocs }),
    ...(max === false && maxDocs === undefined ? { maxDocsPerSecond: null } : {}),
    ...(maxSlowdown === undefined ? {} : { maxSlowdown }),
    ...(pause || resume ? { paused: pause ?? false } : {}),
    ...(off || auto ? { auto: auto ?? false } : {}),
  };
}
