// Finds the end of a body: by its length, by its chunks, or by the end of the connection.
import { ChunkedReader } from './chunked.js';

export interface BodyReader {
  readonly done: boolean;
  /** Calls `onData` for each range of payload. @returns the first position not read @throws MalformedBody */
  read(bytes: Buffer, from: number, onData: (begin: number, end: number) => void): number;
}

class SizedReader implements BodyReader {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  read(bytes: Buffer, from: number, onData: (begin: number, end: number) => void): number {
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    if (end > from) onData(from, end);
    return end;
  }
}

/** Reads an answer without a length, which ends when the node closes the connection. */
class UnendingReader implements BodyReader {
  readonly done = false;

  read(bytes: Buffer, from: number, onData: (begin: number, end: number) => void): number {
    if (bytes.length > from) onData(from, bytes.length);
    return bytes.length;
  }
}

export function requestBody(head: {
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
}): BodyReader | undefined {
  if (head.chunked) return new ChunkedReader();
  return head.contentLength ? new SizedReader(head.contentLength) : undefined;
}

/** @returns undefined if there is no body, whatever the headers say */
export function responseBody(
  head: { readonly status: number; readonly contentLength: number | undefined; readonly chunked: boolean },
  method: string,
): BodyReader | undefined {
  const { status, contentLength, chunked } = head;
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) return undefined;
  if (chunked) return new ChunkedReader();
  if (contentLength === undefined) return new UnendingReader();
  return contentLength > 0 ? new SizedReader(contentLength) : undefined;
}
