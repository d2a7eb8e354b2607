// Reads the data that twindex writes into the mapping of an index, as `_meta.twindex`.
import type { JsonObject } from '../json/jsonTypes.js';

export interface OwnMeta {
  readonly name: string;
  readonly version: number;
  /** The id of the migration that created the index; empty if a user created it. */
  readonly migration: string;
  /** No stamp in the index has a larger epoch. */
  readonly epoch: number;
}

export function ownMeta(mappings: JsonObject): OwnMeta | undefined {
  const meta = mappings['_meta'] as { readonly twindex?: OwnMeta } | undefined;
  return meta?.twindex;
}
