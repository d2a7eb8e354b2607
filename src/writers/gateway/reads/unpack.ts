// Decompresses a body, up to a limit.
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

/** @returns undefined for an unknown encoding, invalid bytes, or more than `most` bytes */
export async function unpack(
  body: Buffer,
  encoding: string | undefined,
  most: number,
): Promise<Buffer | undefined> {
  if (body.length === 0) return body;
  try {
    switch (encoding?.toLowerCase()) {
      case undefined:
      case 'identity':
        return body.length > most ? undefined : body;
      case 'gzip':
      case 'x-gzip':
        return await promisify(gunzip)(body, { maxOutputLength: most });
      case 'deflate':
        return await promisify(inflate)(body, { maxOutputLength: most });
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
