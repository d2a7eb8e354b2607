// `twindex status`: shows the state of migrations. It works from any machine.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { readBoth } from '../../api/readStatus.js';
import type { Cluster } from '../../cluster/cluster.js';
import { isTwindexError, messageOf, TwindexError } from '../../errors.js';
import {
  getLost,
  getNames,
  getOverview,
  getStatus,
  type LostMigration,
  type MigrationOverview,
  type MigrationStatus,
} from '../../coordinator/migration/steering/getStatus.js';
import { isOver } from '../../protocol/record.js';
import { isPattern } from '../../schema/family.js';
import { nearest } from '../../schema/nearestName.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { forUser, log, print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { withJournal } from '../openProject.js';
import { type LiveScreen, openLiveScreen } from '../text/liveScreen.js';
import { renderTable } from '../text/statusTable.js';
import { renderStatus, StatusLog } from '../text/statusText.js';
import { viewOf, wrap } from '../text/textLayout.js';
import { printJson } from '../../json/exactJson.js';

interface StatusFlags extends GlobalOptions {
  readonly watch?: boolean;
  readonly all?: boolean;
}

/** The migrations from the journal: in full (`one`), or as an overview for the table (`many`). */
type Looked = { readonly lost: readonly LostMigration[] } & (
  | { readonly type: 'one'; readonly found: readonly MigrationStatus[] }
  | { readonly type: 'many'; readonly found: readonly MigrationOverview[] }
);

const WATCH_MS = 1_000;
/** Short limits, so that the user soon learns that something is wrong. */
const HASTE: Patience = { requestTimeoutMs: 4_000, maxRetries: 1 };
/** Long limits for the second attempt, after a warning that the cluster is slow. */
const PATIENCE: Patience = { requestTimeoutMs: 30_000, maxRetries: 2, troublesMs: 20_000 };

interface Patience {
  readonly requestTimeoutMs: number;
  readonly maxRetries: number;
  /** Timeout for the requests that look for troubles of the cluster, such as unassigned shards. */
  readonly troublesMs?: number;
}

interface Asked {
  readonly name: string | undefined;
  readonly flags: StatusFlags;
  readonly cli: Cli;
}

export function registerStatus(command: Command, cli: Cli): void {
  command
    .option('--watch', 'show the state again every second, until the migration is over')
    .option('--all', 'in the table, also show migrations that are over')
    .action(cli.action((name: string | undefined, flags: StatusFlags) => status({ name, flags, cli })));
}

async function status(asked: Asked): Promise<ExitCode> {
  try {
    return await statusWith(HASTE, asked);
  } catch (error) {
    if (!isSlow(error)) throw error;
    const seconds = PATIENCE.requestTimeoutMs / 1_000;
    const text = forUser(asked.cli.io, messageOf(error));
    asked.cli.io.stderr.write(
      `${text}\nAsking again, and waiting up to ${seconds} s for each answer. Press Ctrl-C to stop.\n`,
    );
    return await statusWith(PATIENCE, asked);
  }
}

/**
 * True if the cluster or a proxy is slow. `overloaded` without a status is twindex's own error, for which
 * waiting does not help.
 */
const isSlow = (error: unknown): boolean =>
  isTwindexError(error, 'unanswered') || (isTwindexError(error, 'overloaded') && error.status !== undefined);

async function statusWith({ troublesMs, ...patience }: Patience, asked: Asked): Promise<ExitCode> {
  const answer = asked.flags.watch ? watch : show;
  return withJournal(asked.flags, ({ cluster }) => answer(cluster, asked, troublesMs), { patience });
}

async function show(cluster: Cluster, asked: Asked, troublesMs?: number): Promise<ExitCode> {
  const looked = await look(cluster, asked, troublesMs);
  print(asked.cli.io, textOf(looked, asked));
  return looked.lost.length > 0 ? EXIT.failed : EXIT.done;
}

/** Shows the status again until all migrations are over. A cluster that does not answer is asked again. */
async function watch(cluster: Cluster, asked: Asked, troublesMs?: number): Promise<ExitCode> {
  const { signal } = asked.cli;
  const shown = openWatch(asked);
  try {
    for (;;) {
      try {
        const looked = await look(cluster, asked, troublesMs);
        shown.update(looked);
        if (looked.lost.length === 0 && looked.found.every(({ record }) => isOver(record))) return EXIT.done;
      } catch (error) {
        if (isSlow(error) && troublesMs === undefined) throw error;
        if (!isTwindexError(error, 'unanswered', 'unreachable', 'overloaded')) throw error;
        shown.trouble(messageOf(error));
      }
      await sleep(WATCH_MS, undefined, { signal });
    }
  } finally {
    shown.end();
  }
}

