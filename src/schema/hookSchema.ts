// The zod schemas of hooks and notifications, and their conversion to `Hooks`.
import { z } from 'zod';
import { closedObject } from './closedObject.js';
import type { HookInput, HookInputs } from './hookInput.js';
import type { Hook, Hooks, HttpCall } from './types.js';

const DEFAULT_TIMEOUT_MS = 60_000;

const HOOK =
  'a shell command, { command, timeoutMs }, { url, headers, timeoutMs }, or a list of them (url such as https://host/path)';
const NOTIFY = 'an address such as https://host/path, or { url, headers }';
const MOMENTS = ['copying', 'cutover', 'switched', 'finalized', 'aborted', 'rollback'] as const;

const ADDRESS = 'an address such as https://host/path';
const HEADER = 'a header as one line of text';
const TIMEOUT = 'a whole number of milliseconds, 1 or more';

const url = z.string().refine(isHttp, { error: ADDRESS });
const headers = z.record(
  z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: HEADER }),
  // a line break would end the header
  z.string().regex(/^[^\r\n\0]*$/, { error: HEADER }),
);
const timeoutMs = z
  .int({ error: TIMEOUT })
  .min(1, { error: TIMEOUT })
  .max(2_147_483_647, { error: TIMEOUT })
  .optional();
const command = z.string().regex(/\S/, { error: 'a shell command' });

const hook = z.union([
  command,
  z.strictObject({ command, timeoutMs }),
  z.strictObject({ url, headers: headers.optional(), timeoutMs }),
]);
// with an `id`, a schema in schemas/ contains the hooks once, not at each hook point
const hookList = z.union([hook, z.array(hook)], { error: HOOK }).meta({ id: 'hooks' });

function hookPointsOf<M extends string>(moments: readonly M[]) {
  const shape = Object.fromEntries(moments.map((moment) => [moment, hookList.optional()])) as {
    [K in M]: z.ZodOptional<typeof hookList>;
  };
  return closedObject(shape, `an object with ${moments.join(', ')}`);
}

export const hooksSchema = closedObject(
  { before: hookPointsOf(MOMENTS).optional(), after: hookPointsOf([...MOMENTS, 'ready']).optional() },
  'an object with before and after',
);

export const notifySchema = z.union([url, z.strictObject({ url, headers: headers.optional() })], {
  error: NOTIFY,
});

function isHttp(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '';
}

/** @param folder the working directory of commands */
export function hooksIn({ before = {}, after = {} }: z.infer<typeof hooksSchema>, folder: string): Hooks {
  const listed = (given: object): object =>
    Object.fromEntries(
      Object.entries(given as Record<string, HookInputs | undefined>).flatMap(([moment, hooks]) =>
        hooks === undefined ? [] : [[moment, [hooks].flat().map((one) => hookIn(one, folder))]],
      ),
    );
  return { before: listed(before), after: listed(after) };
}

function hookIn(given: HookInput, folder: string): Hook {
  if (typeof given === 'string') return { command: given, folder, timeoutMs: DEFAULT_TIMEOUT_MS };
  const { timeoutMs: ms = DEFAULT_TIMEOUT_MS, ...rest } = given;
  return 'command' in rest ? { ...rest, folder, timeoutMs: ms } : { ...rest, timeoutMs: ms };
}

export function notifyOf(given: z.infer<typeof notifySchema>): HttpCall {
  return typeof given === 'string' ? { url: given } : given;
}

/** A hook point in an index file replaces the same hook point of the configuration. */
export function mergedHooks(all: Hooks | undefined, own: Hooks | undefined): Hooks | undefined {
  if (!all || !own) return own ?? all;
  return { before: { ...all.before, ...own.before }, after: { ...all.after, ...own.after } };
}
