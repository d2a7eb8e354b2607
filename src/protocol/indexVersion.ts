// Finds the version of the schema that an index has.
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
