// Makes the record's entry about a back-fill from the source of truth, when a migration begins or resumes. Pure.
import { resolve } from 'node:path';
import { TwindexError } from '../../../errors.js';
import type { MigrationRecord, ReingestNote, Route } from '../../../protocol/record.js';
import { cursorOf, STDIN } from '../../reingest/openSource.js';

export interface ReingestOptions {
  /** NDJSON: the path of a file, or `-` for stdin. */
  readonly from?: string | undefined;
  /** Whether to leave out documents that only the old index has. Default: the value of the last start. */
  readonly prune?: boolean | undefined;
}

export function firstNote(
  { name, route, epoch }: { readonly name: string; readonly route: Route; readonly epoch: number },
  { from, prune = false }: ReingestOptions,
): ReingestNote | null {
  if (route !== 'reingest') {
    if (prune || from !== undefined) throw onlyForReingest(name, route, 'begins');
    return null;
  }
  return {
    from: from === undefined ? 'definition' : 'file',
    file: fileOf(from),
    prune,
    step: 'reading',
    cursor: null,
    epoch,
    walked: [],
    switchedAt: null,
    read: 0,
    onlyTruth: 0,
    onlySource: 0,
    onlySourceFirst: [],
    notCompared: 0,
  };
}

/** @throws TwindexError `usage` for an option that can no longer be changed */
export function resumedNote(
  { name, route, reingest }: MigrationRecord,
  { from, prune }: ReingestOptions,
): ReingestNote | null {
  if (!reingest) {
    if (prune || from !== undefined) throw onlyForReingest(name, route, 'is under way');
    return null;
  }
  if (reingest.step !== 'reading') {
    if (prune && !reingest.prune)
      throw new TwindexError(
        'usage',
        `--prune comes too late: documents that only the old index of ${name} has are already being copied. Leave --prune out, or start again: ` +
          `twindex abort ${name}, then twindex migrate ${name} --prune.`,
      );
    if (from !== undefined && (reingest.from === 'definition' || isOther(reingest, from)))
      throw new TwindexError(
        'usage',
        `--from ${from}: the source of truth of ${name} was already read completely, from ${readFrom(reingest)}, so ${from} would not be read. ` +
          `To continue, leave --from out. To read ${from} instead: twindex abort ${name}, then migrate with --from ${from}.`,
      );
    return reingest;
  }
  // A cursor of the generator in the index file means nothing in a file of documents.
  const other = from !== undefined && reingest.from === 'definition';
  const note: ReingestNote = {
    ...reingest,
    ...(other ? { from: 'file', cursor: null } : {}),
    ...(from === undefined ? {} : { file: fileOf(from) }),
    prune: prune ?? reingest.prune,
  };
  if (from !== undefined && cursorOf({ note, from }) !== undefined && isOther(reingest, from))
    throw new TwindexError(
      'usage',
      `--from ${from}: ${reingest.read} documents of ${name} were read from ${readFrom(reingest)}, so reading would continue in the middle ` +
        `of another file. Use the same file under the same path, or start again: twindex abort ${name}, then migrate with --from ${from}.`,
    );
  return cursorOf({ note, from }) === undefined ? { ...note, cursor: null, read: 0, onlyTruth: 0 } : note;
}

const fileOf = (from: string | undefined): string =>
  from === undefined ? '' : from === STDIN ? STDIN : resolve(from);

const isOther = ({ file }: ReingestNote, from: string): boolean => file !== '' && file !== fileOf(from);

const readFrom = ({ from, file }: ReingestNote): string =>
  from === 'definition' ? 'the function reingest in the index file' : file === STDIN ? 'stdin' : file;

function onlyForReingest(name: string, route: Route, what: string): TwindexError {
  return new TwindexError(
    'usage',
    `--from and --prune are for a migration from the source of truth, but the migration of ${name} ${what} on the route ${route}. ` +
      'Leave them out, or start the migration with --route reingest.',
  );
}
