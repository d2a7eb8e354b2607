// Reads the NDJSON of `--from FILE` or `--from -` (stdin), no faster than its documents are ingested.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { messageOf, TwindexError } from '../../errors.js';
import type { IngestedDocument } from '../../protocol/ingestedVersion.js';
import { broken, LineSplitter, readLine } from './ndjson.js';

const CHUNK_BYTES = 256 << 10;

/** @param after the cursor of the last document that was read */
export async function* documentsOfFile(
  file: string,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<IngestedDocument> {
  const stdin = file === '-';
  const name = stdin ? 'stdin' : file;
  const { offset, line } = after ? (JSON.parse(after) as { offset: number; line: number }) : START;
  if (offset > 0) await requireSameFile(file, offset);
  const stream: Readable = stdin
    ? process.stdin
    : createReadStream(file, { start: offset, highWaterMark: CHUNK_BYTES, signal });
  const splitter = new LineSplitter(name, { at: offset, number: line });
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      for (const each of splitter.push(chunk as Buffer)) {
        const document = readLine(each, name);
        if (document) yield document;
      }
    }
  } catch (error) {
    if (signal.aborted || error instanceof TwindexError) throw error;
    throw broken(name, messageOf(error), error);
  }
  for (const each of splitter.end()) {
    const document = readLine(each, name);
    if (document) yield document;
  }
}

const START = { offset: 0, line: 0 } as const;

/** A line must end at the offset. If no line ends there, this is another file. */
async function requireSameFile(file: string, offset: number): Promise<void> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, offset - 1);
    const { size } = await handle.stat();
    if (bytesRead === 1 && (buffer[0] === 0x0a || size === offset)) return;
  } finally {
    await handle.close();
  }
  throw new TwindexError(
    'usage',
    `${file} is not the file that this migration was begun with: ${offset} bytes of that file were read, but no line ends there ` +
      'in this file. Use the same file (more lines at its end do no harm), or abort and start again.',
  );
}
