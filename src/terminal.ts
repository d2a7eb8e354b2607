// Where a command prints, and what it reads.

export interface Io {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
}

/** Writes one line to stdout. */
export function print(io: Io, line: string): void {
  io.stdout.write(`${line}\n`);
}

/** A terminal whose user has not turned colours off (https://no-color.org). */
export function wantsColours(io: Io): boolean {
  return io.stdout.isTTY === true && !process.env['NO_COLOR'];
}
