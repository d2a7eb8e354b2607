// Applies the change of a document in one index to the document in the other index. Fields that only the
// other index's shape has a place for are kept (docs/gateway.md, "Partial updates and two shapes").
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import type { Reshape, Shaped } from './replication.js';
import { sameContent } from '../json/json.js';
import { mergeChange } from './mergeChange.js';

export interface Translation {
  /** From the changed index's shape to the other shape. */
  readonly there: Reshape;
  readonly back: Reshape;
}

export interface Change {
  /** The document before and after the change, in the shape of the changed index. */
  readonly before: Buffer;
  readonly after: Buffer;
}

export type Kept =
  | { readonly type: 'merged'; readonly source: Buffer }
  /**
   * The whole changed document, translated. `lost` is true if fields that only the other index's document has
   * may be lost, because a merged document would not agree with the changed document.
   */
  | { readonly type: 'translated'; readonly shaped: Shaped; readonly lost: boolean };

/** @param rich the document in the other index, as it was before the change */
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
  // If the document before the change can't be translated, all fields count as changed.
  const from = past.type === 'index' ? (past.source as Buffer) : Buffer.from('{}');
  const merged = mergeChange(from, translated, rich);
  if (sameContent(merged, translated)) return { type: 'translated', shaped, lost: false };
  const agree = await agrees(after, merged, key, { there, back }, shaped);
  return agree ? { type: 'merged', source: merged } : { type: 'translated', shaped, lost: true };
}

/**
 * Whether documents of two shapes agree. The translation of one must equal the other, or must equal what the
 * other becomes by a translation there and back: fields that only one shape has a place for do not count.
 * @param shaped the translation of `document`, if the caller has it already
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
