// Selects the rejected documents that a command applies to, and formats their names.
import { readFile } from 'node:fs/promises';
import { messageOf, TwindexError } from '../errors.js';
import type { RejectedDocument } from '../journal/rejectedDocuments.js';
import type { Cli } from './cli.js';

interface Among {
  readonly name: string;
  readonly documents: readonly RejectedDocument[];
  /** Restricts the choice to documents with this routing; undefined: any routing. */
  readonly routing: string | undefined;
}

/** @throws TwindexError `usage` if the ids do not select exactly one document */
export function chooseOne(among: Among, ids: readonly string[]): RejectedDocument {
  const found = choose(among, ids);
  const [only, another] = found;
  if (only && !another) return only;
  if (ids.length !== 1)
    throw new TwindexError('usage', 'rejected show and rejected edit need the id of exactly one document');
  const routings = found.map(({ routing }) => routing ?? 'none').join(', ');
  throw new TwindexError('usage', `${ids[0]} exists with several routings: ${routings}. Add --routing.`);
}

/** @throws TwindexError `not_found` */
export function choose({ name, documents, routing }: Among, ids: readonly string[]): RejectedDocument[] {
  return ids.flatMap((id) => {
    const found = documents.filter(
      (each) => each.id === id && (routing === undefined || each.routing === routing),
    );
    if (found.length > 0) return found;
    throw new TwindexError(
      'not_found',
      `${id} is not a rejected document of ${name}. See: twindex rejected ${name}`,
    );
  });
}

/** @param file `-` for stdin. @throws TwindexError `usage` */
export async function readDocument(file: string, { io }: Cli): Promise<Buffer> {
  if (file !== '-')
    return await readFile(file).catch((error: unknown) => {
      throw new TwindexError('usage', `--file: ${file} can't be read: ${messageOf(error)}`, { cause: error });
    });
  const parts: Buffer[] = [];
  for await (const part of io.stdin) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

export function nameOf({ id, routing }: Pick<RejectedDocument, 'id' | 'routing'>): string {
  return routing === null ? id : `${id} (routing ${routing})`;
}
