// `twindex gateway`: an HTTP proxy in front of the cluster, through which clients write during migrations.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { Project } from '../../api/project.js';
import { serveGateway } from '../../api/serveGateway.js';
import type { Dashboard } from '../../dashboard/dashboardServer.js';
import { messageOf, TwindexError } from '../../errors.js';
import type { Gateway, GatewayOptions } from '../../writers/gateway/gatewayServer.js';
import type { Access } from '../../writers/gateway/service.js';
import { TIMES } from '../../writers/gateway/settings.js';
import type { Cluster } from '../../cluster/cluster.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { portFrom } from '../metricsPort.js';
import { addLogOptions, type LogFlags, openLog, type WriteLog } from '../openLog.js';
import { print } from '../../terminal.js';
import { formatDuration, parseDuration } from '../../duration.js';
import {
  DASHBOARD_PORT,
  type ListenAddress,
  openDashboard,
  parseAddress,
  TOKEN_FILE,
} from '../dashboardFlags.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import type { GatewayProcess } from '../gatewayProcesses.js';
import { startGatewayTraces } from '../gatewayTraces.js';
import { eventText } from '../text/printEvent.js';
import { withSourceMaybeAway } from '../openProject.js';

interface GatewayFlags extends GlobalOptions, LogFlags {
  readonly port: number;
  readonly host: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly maxBody: number;
  readonly readTimeout: number;
  readonly writeTimeout: number;
  readonly longTimeout: number;
  readonly others?: 'source' | 'target';
  readonly processes: number;
  readonly dashboard?: ListenAddress;
  readonly tokenFile?: string;
  readonly drain: number;
  readonly accessLog?: boolean;
}

export function registerGateway(command: Command, cli: Cli): void {
  command
    .addOption(
      new Option('--port <n>', 'port to listen on; 0: any free port')
        .argParser((text) => portFrom(text, '--port'))
        .default(9201),
    )
    .option('--host <address>', 'address to listen on; 0.0.0.0: every address', '127.0.0.1')
    .option('--tls-cert <file>', 'PEM file with the certificate for clients and its chain')
    .option('--tls-key <file>', 'PEM file with the key of the certificate')
    .addOption(
      new Option('--max-body <size>', 'largest request to an index that is being migrated')
        .argParser(size)
        .default(200 << 20, '200mb'),
    )
    .addOption(answerTime('--read-timeout', 'a search or another read', TIMES.answer.read))
    .addOption(answerTime('--write-timeout', 'a write or any other request', TIMES.answer.write))
    .addOption(answerTime('--long-timeout', 'a long request (_reindex, _forcemerge, ...)', TIMES.answer.long))
    .addOption(
      new Option(
        '--others <cluster>',
        'between clusters: where to send requests for undeclared indexes (default: source)',
      ).choices(['source', 'target']),
    )
    .addOption(
      new Option(
        '--processes <n>',
        'processes that share the port, so that several CPUs are used; auto: one for each CPU',
      )
        .argParser(processes)
        .default(1),
    )
    .addOption(
      new Option('--dashboard [address]', 'also serve the dashboard, on a port or HOST:PORT of its own')
        .argParser((text) => parseAddress(text, '--dashboard'))
        .preset(String(DASHBOARD_PORT)),
    )
    .option('--token-file <file>', `for --dashboard: ${TOKEN_FILE}`)
    .addOption(
      new Option(
        '--drain <duration>',
        'after SIGTERM: keep serving for this time, but report not ready, so that load balancers send requests elsewhere',
      )
        .argParser(drainTime)
        .default(0, '0s'),
    )
    .option('--access-log', 'log each request: method, path without the query, status and time')
    .action(cli.action((flags: GatewayFlags) => gateway(flags, cli)));
  addLogOptions(command);
}

async function gateway(flags: GatewayFlags, cli: Cli): Promise<ExitCode> {
  const log = await openLog(cli.io, 'stderr', flags);
  if (flags.processes === 1) return serve({ flags, cli, log });
  const { superviseGateways, thisGatewayProcess } = await import('../gatewayProcesses.js');
  let running: Gateway | undefined;
  const own = thisGatewayProcess(async (process) => (await running?.exportMetrics(process)) ?? []);
  if (own)
    return serve({ flags, cli, log }, { own, onRunning: (started) => (running = started) }).finally(() =>
      own.close(),
    );
  return superviseGateways({
    count: flags.processes,
    argv: process.argv.slice(2),
    signal: cli.signal,
    onListening: (line) => print(cli.io, line),
    onNote: (text) => log('warn', text),
  });
}

interface OneOfSeveral {
  readonly own: GatewayProcess;
  readonly onRunning: (started: Gateway) => void;
}

interface Serving {
  readonly flags: GatewayFlags;
  readonly cli: Cli;
  readonly log: WriteLog;
}

