// `twindex detach`: ends a migration after its follower was lost for good. The leader stays.
import type { Command } from 'commander';
import { goOnAlone } from '../../api/goOnAlone.js';
import type { SteerOutcome } from '../../api/steerMigration.js';
import { EventBus } from '../../events.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { eventText } from '../text/printEvent.js';
import { withSourceMaybeAway } from '../openProject.js';
import { startReport } from '../text/eventReport.js';

interface DetachFlags extends GlobalOptions {
  readonly giveUp?: string;
}

export function registerDetach(command: Command, cli: Cli): void {
  command
    .option(
      '--give-up <index>',
      'name of the lost index; without this option: show which index can be given up',
    )
    .action(cli.action((name: string, flags: DetachFlags) => run(name, flags, cli)));
}

async function run(name: string, flags: DetachFlags, cli: Cli): Promise<ExitCode> {
  return withSourceMaybeAway(
    flags,
    async (project) => {
      const bus = new EventBus();
      const report = startReport(bus, cli.io, flags.json ?? false);
      try {
        const { giveUp } = flags;
        return sayAlone(cli, flags, await goOnAlone(project, { name, giveUp, bus, signal: cli.signal }));
      } finally {
        report.stop();
      }
    },
    { indexes: 'later' },
  );
}

/** Also used by `abort` and `finalize`, if the index that the command would delete is already lost. */
export function sayAlone(
  cli: Cli,
  { json }: GlobalOptions,
  { phase, record }: Pick<SteerOutcome, 'phase' | 'record'>,
): ExitCode {
  const { name } = record;
  const result = { event: 'result', name, phase, index: record[record.leader].index };
  print(
    cli.io,
    json ? eventText(result) : `${name}: ${phase}; readers and writers use ${result.index} alone`,
  );
  return EXIT.done;
}