interface Watch {
  update(looked: Looked): void;
  trouble(text: string): void;
  end(): void;
}

function openWatch(asked: Asked): Watch {
  const { io } = asked.cli;
  if (asked.flags.json) return watchAsJson(asked);
  return io.stdout.isTTY ? watchOnTerminal(asked, openLiveScreen(io)) : watchInLog(asked);
}

/** Prints the whole JSON document each time when something in it has changed. */
function watchAsJson(asked: Asked): Watch {
  const { io } = asked.cli;
  let shown = '';
  return {
    update(looked) {
      const text = textOf(looked, asked);
      if (text !== shown) print(io, text);
      shown = text;
    },
    trouble: (text) => io.stderr.write(`${text}\n`),
    end: () => undefined,
  };
}

function watchOnTerminal(asked: Asked, screen: LiveScreen): Watch {
  const { io } = asked.cli;
  let last = '';
  return {
    update(looked) {
      last = textOf(looked, asked);
      screen.draw(forUser(io, last));
    },
    trouble: (text) => screen.draw([last, '', ...wrap(text, viewOf(io).width)].join('\n').trimStart()),
    end: () => screen.end(),
  };
}

/** Prints one line for each change of a migration. */
function watchInLog({ cli: { io } }: Asked): Watch {
  const lines = new StatusLog((line) => log(io, line));
  return {
    update({ found, lost }) {
      lines.add(found, Date.now());
      for (const { name, text } of lost) lines.say(`${name}: ${text}`);
    },
    trouble: (text) => lines.say(text),
    end: () => undefined,
  };
}

/** @throws TwindexError `not_found` if no migration has this name */
async function look(cluster: Cluster, { name, flags }: Asked, troublesMs?: number): Promise<Looked> {
  if ((name === undefined || isPattern(name)) && !flags.json) {
    const { read, lost } = await readBoth(getOverview(cluster, name, troublesMs), getLost(cluster, name));
    return { type: 'many', found: read.filter(({ record }) => flags.all || !isOver(record)), lost };
  }
  const { read, lost } = await readBoth(getStatus(cluster, name, troublesMs), getLost(cluster, name));
  const isUnknown = name !== undefined && !isPattern(name) && read.length === 0 && lost.length === 0;
  if (isUnknown) throw unknown(name, await getNames(cluster));
  return { type: 'one', found: read, lost };
}

const MAX_NAMES = 10;

function unknown(name: string, known: readonly string[]): TwindexError {
  const meant = nearest(name, known);
  const names = known.slice(0, MAX_NAMES).join(', ') + (known.length > MAX_NAMES ? ', …' : '');
  const help =
    meant !== undefined
      ? `Did you mean ${meant}? See: twindex status ${meant}`
      : known.length > 0
        ? `There are migrations of ${names}. To begin one of ${name}: twindex plan ${name}`
        : `There are no migrations. To begin one: twindex plan ${name}`;
  return new TwindexError('not_found', `the journal of this cluster has no migration of ${name}. ${help}`);
}

function textOf(looked: Looked, { name, flags, cli }: Asked): string {
  const { found, lost } = looked;
  if (flags.json) return printJson({ migrations: found, ...(lost.length > 0 ? { lost } : {}) });
  const view = viewOf(cli.io);
  const lostTexts = lost.map((one) =>
    wrap(`${one.name}: the journal has lost this migration. ${one.text}`, view.width, 2).join('\n'),
  );
  if (looked.type === 'one')
    return [...looked.found.map((one) => renderStatus(one, view)), ...lostTexts].join('\n\n');
  if (found.length > 0) {
    const height = view.height - lostTexts.join('\n\n').split('\n').length + (lost.length > 0 ? 0 : 1);
    return [...lostTexts, renderTable(looked.found, { ...view, height })].join('\n\n');
  }
  return lost.length > 0 ? lostTexts.join('\n\n') : nothingText(name, flags);
}

function nothingText(name: string | undefined, { all }: StatusFlags): string {
  const what = name === undefined ? 'no migration' : `no migration that matches ${name}`;
  if (all) return `${what} is known to this cluster`;
  return `${what} is under way. To see migrations that are over: twindex status${name === undefined ? '' : ` '${name}'`} --all`;
}
