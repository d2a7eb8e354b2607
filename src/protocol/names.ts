// Names of twindex's indexes, documents and aliases in the cluster. They have no leading dot: engines reserve such names, and
// managed clusters refuse them.
import { createHash } from 'node:crypto';
import type { DocumentKey } from '../cluster/documents/multiGet.js';

export const JOURNAL = 'twindex-journal';
/** The searches that gateways have recorded. */
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

/** The fencing token: an alias on the journal. Every `_aliases` call of a coordinator demands its own token. */
export const tokenPrefix = (name: string): string => `twindex.${name}.token.`;
export const tokenAlias = (name: string, token: number): string => `${tokenPrefix(name)}${token}`;

// Aliases that are written through contain a capital letter, which the name of an index cannot. So a late write whose alias is
// gone is refused, and never creates an index. (Otherwise a delete with an external version would: both engines create the index
// that it names, and `require_alias` does not apply to deletes.)

/** The coordinator with this token writes to the follower through this alias. */
export const feedPrefix = (name: string): string => `twindex.${name}.Feed.`;
export const feedAlias = (name: string, token: number): string => `${feedPrefix(name)}${token}`;

/** Writers send their operations on the leader through this alias; there is one for each generation. */
export const writePrefix = (name: string): string => `twindex.${name}.Write.`;
export const writeAlias = (name: string, generation: number): string => `${writePrefix(name)}${generation}`;

/** Writers send copies to the follower through this alias, one for each generation. */
export const mirrorPrefix = (name: string): string => `twindex.${name}.Mirror.`;
export const mirrorAlias = (name: string, generation: number): string => `${mirrorPrefix(name)}${generation}`;

/** Between clusters: an alias on the target, which exists while gateways are to send the readers there. */
export const readersAlias = (name: string): string => `twindex.${name}.Readers`;

/** The ledger has the deletes that writers have begun: one index for each epoch, written through its alias. */
export const ledgerIndex = (name: string, epoch: number): string => `twindex-ledger-${name}-${epoch}`;
export const ledgerAlias = (name: string, epoch: number): string => `twindex.${name}.Ledger.${epoch}`;

export const writerId = (id: string): string => `writer:${id}`;
export const workerId = (id: string): string => `work:${id}`;

const OWN_PREFIX = 'twindex.';

/** The aliases of an index without those of twindex, with their properties. */
export const aliasesOfClients = <T>(aliases: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(aliases).filter(([alias]) => !alias.startsWith(OWN_PREFIX)));
