// Sends JSON by POST to an address that the user has configured. Messages never contain the headers, the path
// or the user name.
import type { Readable } from 'node:stream';
import { request } from 'undici';
import { authorization } from '../../../cluster/nodeAddress.js';
import { messageOf, redact } from '../../../errors.js';
import type { HttpCall } from '../../../schema/types.js';

const MOST_CHARACTERS = 2_000;
/** How much of an answer or of a program's output is shown in a message. */
const SHOWN = { lines: 5, characters: 500 } as const;

export interface PostOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** @returns why the request failed; undefined if the status was below 300 */
export async function post(
  { url, headers }: HttpCall,
  body: object,
  { timeoutMs, signal }: PostOptions,
): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const { address, user } = withoutUser(url);
    const answer = await request(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...user, ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, timeout]),
      reset: true,
    });
    const text = await beginningOf(answer.body);
    if (answer.statusCode < 300) return undefined;
    return withLines(`answered with ${answer.statusCode}`, text);
  } catch (error) {
    if (timeout.aborted) return `did not answer within ${timeoutMs} ms`;
    return messageOf(error) || 'could not be reached';
  }
}

/** Only the origin, since the path of a webhook is often a secret. */
export const originOf = ({ url }: HttpCall): string => new URL(url).origin;

/** Appends the last lines of the text. */
export function withLines(what: string, text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  const last = lines.filter((line) => line !== '').slice(-SHOWN.lines);
  return last.length === 0 ? what : `${what}: ${redact(last.join(' | ')).slice(-SHOWN.characters)}`;
}

async function beginningOf(body: Readable): Promise<string> {
  let text = '';
  body.on('error', () => undefined); // A stream that is not read to its end raises an error
  for await (const chunk of body) {
    text += String(chunk);
    if (text.length > MOST_CHARACTERS) break;
  }
  return text;
}

function withoutUser(url: string): { address: URL; user: Record<string, string> } {
  const address = new URL(url);
  const [username, password] = [address.username, address.password].map(decodeURIComponent);
  address.username = '';
  address.password = '';
  if (!username) return { address, user: {} };
  return { address, user: { authorization: authorization({ username, password: password ?? '' }) } };
}
