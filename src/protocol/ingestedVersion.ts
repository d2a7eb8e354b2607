// Computes the external version with which a document from the source of truth is written to the new index
// (docs/protocol.md, "Back-fill from the source of truth"). Pure.
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { stampOf } from './stamp.js';

export interface IngestedDocument {
  readonly key: DocumentKey;
  /** The document in the shape of the new index. */
  readonly source: Buffer;
  readonly version: bigint | undefined;
  /**
   * The position after this document in the source of truth, as JSON. When all documents up to this one are
   * in the new index, an interrupted back-fill continues here.
   */
  readonly cursor: string | undefined;
}

const MAX_ID_BYTES = 512;

export function whyNoKey(what: 'id' | 'routing', text: string): string | undefined {
  if (text === '') return `${what} is empty`;
  const bytes = Buffer.from(text);
  // Half of a surrogate pair has no UTF-8 form, so the engine would get another character instead.
  if (bytes.toString() !== text) return `${what} is not valid Unicode: it has half of a surrogate pair`;
  if (what === 'id' && bytes.length > MAX_ID_BYTES)
    return `id is ${bytes.length} bytes long, but the engine accepts at most ${MAX_ID_BYTES} bytes`;
  return undefined;
}

/** Larger versions in the source of truth are refused, so that `ingestedVersion` stays below all stamps. */
export const VERSION_LIMIT = 2n ** 50n;

/** @param wasThere whether the old index had the document when it was ingested */
export function ingestedVersion(version: bigint | undefined, wasThere: boolean): bigint {
  return 2n * ((version ?? 0n) + 1n) + (wasThere ? 0n : 1n);
}

/**
 * A version that is smaller than all stamps of a migration that began in this epoch, and larger than all
 * ingested versions.
 */
export function stampsBegin(epoch: number): bigint {
  return stampOf(epoch, 0, -1);
}

/** Whether the old index lacked the document when it was ingested. If so, the old index may still lack it. */
export function isNewInSource(version: bigint, firstStamp: bigint): boolean {
  return version < firstStamp && version % 2n === 1n;
}
