// Reads the lines `{"id":"…","source":{…}}` of a data set's file without parsing JSON.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface DataSet {
  readonly file: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly documents: number;
  /** The total size of all sources. */
  readonly bytes: number;
}

const PER_REQUEST = 5_000;
const ID_AT = '{"id":"'.length;
const SOURCE_MARK = '","source":';

export const lineOf = (id: string, source: string): string =>
  `{"id":${JSON.stringify(id)},"source":${source}}\n`;

interface Entry {
  readonly id: string;
  readonly source: string;
}

/** Bodies of `_bulk` with 5,000 documents each, in the order of the file. @throws Error if the file has fewer */
export async function* bulkBodies(file: string, documents: number): AsyncGenerator<Buffer> {
  let body: string[] = [];
  for await (const { id, source } of entries(file, documents)) {
    body.push(`{"index":{"_id":"${id}"}}\n${source}\n`);
    if (body.length < PER_REQUEST) continue;
    yield Buffer.from(body.join(''));
    body = [];
  }
  if (body.length > 0) yield Buffer.from(body.join(''));
}

/** The mean size of the sources of the first `documents` documents. */
export async function meanBytes(file: string, documents: number): Promise<number> {
  let bytes = 0;
  for await (const { source } of entries(file, documents)) bytes += Buffer.byteLength(source);
  return bytes / documents;
}

async function* entries(file: string, documents: number): AsyncGenerator<Entry> {
  const input = createReadStream(file);
  let read = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const idEnd = line.indexOf(SOURCE_MARK);
      yield { id: line.slice(ID_AT, idEnd), source: line.slice(idEnd + SOURCE_MARK.length, -1) };
      if (++read === documents) return;
    }
  } finally {
    input.destroy();
  }
  throw new Error(`${file} has ${read} documents, not ${documents}`);
}
