// The streams of a command (stdin, stdout, stderr), and how it prints to them.

type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Shows the commands in a message as the user has called twindex: `npx twindex status`. */
  readonly asCalled?: (text: string) => string;
}

/** Every message of twindex passes through this function before it is shown. Files and documents do not. */
export const forUser = ({ asCalled }: Io, text: string): string => asCalled?.(text) ?? text;

export function print(io: Io, line: string): void {
  io.stdout.write(`${forUser(io, line)}\n`);
}

/**
 * Writes a line for people to stderr. If stderr is not a terminal, the line goes to a log, so it begins with
 * the time: `2026-01-31T12:00:00Z shop: reached ready`.
 */
export function tell(io: Io, line: string): void {
  io.stderr.write(`${io.stderr.isTTY ? '' : `${timeNow()} `}${forUser(io, line)}\n`);
}

/** Writes a line like `tell`, but to stdout, for a command whose result is a log. */
export function log(io: Io, line: string): void {
  io.stdout.write(`${io.stdout.isTTY ? '' : `${timeNow()} `}${forUser(io, line)}\n`);
}

const timeNow = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

/** True on a terminal whose user has not turned colours off (https://no-color.org). */
export function wantsColours(io: Io, stream: 'stdout' | 'stderr' = 'stdout'): boolean {
  return io[stream].isTTY === true && !process.env['NO_COLOR'];
}
