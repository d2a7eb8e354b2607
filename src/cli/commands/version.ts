// `twindex version`: prints the versions of twindex, of Node, and of the engine of the configured cluster. The command
// also works without a configuration, and when the cluster does not answer.
import type { Command } from 'commander';
import { messageOf } from '../../errors.js';
import { packageVersion } from '../../packageVersion.js';
import { engineTitle } from '../../schema/nearestName.js';
import { print } from '../../terminal.js';
import type { Cli, GlobalOptions } from '../cli.js';
import { EXIT, type ExitCode } from '../exitCode.js';

export function registerVersion(command: Command, cli: Cli): void {
  command.action(cli.action((flags: GlobalOptions) => version(flags, cli)));
}

interface ClusterVersion {
  readonly nodes: readonly string[];
  /** For example `OpenSearch 3.8.0`. */
  readonly engine: string;
}

/** The engine of the configured cluster, or the reason why it is not known. */
type Found = ClusterVersion | { readonly error: string };

async function version(flags: GlobalOptions, { io }: Cli): Promise<ExitCode> {
  const cluster = await findCluster(flags);
  const facts = {
    twindex: packageVersion(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
  if (flags.json) {
    print(io, JSON.stringify({ ...facts, cluster }));
    return EXIT.done;
  }
  for (const [label, text] of Object.entries({ ...facts, cluster: clusterText(cluster) }))
    print(io, `${label.padEnd(10)}${text}`);
  return EXIT.done;
}

const clusterText = (found: Found): string =>
  'error' in found ? `not known: ${found.error}` : `${found.engine} (${found.nodes.join(' ')})`;

/** Short limits: without the cluster, the command still prints the other versions. */
const PATIENCE = { requestTimeoutMs: 3_000, maxRetries: 0 };

async function findCluster(flags: GlobalOptions): Promise<Found> {
  const { withJournal } = await import('../openProject.js');
  try {
    return await withJournal(
      flags,
      async ({ cluster: { connection, engine } }) => ({
        nodes: connection.urls,
        engine: engineTitle(engine),
      }),
      { patience: PATIENCE },
    );
  } catch (error) {
    return { error: messageOf(error) };
  }
}
