// A document that the source of truth gave, and the version under which the new index has it (docs/protocol.md, "Back-fill
// from the source of truth"). Pure.
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { stampOf } from './stamp.js';

export interface IngestedDocument {
  readonly key: DocumentKey;
  /** In the new index's shape. */
  readonly source: Buffer;
  /** As the source counts it; undefined where it does not. */
  readonly version: bigint | undefined;
  /** As JSON: where to go on when everything up to this document is in the new index. */
  readonly cursor: string | undefined;
}

/** The engines take no longer id. */
const MAX_ID_BYTES = 512;

/** What is wrong with an id, or a routing, as the source of truth gives it; undefined when nothing is. */
export function whyNoKey(what: 'id' | 'routing', text: string): string | undefined {
  if (text === '') return `${what} is empty`;
  const bytes = Buffer.from(text);
  // a half of a surrogate pair has no bytes of its own: the engine would be sent another character in its place
  if (bytes.toString() !== text) return `${what} is no valid Unicode: it has half of a surrogate pair`;
  if (what === 'id' && bytes.length > MAX_ID_BYTES)
    return `id is ${bytes.length} bytes long, and the engine takes ${MAX_ID_BYTES} at most`;
  return undefined;
}

/** Versions of the source of truth stay below, and what is made of them below the stamps of the first epoch. */
export const VERSION_LIMIT = 2n ** 50n;

/** @param wasThere the old index had the document when it was ingested */
export function ingestedVersion(version: bigint | undefined, wasThere: boolean): bigint {
  return 2n * ((version ?? 0n) + 1n) + (wasThere ? 0n : 1n);
}

/** Below every stamp of a migration that began with this epoch: what is there came from the source of truth. */
export function stampsBegin(epoch: number): bigint {
  return stampOf(epoch, 0, -1);
}

/** Given, and the old index did not have it: it may be on the new index alone. */
export function isNewInSource(version: bigint, firstStamp: bigint): boolean {
  return version < firstStamp && version % 2n === 1n;
}
