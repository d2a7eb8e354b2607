// Opens the source of truth at the saved position: a file, stdin, or `reingest` of the index file.
import type { ReingestNote } from '../../protocol/record.js';
import type { IndexDefinition } from '../../schema/types.js';
import { TwindexError } from '../../errors.js';
import { documentsOfDefinition } from './definitionSource.js';
import { documentsOfFile } from './fileSource.js';
import type { IngestedDocument } from '../../protocol/ingestedVersion.js';

export const STDIN = '-';

export interface SourceOptions {
  readonly note: ReingestNote;
  readonly definition: IndexDefinition;
  /** A file, or `-` for stdin; undefined when this run has no `--from`. */
  readonly from: string | undefined;
  readonly signal: AbortSignal;
}

/** @returns the position from which to continue; undefined for the beginning, and for stdin */
export function cursorOf({ note, from }: Pick<SourceOptions, 'note' | 'from'>): string | undefined {
  return from === STDIN ? undefined : (note.cursor ?? undefined);
}

/** @throws TwindexError `usage` when the file has to be named again */
export function openSource(options: SourceOptions): AsyncIterable<IngestedDocument> {
  const { note, definition, from, signal } = options;
  const after = cursorOf(options);
  if (from !== undefined) return documentsOfFile(from, after, signal);
  if (note.from === 'definition') return documentsOfDefinition(definition, after, signal);
  throw new TwindexError(
    'usage',
    `the migration of ${definition.name} was begun with --from, and has not read all of the file. Name the file again: twindex migrate ` +
      `${definition.name} --from FILE. Reading continues where it stopped (stdin, --from -, is read from its beginning).`,
  );
}
