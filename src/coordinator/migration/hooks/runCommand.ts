// Runs a user's shell command in its own process group, so that all processes that it starts can be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../errors.js';
import { withLines } from './post.js';
import { environmentOf, type HookPayload } from './hookPayload.js';

export interface CommandOptions {
  readonly command: string;
  readonly folder: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

type End =
  | { readonly type: 'exit'; readonly code: number | null; readonly killedBy: string | null }
  | { readonly type: 'error'; readonly error: Error };

const KEPT_CHARACTERS = 4_000;
/** Longest wait for the end of stderr. A process that the command leaves behind may keep stderr open. */
const DRAIN_MS = 200;

/** @returns why the command failed; undefined if it exited with 0 */
export async function runCommand(options: CommandOptions, payload: HookPayload): Promise<string | undefined> {
  const { command, folder, timeoutMs, signal } = options;
  const child = spawn(command, {
    shell: true,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, ...environmentOf(payload) },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  });
  const drained = new Promise<void>((resolve) => child.stderr.on('close', resolve));
  child.stdin.on('error', () => undefined); // The command may end without reading its stdin
  child.stdin.end(`${JSON.stringify(payload)}\n`);
  const timeout = AbortSignal.timeout(timeoutMs);
  const end = await untilEnd(child, AbortSignal.any([signal, timeout]));
  await Promise.race([drained, sleep(DRAIN_MS)]);
  child.stderr.destroy();
  if (end.type === 'error') return `could not be started: ${messageOf(end.error)}`;
  if (end.code === 0) return undefined;
  const ran = timeout.aborted ? `took longer than ${timeoutMs} ms, and was killed` : undefined;
  return withLines(ran ?? (end.killedBy ? `was killed by ${end.killedBy}` : `exited with ${end.code}`), said);
}

async function untilEnd(child: ChildProcess, signal: AbortSignal): Promise<End> {
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The process has ended by itself.
    }
  };
  signal.addEventListener('abort', kill);
  if (signal.aborted) kill();
  try {
    return await new Promise<End>((resolve) => {
      child.on('error', (error) => resolve({ type: 'error', error }));
      child.on('exit', (code, killedBy) => resolve({ type: 'exit', code, killedBy }));
    });
  } finally {
    signal.removeEventListener('abort', kill);
  }
}
