// `twindex writers`: lists the gateways and client libraries of a migration with the document versions that
// they send, and sets the default version.
import { InvalidArgumentError, type Command } from 'commander';
import { requireStatus } from '../../coordinator/migration/steering/getStatus.js';
import { steerRunning } from '../../coordinator/migration/steering/sendCommand.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { withJournal } from '../openProject.js';
import { writerLines } from '../text/processesText.js';

interface WritersFlags extends GlobalOptions {
  readonly version?: number;
}

export function registerWriters(command: Command, cli: Cli): void {
  command
    .option('--version <n>', 'from now on, treat writes without a version as writes of version n', toVersion)
    .action(cli.action((name: string, flags: WritersFlags) => writers(name, flags, cli)));
}

async function writers(name: string, flags: WritersFlags, cli: Cli): Promise<ExitCode> {
  return withJournal(flags, async ({ cluster }) => {
    const { version } = flags;
    if (version !== undefined) {
      await steerRunning(cluster, name, 'writers', { signal: cli.signal, version });
    }
    const status = await requireStatus(cluster, name);
    if (flags.json) {
      const { record, pastWriters } = status;
      print(cli.io, JSON.stringify({ name, ...record.writers, pastWriters, writers: status.writers }));
    } else {
      const lines = writerLines(status, Date.now());
      if (lines.length === 0) print(cli.io, `no gateway or client library is registered for ${name}`);
      for (const [label, text] of lines) print(cli.io, `${label.padEnd(13)}${text}`);
    }
    return EXIT.done;
  });
}

function toVersion(text: string): number {
  const version = Number(text);
  if (!Number.isInteger(version) || version < 1)
    throw new InvalidArgumentError('a version is a whole number of 1 or more');
  return version;
}
