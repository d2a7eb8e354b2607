// A document of one index may hold more than can be made of the other index's document. How a change of the other is
// brought to it without losing that, and when the two say the same (docs/gateway.md, "Partial updates and two shapes").
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import type { Reshape, Shaped } from './replication.js';
import { sameContent } from '../json/json.js';
import { mergeChange } from './mergeChange.js';

/** Between the index in which a change was made and the one that it is brought to. */
export interface Translation {
  /** From the changed index's shape to the other's. */
  readonly there: Reshape;
  readonly back: Reshape;
}

export interface Change {
  /** The document before and after it, in the shape of the index that was changed. */
  readonly before: Buffer;
  readonly after: Buffer;
}

export type Kept =
  /** The other index's document with the change in it. */
  | { readonly type: 'merged'; readonly source: Buffer }
  /**
   * The changed document, translated whole. `lost`: the other index's document may have held more, but what was merged into it
   * would not be translated back to the changed document.
   */
  | { readonly type: 'translated'; readonly shaped: Shaped; readonly lost: boolean };

/** @param rich the other index's document, as it belongs to the document before the change */
export async function keepRicher(
  rich: Buffer,
  { before, after }: Change,
  key: DocumentKey,
  { there, back }: Translation,
): Promise<Kept> {
  const shaped = await there(after, key);
  if (shaped.type !== 'index') return { type: 'translated', shaped, lost: false };
  const translated = shaped.source as Buffer;
  const past = await there(before, key);
  // of a document that had no form there, everything has changed
  const from = past.type === 'index' ? (past.source as Buffer) : Buffer.from('{}');
  const merged = mergeChange(from, translated, rich);
  if (sameContent(merged, translated)) return { type: 'translated', shaped, lost: false };
  const agree = await agrees(after, merged, key, { there, back }, shaped);
  return agree ? { type: 'merged', source: merged } : { type: 'translated', shaped, lost: true };
}

/**
 * Whether documents of both shapes say the same: one is what the other is translated to, or both are equal in all that either
 * shape can say. What only one of them has room for does not count.
 * @param shaped the first of them, translated, where that is known
 */
export async function agrees(
  document: Buffer,
  other: Buffer,
  key: DocumentKey,
  { there, back }: Translation,
  shaped?: Shaped,
): Promise<boolean> {
  const translated = shaped ?? (await there(document, key));
  if (isSame(translated, other)) return true;
  const returned = await back(other, key);
  if (isSame(returned, document)) return true;
  if (translated.type !== 'index' || returned.type !== 'index') return false;
  const [isForward, home] = [translated.source as Buffer, returned.source as Buffer];
  return isSame(await there(home, key), isForward) || isSame(await back(isForward, key), home);
}

function isSame(shaped: Shaped, document: Buffer): boolean {
  return shaped.type === 'index' && sameContent(shaped.source as Buffer, document);
}
