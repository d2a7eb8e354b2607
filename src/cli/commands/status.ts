// `twindex status`: shows the state of migrations. It works from any machine.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Cluster } from '../../cluster/cluster.js';
import { isTwindexError, messageOf } from '../../errors.js';
import {
  getLost,
  getStatus,
  type LostMigration,
  type MigrationStatus,
} from '../../coordinator/migration/steering/getStatus.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { forUser, print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { withJournal } from '../openProject.js';
import { renderStatus } from '../text/statusText.js';
import { printJson } from '../../json/exactJson.js';

interface StatusFlags extends GlobalOptions {
  readonly watch?: boolean;
}

interface Looked {
  readonly found: readonly MigrationStatus[];
  readonly lost: readonly LostMigration[];
}

const WATCH_MS = 1_000;
/** Short limits, so that the user soon learns that something is wrong. */
const HASTE: Patience = { requestTimeoutMs: 4_000, maxRetries: 1 };
/** Long limits for the second attempt, after a warning that the cluster is slow. */
const PATIENCE: Patience = { requestTimeoutMs: 30_000, maxRetries: 2, troublesMs: 20_000 };

interface Patience {
  readonly requestTimeoutMs: number;
  readonly maxRetries: number;
  /** Timeout for finding the cluster's troubles. */
  readonly troublesMs?: number;
}

export function registerStatus(command: Command, cli: Cli): void {
  command
    .option('--watch', 'repeat until the migration is over')
    .action(cli.action((name: string | undefined, flags: StatusFlags) => status(name, flags, cli)));
}

async function status(name: string | undefined, flags: StatusFlags, cli: Cli): Promise<ExitCode> {
  try {
    return await statusWith(HASTE, name, flags, cli);
  } catch (error) {
    if (!isSlow(error)) throw error;
    const seconds = PATIENCE.requestTimeoutMs / 1_000;
    cli.io.stderr.write(
      `${forUser(cli.io, messageOf(error))}\nAsking again, and waiting up to ${seconds} s for each answer. Ctrl-C ends it.\n`,
    );
    return await statusWith(PATIENCE, name, flags, cli);
  }
}

/** True for a slow cluster or proxy. `overloaded` without a status is twindex's own error: do not wait. */
const isSlow = (error: unknown): boolean =>
  isTwindexError(error, 'unanswered') || (isTwindexError(error, 'overloaded') && error.status !== undefined);

async function statusWith(
  patience: Patience,
  name: string | undefined,
  flags: StatusFlags,
  cli: Cli,
): Promise<ExitCode> {
  const { troublesMs, ...ofRequests } = patience;
  return withJournal(
    flags,
    async ({ cluster }) => {
      let shown = '';
      for (;;) {
        const looked = await look(cluster, name, { flags, cli, troublesMs });
        if (!looked) {
          await pause(cli.signal);
          continue;
        }
        const { found, lost } = looked;
        const text = flags.json
          ? printJson({ migrations: found, ...(lost.length > 0 ? { lost } : {}) })
          : render(found, lost, name);
        if (text !== shown)
          print(cli.io, flags.watch && cli.io.stdout.isTTY ? `\u001b[2J\u001b[H${text}` : text);
        shown = text;
        if (lost.length > 0 && !flags.watch) return EXIT.failed;
        if (!flags.watch || (found.every(isOver) && lost.length === 0)) return EXIT.done;
        await pause(cli.signal);
      }
    },
    { patience: ofRequests },
  );
}

/** @returns undefined if the cluster does not respond and `--watch` will poll again */
async function look(
  cluster: Cluster,
  name: string | undefined,
  {
    flags,
    cli,
    troublesMs,
  }: { readonly flags: StatusFlags; readonly cli: Cli; readonly troublesMs: number | undefined },
): Promise<Looked | undefined> {
  try {
    const [found, lost] = await Promise.all([getStatus(cluster, name, troublesMs), getLost(cluster, name)]);
    // what the journal has under the name of a lost migration is an older migration, which is left out
    return { found: found.filter((one) => !lost.some(({ name: of }) => of === one.name)), lost };
  } catch (error) {
    const isPatient = troublesMs !== undefined;
    if (!flags.watch || (isSlow(error) && !isPatient)) throw error;
    if (!isTwindexError(error, 'unanswered', 'unreachable', 'overloaded')) throw error;
    cli.io.stderr.write(`${forUser(cli.io, messageOf(error))}\n`);
    return undefined;
  }
}

function render(
  found: readonly MigrationStatus[],
  lost: readonly LostMigration[],
  name: string | undefined,
): string {
  const texts = [
    ...found.map(renderStatus),
    ...lost.map((one) => `${one.name}: lost by the journal. ${one.text}`),
  ];
  if (texts.length > 0) return texts.join('\n\n');
  return name === undefined
    ? 'no migration is known to this cluster'
    : `no migration of ${name} is known to this cluster`;
}

function isOver({ record }: MigrationStatus): boolean {
  return record.state === 'finalized' || record.state === 'aborted';
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(WATCH_MS, undefined, { signal });
}
