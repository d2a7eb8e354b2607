// Runs one hook, which is a command or a POST request.
import { messageOf } from '../../../errors.js';
import type { Hook } from '../../../schema/types.js';
import { originOf, post } from './post.js';
import { runCommand } from './runCommand.js';
import type { HookPayload } from './hookPayload.js';

const SHOWN_CHARACTERS = 80;

/** @returns the hook's name and why the hook failed; undefined if it succeeded */
export async function runHook(
  hook: Hook,
  payload: HookPayload,
  signal: AbortSignal,
): Promise<string | undefined> {
  const reason = await outcomeOf(hook, payload, signal).catch(messageOf);
  return reason && `${nameOf(hook)} ${reason}`;
}

async function outcomeOf(hook: Hook, payload: HookPayload, signal: AbortSignal): Promise<string | undefined> {
  if ('command' in hook) return runCommand({ ...hook, signal }, payload);
  return post(hook, payload, { timeoutMs: hook.timeoutMs, signal });
}

export function nameOf(hook: Hook): string {
  if (!('command' in hook)) return `POST to ${originOf(hook)}`;
  const [line = ''] = hook.command.trim().split('\n');
  return `"${line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS - 3)}...`}"`;
}
