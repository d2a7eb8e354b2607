// Reads the whole body of a client's request or of its answer, and decompresses it.
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const UNPACK = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

export async function readAnswer(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): Promise<Answered> {
  const texts = textHeaders(headers);
  return { status, headers: texts, body: await unpack(body, texts['content-encoding']) };
}

export async function unpack(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  const unpacked = body.length > 0 ? UNPACK.get(encoding?.trim().toLowerCase() ?? '') : undefined;
  return unpacked ? await unpacked(body) : body;
}

export async function readStream(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array | string));
  return Buffer.concat(chunks);
}

/** @returns headers with names in lower case, and the values of a repeated header joined */
export function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const text = Array.isArray(value) ? value.join(', ') : value;
      return typeof text === 'string' || typeof text === 'number' ? [[name.toLowerCase(), String(text)]] : [];
    }),
  );
}
