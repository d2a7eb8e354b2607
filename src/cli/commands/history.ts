// `twindex history`: shows who did what and when, in all migrations of a name.
import type { Command } from 'commander';
import { getHistory } from '../../coordinator/migration/steering/getHistory.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { renderHistory } from '../text/historyText.js';
import { viewOf } from '../text/textLayout.js';
import { withJournal } from '../openProject.js';
import { printJson } from '../../json/exactJson.js';

export function registerHistory(command: Command, cli: Cli): void {
  command.action(cli.action((name: string, flags: GlobalOptions) => history(name, flags, cli)));
}

async function history(name: string, flags: GlobalOptions, cli: Cli): Promise<ExitCode> {
  return withJournal(flags, async ({ cluster }) => {
    const migrations = await getHistory(cluster, name);
    const view = viewOf(cli.io);
    print(
      cli.io,
      flags.json
        ? printJson({ name, migrations })
        : migrations.map((one) => renderHistory(one, view)).join('\n\n'),
    );
    return EXIT.done;
  });
}
