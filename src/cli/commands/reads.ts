// `twindex reads`: sets how gateways route searches during a migration, and shows the results.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readSticky } from '../../writers/gateway/reads/sticky.js';
import { LEFT_ALONE, type ReadsCommand } from '../../protocol/record.js';
import { requireStatus } from '../../coordinator/migration/steering/getStatus.js';
import { steerRunning } from '../../coordinator/migration/steering/sendCommand.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { withJournal } from '../openProject.js';
import { readsLines, readsSeen } from '../text/readsText.js';
import { parseShare } from '../text/share.js';

interface ReadsFlags extends GlobalOptions {
  readonly record?: number;
  readonly shadow?: number;
  readonly canary?: number;
  /** The value false comes from `--no-sticky`. */
  readonly sticky?: string | false;
  readonly off?: boolean;
}

export function registerReads(command: Command, cli: Cli): void {
  command
    .addOption(shareOption('--record', 'share of searches to record, for `twindex queries`'))
    .addOption(
      shareOption('--shadow', 'share of searches to send to the new index as well, to compare the responses'),
    )
    .addOption(shareOption('--canary', 'share of searches that the new index answers'))
    .option(
      '--sticky <what>',
      'for --canary: give a client the same index each time; header:NAME or cookie:NAME identifies the client',
      toSticky,
    )
    .option('--no-sticky', 'for --canary: choose the index of each search at random')
    .addOption(
      new Option('--off', 'stop recording, shadow and canary').conflicts([
        'record',
        'shadow',
        'canary',
        'sticky',
      ]),
    )
    .action(cli.action((name: string, flags: ReadsFlags) => reads(name, flags, cli)));
}

async function reads(name: string, flags: ReadsFlags, cli: Cli): Promise<ExitCode> {
  const change = changeOf(flags);
  return withJournal(flags, async ({ cluster }) => {
    if (Object.keys(change).length > 0) {
      await steerRunning(cluster, name, 'reads', { signal: cli.signal, reads: change });
    }
    const status = await requireStatus(cluster, name);
    if (flags.json) print(cli.io, JSON.stringify({ name, ...status.record.reads, seen: readsSeen(status) }));
    else {
      const lines = readsLines(status);
      if (lines.length === 0) print(cli.io, `searches of ${name} are forwarded unchanged`);
      for (const [label, text] of lines) print(cli.io, `${label.padEnd(13)}${text}`);
    }
    return EXIT.done;
  });
}

function changeOf({ record, shadow, canary, sticky, off }: ReadsFlags): Partial<ReadsCommand> {
  if (off) return LEFT_ALONE;
  return {
    ...(record === undefined ? {} : { record }),
    ...(shadow === undefined ? {} : { shadow }),
    ...(canary === undefined ? {} : { canary }),
    ...(sticky === undefined ? {} : { sticky: sticky === false ? null : sticky }),
  };
}

function shareOption(flag: string, description: string): Option {
  return new Option(`${flag} <share>`, `${description}, such as 5%`).argParser((text: string) =>
    parseShare(text, flag),
  );
}

function toSticky(text: string): string {
  if (readSticky(text)) return text;
  throw new InvalidArgumentError('Use header:NAME or cookie:NAME.');
}
