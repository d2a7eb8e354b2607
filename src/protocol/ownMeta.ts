// The notes that twindex leaves in the mapping of an index that it has made, as `_meta.twindex`.
import type { JsonObject } from '../json/jsonTypes.js';

export interface OwnMeta {
  readonly name: string;
  readonly version: number;
  /** The id of the migration that made the index. */
  readonly migration: string;
  /** Larger than every epoch whose stamps are in the index. */
  readonly epoch: number;
}

export function ownMeta(mappings: JsonObject): OwnMeta | undefined {
  const meta = mappings['_meta'] as { readonly twindex?: OwnMeta } | undefined;
  return meta?.twindex;
}