async function serve(serving: Serving, several?: OneOfSeveral): Promise<ExitCode> {
  const { flags, log } = serving;
  const tls = readTls(flags);
  const traces = startGatewayTraces({ env: process.env, onWarning: (text) => log('warn', text) });
  const how = { tls, several, ownSdk: traces !== undefined };
  try {
    return await withSourceMaybeAway(flags, async (project) => {
      const shows = !several || several.own.isFirst;
      // start the dashboard first: if it fails, no client has been served yet
      const shown = shows ? await dashboardOf(project, serving) : undefined;
      try {
        return await serveUntilStopped(project, serving, how);
      } finally {
        await shown?.stop();
      }
    });
  } finally {
    await traces?.close();
  }
}

interface How {
  readonly tls: GatewayOptions['tls'];
  readonly several: OneOfSeveral | undefined;
  readonly ownSdk: boolean;
}

async function serveUntilStopped(
  project: Project,
  { flags, cli, log }: Serving,
  { tls, several, ownSdk }: How,
): Promise<ExitCode> {
  const running = await serveGateway(project, {
    others: flags.others,
    host: flags.host,
    port: flags.port,
    tls,
    ownSdk,
    maxBody: flags.maxBody,
    times: { answer: { read: flags.readTimeout, write: flags.writeTimeout, long: flags.longTimeout } },
    allMetrics: several && (() => several.own.metrics()),
    standsBy: !several || several.own.isFirst,
    tell: (text, level = 'info') => log(level, text),
    onAccess: flags.accessLog ? (access) => log('info', accessText(access), access) : undefined,
  });
  several?.onRunning(running);
  const line = listeningLine(running.url, project.cluster, flags);
  if (several) several.own.listening(line);
  else print(cli.io, line);
  if (!cli.signal.aborted)
    await Promise.race([once(cli.signal, 'abort'), ...(several ? [several.own.stopped] : [])]);
  if (flags.drain > 0) {
    running.drain();
    await sleep(flags.drain);
  }
  await running.stop();
  return EXIT.done;
}

/**
 * The dashboard has its own port, so that a client's request to the cluster is never taken for one to the
 * dashboard.
 */
async function dashboardOf(
  project: Project,
  { flags: { dashboard: address, tokenFile }, log }: Serving,
): Promise<Dashboard | undefined> {
  if (!address) return undefined;
  const tell = (line: string): void => log('info', line);
  const shown = await openDashboard(project, address, { tokenFile, tell });
  tell(`the dashboard is at ${shown.url}`);
  return shown;
}

const accessText = ({ method, path, status, ms }: Access): string =>
  `${method} ${path} ${status ?? 'unanswered'} ${ms} ms`;

function listeningLine(url: string, cluster: Cluster, { json }: GatewayFlags): string {
  if (json) return eventText({ event: 'listening', url });
  const clusters = [cluster, ...(cluster.source ? [cluster.source] : [])];
  const inFrontOf = clusters.map(({ connection }) => connection.urls.join(' ')).join(' and ');
  return `listening on ${url}, in front of ${inFrontOf}`;
}

function answerTime(flag: string, what: string, ms: number): Option {
  return new Option(`${flag} <duration>`, `timeout of ${what}`)
    .argParser((text) => timeFrom(text, flag))
    .default(ms, formatDuration(ms));
}

function timeFrom(text: string, flag: string): number {
  const ms = parseDuration(text, flag);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new TwindexError('usage', `${flag}: "${text}" is not a time from 1ms to 24d`);
}

function drainTime(text: string): number {
  const ms = parseDuration(text, '--drain');
  if (ms <= LONGEST_DRAIN_MS) return ms;
  throw new TwindexError('usage', `--drain: "${text}" is not a time from 0s to 1h`);
}

function readTls({ tlsCert, tlsKey }: GatewayFlags): GatewayOptions['tls'] {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new TwindexError('usage', '--tls-cert and --tls-key belong together: use both or neither');
  return { cert: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) };
}

function readPem(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TwindexError('config_invalid', `${flag}: cannot read ${file} (${messageOf(error)})`);
  }
}

function processes(text: string): number {
  if (text === 'auto') return availableParallelism();
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= MAX_PROCESSES) return value;
  throw new TwindexError(
    'usage',
    `--processes: "${text}" is neither auto nor a number from 1 to ${MAX_PROCESSES}`,
  );
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1 << 10, mb: 1 << 20, gb: 1 << 30 };

function size(text: string): number {
  const match = /^(\d+)(b|kb|mb|gb|)$/i.exec(text);
  const bytes = Number(match?.[1]) * (UNITS[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN);
  if (bytes > 0 && bytes <= MOST) return bytes;
  throw new TwindexError('usage', `--max-body: "${text}" is not a size from 1b to 2gb, like 200mb`);
}

/** Limited, because each process keeps connections to every node and writes its own lease to the journal. */
const MAX_PROCESSES = 64;

const LONGEST_DRAIN_MS = 3_600_000;

/** The longest duration that an option accepts: Node has no timers beyond 24.8 days. */
const LONGEST_MS = 24 * 86_400_000;

/** The largest size that an option accepts: every supported version of Node can make a Buffer of this size. */
const MOST = 2 ** 31;
