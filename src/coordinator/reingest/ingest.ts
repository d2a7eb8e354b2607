// Writes one batch from the source of truth to the new index. The documents' versions are smaller than any
// stamp, so copies by following and by gateways win.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { BothConfirmation } from '../../protocol/confirmBoth.js';
import type { Replication, Refused } from '../../protocol/replication.js';
import { feed, type FeedOptions } from '../follow/feedWriter.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Batch } from './documentQueue.js';
import { ingestedVersion } from '../../protocol/ingestedVersion.js';

export interface Ingested {
  readonly refused: readonly Refused[];
  readonly taken: readonly DocumentKey[];
  /** How many documents the old index did not have. */
  readonly fresh: number;
}

/** @returns undefined if the batch could not be confirmed. It can be written again without harm */
export async function ingest(
  replication: Replication,
  { documents }: Batch,
  options: FeedOptions,
): Promise<Ingested | undefined> {
  const { leader } = replication;
  const both = await BothConfirmation.begin(replication);
  const keys = documents.map(({ key }) => key);
  const there = await getDocs(leader.cluster, leader.index, keys, { source: false });
  let fresh = 0;
  const operations = documents.map(({ key, source, version }, n) => {
    const wasThere = there[n]?.found === true && there[n]?.routing === key.routing;
    if (!wasThere) fresh++;
    return { key, source, version: ingestedVersion(version, wasThere) };
  });
  // A changed document may come again with the same version, so an equal version is accepted, too (`orEqual`).
  const refused = await feed(replication, operations, { ...options, orEqual: true });
  // Confirm: a document of the old index that a fail-over undoes must not count as present.
  if (!(await both.confirm())) return undefined;
  const not = new Set(refused.map(({ key }) => JSON.stringify([key.id, key.routing])));
  const taken = keys.filter(({ id, routing }) => not.size === 0 || !not.has(JSON.stringify([id, routing])));
  return { refused, taken, fresh };
}
