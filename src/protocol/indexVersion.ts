// Finds the version of an index, such as 2 for `catalogue-v2`: in its mapping, or else in its name.
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import { ownMeta } from './ownMeta.js';

export function liveVersion(name: string, live: LiveIndex): number {
  const noted: unknown = ownMeta(live.mappings)?.version;
  return typeof noted === 'number' ? noted : (versionInName(name, live.index) ?? 1);
}

export function versionInName(name: string, index: string): number | undefined {
  if (!index.startsWith(`${name}-v`)) return undefined;
  const suffix = index.slice(name.length + 2);
  return /^[1-9]\d*$/.test(suffix) ? Number(suffix) : undefined;
}
