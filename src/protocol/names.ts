// The names of twindex's indexes, documents and aliases in the cluster. They do not begin with a dot: engines
// reserve such names, and the clusters of some cloud services refuse them.
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

export const tokenPrefix = (name: string): string => `twindex.${name}.token.`;
/**
 * The fencing token: an alias on the journal. Each `_aliases` call of a coordinator requires the alias with
 * the coordinator's number, so the engine refuses the call after a successor has removed this alias.
 */
export const tokenAlias = (name: string, token: number): string => `${tokenPrefix(name)}${token}`;

// Aliases for writes contain a capital letter, which is illegal in an index name, so a late write through a
// removed alias is refused. Without the letter, Elasticsearch and OpenSearch would create an index of that
// name for a delete with an external version, since `require_alias` does not apply to deletes.

export const feedPrefix = (name: string): string => `twindex.${name}.Feed.`;
/** The alias through which the coordinator with this token writes to the follower. */
export const feedAlias = (name: string, token: number): string => `${feedPrefix(name)}${token}`;

export const writePrefix = (name: string): string => `twindex.${name}.Write.`;
/** The alias through which writers send their operations to the leader in this generation. */
export const writeAlias = (name: string, generation: number): string => `${writePrefix(name)}${generation}`;

export const mirrorPrefix = (name: string): string => `twindex.${name}.Mirror.`;
/** The alias through which writers send copies to the follower in this generation. */
export const mirrorAlias = (name: string, generation: number): string => `${mirrorPrefix(name)}${generation}`;

/** In a migration between clusters: the target has this alias while gateways should send readers there. */
export const readersAlias = (name: string): string => `twindex.${name}.Readers`;

/** The ledger of an epoch: an index in which writers note each delete first, through `ledgerAlias`. */
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
