// Names of what twindex keeps in the cluster. Without a leading dot: engines reserve those names for themselves, and
// managed clusters refuse them.
import { createHash } from 'node:crypto';
import type { DocumentKey } from '../cluster/operations/multiGet.js';

export const JOURNAL = 'twindex-journal';

export const recordId = (name: string): string => `migration:${name}`;
export const wishId = (name: string): string => `wish:${name}`;
export const historyId = (name: string, id: string): string => `history:${name}:${id}`;

export function rejectedId(migration: string, key: DocumentKey): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([key.id, key.routing ?? null]))
    .digest('hex');
  return `rejected:${migration}:${hash}`;
}

/** The fencing token: an alias on the journal that every `_aliases` call of its holder demands. */
export const tokenPrefix = (name: string): string => `twindex.${name}.token.`;
export const tokenAlias = (name: string, token: number): string => `${tokenPrefix(name)}${token}`;

/** What the coordinator with this token writes the second index through. */
export const feedPrefix = (name: string): string => `twindex.${name}.feed.`;
export const feedAlias = (name: string, token: number): string => `${feedPrefix(name)}${token}`;
