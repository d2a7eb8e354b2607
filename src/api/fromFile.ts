// Checks the file of `--from` before the migration begins.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { messageOf, TwindexError } from '../errors.js';
import { STDIN } from '../coordinator/reingest/openSource.js';
import type { Route } from '../protocol/record.js';

interface From {
  readonly from?: string | undefined;
  readonly route?: Route | undefined;
}

/** Sets the route `reingest` if `from` is given. @throws TwindexError `usage` */
export async function withFile<F extends From>(asked: F): Promise<F> {
  const { from, route = 'reingest' } = asked;
  if (from === undefined) return asked;
  if (route !== 'reingest')
    throw new TwindexError(
      'usage',
      `--from means the route reingest, but --route ${route} was given. Leave out one of them.`,
    );
  if (from !== STDIN) {
    let isFolder: boolean;
    try {
      await access(from, constants.R_OK);
      isFolder = (await stat(from)).isDirectory();
    } catch (error) {
      throw new TwindexError('usage', `--from: ${from} can't be read: ${messageOf(error)}`, { cause: error });
    }
    if (isFolder)
      throw new TwindexError('usage', `--from: ${from} is a folder. Name the file with the documents.`);
  }
  return { ...asked, route };
}
