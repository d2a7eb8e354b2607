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
}

export function print(io: Io, line: string): void {
  io.stdout.write(`${line}\n`);
}

/**
 * Writes a line for people to stderr. If stderr is no terminal, the line goes to a log, so it begins with the
 * time: `2026-01-31T12:00:00Z shop: reached ready`.
 */
export function tell({ stderr }: Io, line: string): void {
  stderr.write(`${stderr.isTTY ? '' : `${timeNow()} `}${line}\n`);
}

/** Like `tell`, but on stdout: for a command whose result is a log. */
export function log({ stdout }: Io, line: string): void {
  stdout.write(`${stdout.isTTY ? '' : `${timeNow()} `}${line}\n`);
}

const timeNow = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

/** True on a terminal whose user has not turned colours off (https://no-color.org). */
export function wantsColours(io: Io, stream: 'stdout' | 'stderr' = 'stdout'): boolean {
  return io[stream].isTTY === true && !process.env['NO_COLOR'];
}
