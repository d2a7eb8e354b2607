// What twindex notes in the mapping of an index that it has made.

import type { JsonObject } from '../json/jsonTypes.js';

/** `mappings._meta.twindex` of an index that twindex made. */
export interface OwnMeta {
  readonly name: string;
  readonly version: number;
  /** Of the migration that made it. */
  readonly migration: string;
  /** Larger than every epoch whose stamps are in the index. */
  readonly epoch: number;
}
export function ownMeta(mappings: JsonObject): OwnMeta | undefined {
  const meta = mappings['_meta'] as { readonly twindex?: OwnMeta } | undefined;
  return meta?.twindex;
}
