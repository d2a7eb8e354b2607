// The streams of a command (stdin, stdout, stderr), and how it prints to them.

export interface Io {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Shows the commands in a message as the user has called twindex: `npx twindex status`. */
  readonly asCalled?: (text: string) => string;
}

/** Messages of twindex, not files or documents, go through this on their way to the user. */
export const forUser = ({ asCalled }: Io, text: string): string => asCalled?.(text) ?? text;

export function print(io: Io, line: string): void {
  io.stdout.write(`${forUser(io, line)}\n`);
}

/**
 * Writes a line for people to stderr. If stderr is no terminal, the line goes to a log, so it begins with the
 * time: `2026-01-31T12:00:00Z shop: reached ready`.
 */
export function tell(io: Io, line: string): void {
  const time = io.stderr.isTTY ? '' : `${new Date().toISOString().slice(0, 19)}Z `;
  io.stderr.write(`${time}${forUser(io, line)}\n`);
}

/** True on a terminal whose user has not turned colours off (https://no-color.org). */
export function wantsColours(io: Io): boolean {
  return io.stdout.isTTY === true && !process.env['NO_COLOR'];
}
