// Merges a partial document into a document, as the engines do. Pure.
import { isDeepStrictEqual } from 'node:util';
import { isObject, setKey } from '../../../json/plain.js';
import type { Source } from '../../../json/jsonTypes.js';

export function mergeDocument(
  document: Source,
  partial: Source,
): { readonly merged: Source; readonly changed: boolean } {
  const merged: Source = {};
  for (const [key, value] of Object.entries(document)) assign(merged, key, value);
  let changed = false;
  for (const [key, value] of Object.entries(partial)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
    if (!Object.hasOwn(merged, key)) {
      changed = true;
      assign(merged, key, value);
    } else if (isObject(before) && isObject(value)) {
      const inner = mergeDocument(before, value);
      changed ||= inner.changed;
      assign(merged, key, inner.merged);
    } else if (!isDeepStrictEqual(before, value)) {
      changed = true;
      assign(merged, key, value);
    }
  }
  return { merged, changed };
}

function assign(target: Source, key: string, value: unknown): void {
  setKey(target as Parameters<typeof setKey>[0], key, value as Parameters<typeof setKey>[2]);
}
