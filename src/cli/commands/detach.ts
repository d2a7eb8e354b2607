// `twindex detach`: ends a migration after its follower was lost for good. The leader stays.
import type { Command } from 'commander';
import { EventBus } from '../../events.js';
import { detach } from '../../coordinator/migration/recovery/detachMigration.js';
import { runMigration } from '../../coordinator/migration/runMigration.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { eventText } from '../text/printEvent.js';
import { definitionOrWhy, type Project, withSourceMaybeAway } from '../openProject.js';
import { startReport } from '../text/eventReport.js';

interface DetachFlags extends GlobalOptions {
  readonly giveUp?: string;
}

export function registerDetach(command: Command, cli: Cli): void {
  command
    .option(
      '--give-up <index>',
      'the lost index (a concrete name); left out: show which index can be given up',
    )
    .action(cli.action((name: string, flags: DetachFlags) => run(name, flags, cli)));
}

function run(name: string, flags: DetachFlags, cli: Cli): Promise<ExitCode> {
  return withSourceMaybeAway(flags, (project) => goOnAlone(project, name, flags, cli), { indexes: 'later' });
}

/** Used by `abort` and `finalize`, too, if the index that they would delete is already lost. */
export async function goOnAlone(
  project: Project,
  name: string,
  { giveUp, json = false }: DetachFlags,
  cli: Cli,
): Promise<ExitCode> {
  const { cluster } = project;
  const definition = await definitionOrWhy(project, name);
  const { goal, options } = await detach(cluster, name, giveUp);
  const bus = new EventBus();
  const report = startReport(bus, cli.io, json);
  try {
    const { phase, record } = await runMigration(cluster, definition, {
      ...options,
      keepMs: options.keepMs ?? undefined,
      until: goal === 'finalized' ? 'finalized' : 'ready',
      bus,
      signal: cli.signal,
      stay: false,
    });
    const result = { event: 'result', name, phase, index: record[record.leader].index };
    print(cli.io, json ? eventText(result) : `${name}: ${phase}; ${result.index} serves alone`);
    return EXIT.done;
  } finally {
    report.stop();
  }
}
