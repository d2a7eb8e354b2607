// Checks `--from` before the migration begins.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { messageOf, TwindexError } from '../errors.js';
import { STDIN } from '../coordinator/reingest/openSource.js';
import type { MigrateFlags } from './migrateFlags.js';

/** Adds the route `reingest`, which `--from` implies. @throws TwindexError `usage` */
export async function withFile(flags: MigrateFlags, single: boolean): Promise<MigrateFlags> {
  const { from, route = 'reingest' } = flags;
  if (from === undefined) return flags;
  if (!single)
    throw new TwindexError(
      'usage',
      '--from gives the documents of one index: name that one. See twindex --help.',
    );
  if (route !== 'reingest')
    throw new TwindexError(
      'usage',
      `--from is the route reingest, and --route ${route} was asked for. Leave one out.`,
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
  return { ...flags, route };
}
