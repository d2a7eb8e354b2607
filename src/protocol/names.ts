// Names of twindex's indexes, documents and aliases in the cluster. They do not begin with a dot: engines
// reserve such names, and managed clusters refuse them.
import { createHash } from 'node:crypto';
import type { DocumentKey } from '../cluster/documents/multiGet.js';

export const JOURNAL = 'twindex-journal';
/** The index of the searches that gateways have recorded. */
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

/**
 * The fencing token is an alias on the journal. Each `_aliases` call of a coordinator is refused if its token
 * is missing.
 */
export const tokenPrefix = (name: string): string => `twindex.${name}.token.`;
export const tokenAlias = (name: string, token: number): string => `${tokenPrefix(name)}${token}`;

// Aliases for writes contain a capital letter, which is illegal in an index name, so a late write through a
// removed alias is refused. Without the letter, both engines would create an index of that name for a delete
// with an external version, as `require_alias` does not apply to deletes.

/** The alias through which the coordinator with this token writes to the follower. */
export const feedPrefix = (name: string): string => `twindex.${name}.Feed.`;
export const feedAlias = (name: string, token: number): string => `${feedPrefix(name)}${token}`;

/** The alias through which writers of this generation send their operations to the leader. */
export const writePrefix = (name: string): string => `twindex.${name}.Write.`;
export const writeAlias = (name: string, generation: number): string => `${writePrefix(name)}${generation}`;

/** The alias through which writers of this generation send copies to the follower. */
export const mirrorPrefix = (name: string): string => `twindex.${name}.Mirror.`;
export const mirrorAlias = (name: string, generation: number): string => `${mirrorPrefix(name)}${generation}`;

/** Between clusters, this alias is on the target as long as gateways should send readers to the target. */
export const readersAlias = (name: string): string => `twindex.${name}.Readers`;

/** The ledger of an epoch: an index with the deletes that writers have begun. They write to its alias. */
export const ledgerIndex = (name: string, epoch: number): string => `twindex-ledger-${name}-${epoch}`;
export const ledgerAlias = (name: string, epoch: number): string => `twindex.${name}.Ledger.${epoch}`;

export const writerId = (id: string): string => `writer:${id}`;
export const workerId = (id: string): string => `work:${id}`;

/** True for the journal, the recorded searches and ledgers. */
export const isOwnIndex = (index: string): boolean =>
  index === JOURNAL || index === QUERIES || index.startsWith('twindex-ledger-');

const OWN_PREFIX = 'twindex.';

export const aliasesOfClients = <T>(aliases: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(aliases).filter(([alias]) => !alias.startsWith(OWN_PREFIX)));
