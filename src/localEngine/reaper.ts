// A process that starts and owns the engines, so that no engine outlives the program that asked for it. When
// this program closes the channel (by stop(), or because it ends or is killed), the reaper ends the engines
// and deletes their folder. It imports no other file of the project, because it must work on its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface StartCommand {
  readonly type: 'start';
  /** A name for the engine's process. The same name can be used again after the process has ended. */
  readonly key: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly logFile: string;
}

/** A command that the reaper runs at its end in any case, for example `docker rm -f …`. */
export interface AtEndCommand {
  readonly type: 'at-end';
  readonly program: string;
  readonly args: readonly string[];
}

export type ToReaper = StartCommand | AtEndCommand;

export type FromReaper =
  | { readonly type: 'ready'; readonly folder: string }
  | { readonly type: 'started'; readonly key: string; readonly pid: number }
  | { readonly type: 'exited'; readonly key: string; readonly reason: string };

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const GONE_WITHIN_MS = 20_000;

function main(parentFolder: string): void {
  const folder = mkdtempSync(join(parentFolder, 'twindex-engine-'));
  chmodSync(folder, 0o755);
  const running = new Map<string, ChildProcess>();
  const atEnd: AtEndCommand[] = [];
  // Ctrl-C or a closed terminal sends signals to all processes of the session. The reaper ignores them,
  // because it ends when its parent ends.
  for (const signal of SIGNALS) process.on(signal, () => {});
  process.on('message', (message: ToReaper) => {
    if (message.type === 'at-end') atEnd.push(message);
    else start(message, running);
  });
  process.once('disconnect', () => void end(folder, running, atEnd));
  tell({ type: 'ready', folder });
}

function start(command: StartCommand, running: Map<string, ChildProcess>): void {
  const log = openSync(command.logFile, 'a');
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: command.env,
    detached: true, // a process group of its own: Elasticsearch consists of two processes
    stdio: ['ignore', log, log],
    ...command.user,
  });
  closeSync(log);
  running.set(command.key, child);
  child.once('error', (error) => tell({ type: 'exited', key: command.key, reason: error.message }));
  child.once('exit', (code, signal) => {
    killGroup(child.pid);
    if (running.get(command.key) === child) running.delete(command.key);
    tell({ type: 'exited', key: command.key, reason: signal ? `signal ${signal}` : `exit code ${code}` });
  });
  if (child.pid !== undefined) tell({ type: 'started', key: command.key, pid: child.pid });
}

async function end(folder: string, running: Map<string, ChildProcess>, atEnd: AtEndCommand[]): Promise<void> {
  // Kills the engines at once. A clean shutdown would be useless, since the data is deleted.
  const pids = [...running.values()].map((child) => child.pid);
  for (const pid of pids) killGroup(pid);
  for (const { program, args } of atEnd) spawnSync(program, args, { stdio: 'ignore', timeout: 60_000 });
  for (const until = Date.now() + GONE_WITHIN_MS; pids.some(groupLives) && Date.now() < until; )
    await sleep(20);
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  process.exit(0);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // the process has ended already
  }
}

function groupLives(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function tell(message: FromReaper): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

const [, , parentFolder] = process.argv;
if (parentFolder !== undefined && process.send) main(parentFolder);
