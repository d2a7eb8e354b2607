// Names of what twindex keeps in the cluster. Without a leading dot: engines reserve those names for themselves, and
// managed clusters refuse them.
import { createHash } from 'node:crypto';
import type { DocumentKey } from '../cluster/documents/multiGet.js';

export const JOURNAL = 'twindex-journal';
/** Searches that gateways have kept. */
export const QUERIES = 'twindex-queries';

export const recordId = (name: string): string => `migration:${name}`;
export const commandsId = (name: string): string => `commands:${name}`;
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

// The aliases that something is written through have a capital letter: no index can have such a name. So a write that
// comes late, when its alias is gone, is refused, and never makes an index. (A delete with an external version would: both
// engines create the index that it names, and `require_alias` is not for deletes.)

/** What the coordinator with this token writes the follower through. */
export const feedPrefix = (name: string): string => `twindex.${name}.Feed.`;
export const feedAlias = (name: string, token: number): string => `${feedPrefix(name)}${token}`;

/** What writers of ours send their first operations through; one for each generation, on the leader. */
export const writePrefix = (name: string): string => `twindex.${name}.Write.`;
export const writeAlias = (name: string, generation: number): string => `${writePrefix(name)}${generation}`;

/** What writers of ours write the follower through; one for each generation. */
export const mirrorPrefix = (name: string): string => `twindex.${name}.Mirror.`;
export const mirrorAlias = (name: string, generation: number): string => `${mirrorPrefix(name)}${generation}`;

/** Between clusters: an alias on the target that is there while the readers are to be sent to it. */
export const readersAlias = (name: string): string => `twindex.${name}.Readers`;

/** Deletes that writers of ours have begun, one index for each epoch, written through its alias. */
export const ledgerIndex = (name: string, epoch: number): string => `twindex-ledger-${name}-${epoch}`;
export const ledgerAlias = (name: string, epoch: number): string => `twindex.${name}.Ledger.${epoch}`;

export const writerId = (id: string): string => `writer:${id}`;
export const workerId = (id: string): string => `work:${id}`;

const OWN_PREFIX = 'twindex.';

/** The aliases of an index that are not ours, with their properties. */
export const aliasesOfClients = <T>(aliases: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(aliases).filter(([alias]) => !alias.startsWith(OWN_PREFIX)));
