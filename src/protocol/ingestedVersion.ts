// A document from the source of truth, and the version that it gets in the new index (docs/protocol.md, "Back-fill from the
// source of truth"). Pure.
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { stampOf } from './stamp.js';

export interface IngestedDocument {
  readonly key: DocumentKey;
  /** In the shape of the new index. */
  readonly source: Buffer;
  /** The source of truth's own version; undefined where it has none. */
  readonly version: bigint | undefined;
  /** As JSON: where to continue reading once all up to this document is in the new index. */
  readonly cursor: string | undefined;
}

/** The engines refuse longer ids. */
const MAX_ID_BYTES = 512;

/** The reason why an engine cannot take this id or routing; undefined when it can. */
export function whyNoKey(what: 'id' | 'routing', text: string): string | undefined {
  if (text === '') return `${what} is empty`;
  const bytes = Buffer.from(text);
  // half of a surrogate pair has no UTF-8 bytes, so the engine would get another character in its place
  if (bytes.toString() !== text) return `${what} is no valid Unicode: it has half of a surrogate pair`;
  if (what === 'id' && bytes.length > MAX_ID_BYTES)
    return `id is ${bytes.length} bytes long, and the engine takes ${MAX_ID_BYTES} at most`;
  return undefined;
}

/** Versions of the source of truth stay below this, so the versions made of them stay below all stamps. */
export const VERSION_LIMIT = 2n ** 50n;

/** @param wasThere the old index had the document when it was ingested */
export function ingestedVersion(version: bigint | undefined, wasThere: boolean): bigint {
  return 2n * ((version ?? 0n) + 1n) + (wasThere ? 0n : 1n);
}

/** The first stamp of a migration that began with this epoch. Documents with lower versions came from the source of truth. */
export function stampsBegin(epoch: number): bigint {
  return stampOf(epoch, 0, -1);
}

/** Ingested, and the old index did not have it: it may legally be in the new index only. */
export function isNewInSource(version: bigint, firstStamp: bigint): boolean {
  return version < firstStamp && version % 2n === 1n;
}
