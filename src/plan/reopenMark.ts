// Sets and reads a mark in `_meta` of an index that twindex closes for a moment to change its settings. The mark
// survives a crash, so the next run knows that twindex closed the index, and opens it.
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import type { JsonObject } from '../json/jsonTypes.js';

const KEY = 'closedForChange';

export function isMarkedForReopening({ mappings }: LiveIndex): boolean {
  return twindexMeta(mappings)[KEY] === true;
}

/**
 * Builds a mapping's `_meta` from the user's keys and the live `_meta.twindex`, with or without the mark.
 * @param meta the user's keys; a key `twindex` among them is ignored
 */
export function metaWithMark(meta: JsonObject, live: JsonObject, marked: boolean): JsonObject {
  const { twindex: _twindex, ...userMeta } = meta;
  const { [KEY]: _, ...noted } = twindexMeta(live);
  const twindex = { ...noted, ...(marked ? { [KEY]: true } : {}) };
  return { ...userMeta, ...(Object.keys(twindex).length > 0 ? { twindex } : {}) };
}

function twindexMeta(mappings: JsonObject): JsonObject {
  return (mappings as { _meta?: { twindex?: JsonObject } })._meta?.twindex ?? {};
}
