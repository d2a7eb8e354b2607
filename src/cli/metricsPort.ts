// `migrate --metrics-port`: serves Prometheus metrics while a command runs.
import { type Command, Option } from 'commander';
import type { Cluster } from '../cluster/cluster.js';
import { TwindexError } from '../errors.js';
import { tell } from '../terminal.js';
import type { Cli, GlobalOptions } from './cli.js';

export interface MetricsFlags extends GlobalOptions {
  readonly metricsPort?: number;
  readonly metricsHost: string;
}

export function addMetricsOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--metrics-port <n>',
        'serve Prometheus metrics on this port while the command runs; 0: any free port',
      ).argParser((text) => portFrom(text, '--metrics-port')),
    )
    .option('--metrics-host <address>', 'address for --metrics-port; 0.0.0.0: every address', '127.0.0.1');
}

/** @throws TwindexError `failed` before `body` runs, if the port cannot be used */
export async function whileServingMetrics<T>(
  cluster: Cluster,
  { metricsPort: port, metricsHost: host }: MetricsFlags,
  { io }: Cli,
  body: () => Promise<T>,
): Promise<T> {
  if (port === undefined) return await body();
  const [{ metricsPage }, { serveMetrics }] = await Promise.all([
    import('../metrics/metricsPage.js'),
    import('../metrics/metricsServer.js'),
  ]);
  const server = await serveMetrics(metricsPage(cluster), { host, port });
  // on stderr, so that stdout contains only the events of the migration
  tell(io, `metrics: ${server.url}`);
  try {
    return await body();
  } finally {
    await server.close();
  }
}

export function portFrom(text: string, flag: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 65_536) return value;
  throw new TwindexError('usage', `${flag}: "${text}" is not a port`);
}
