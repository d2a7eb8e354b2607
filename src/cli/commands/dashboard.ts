// `twindex dashboard`: serves a web page that shows and steers every migration of the cluster.
import { once } from 'node:events';
import { type Command, Option } from 'commander';
import { print } from '../../terminal.js';
import type { Cli, GlobalOptions } from '../cli.js';
import { DASHBOARD_PORT, openDashboard, parsePort, TOKEN_FILE } from '../dashboardFlags.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { addLogOptions, type LogFlags, openLog } from '../openLog.js';
import { withSourceMaybeAway } from '../openProject.js';
import { eventText } from '../text/printEvent.js';

interface DashboardFlags extends GlobalOptions, LogFlags {
  readonly port: number;
  readonly host: string;
  readonly tokenFile?: string;
}

export function registerDashboard(command: Command, cli: Cli): void {
  command
    .addOption(
      new Option('--port <n>', 'port to listen on; 0: any free port')
        .argParser((text) => parsePort(text, '--port'))
        .default(DASHBOARD_PORT),
    )
    .option('--host <address>', 'address to listen on; 0.0.0.0: every address', '127.0.0.1')
    .option('--token-file <file>', TOKEN_FILE)
    .action(cli.action((flags: DashboardFlags) => dashboard(flags, cli)));
  addLogOptions(command);
}

async function dashboard(flags: DashboardFlags, cli: Cli): Promise<ExitCode> {
  const { tokenFile } = flags;
  const log = await openLog(cli.io, 'stderr', flags);
  return withSourceMaybeAway(
    flags,
    async (project) => {
      const running = await openDashboard(project, flags, { tokenFile, tell: (line) => log('info', line) });
      print(
        cli.io,
        flags.json ? eventText({ event: 'listening', url: running.url }) : lineOf(running.url, flags),
      );
      if (!cli.signal.aborted) await once(cli.signal, 'abort');
      await running.stop();
      return EXIT.done;
    },
    { indexes: 'later' },
  );
}

function lineOf(url: string, { tokenFile }: DashboardFlags): string {
  const steering =
    tokenFile === undefined ? ' It is read-only. To steer migrations with it, add --token-file FILE.' : '';
  return `the dashboard is at ${url}.${steering}`;
}
