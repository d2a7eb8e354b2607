// Reads the ledger, and deletes its entries. A writer makes an entry before it sends a delete: the document's key,
// and the writer's generation. The entry stays until no older copy of the document can arrive.
import { createHash } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.js';
import { toBulkItemError, toTwindexError } from '../cluster/engineErrors.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { refresh } from '../cluster/indices/refresh.js';
import { parseBulkAnswer } from '../documents/bulkAnswer.js';
import { PageReader } from '../documents/pageReader.js';

export interface LedgerEntry {
  readonly generation: number;
  readonly key: DocumentKey;
}

/** Equal entries have the same `_id`, so a repeated entry has no further effect. */
export function entryId({ generation, key }: LedgerEntry): string {
  const text = JSON.stringify([generation, key.id, key.routing ?? null]);
  return createHash('sha256').update(text).digest('base64url');
}

export function entrySource({ generation, key }: LedgerEntry): object {
  return { g: generation, id: key.id, routing: key.routing ?? null };
}

/**
 * The last generation whose entries may be deleted, if all generations before `generation` are closed and the
 * grace since then is over. The generation just before `generation` keeps its entries. During the grace, one of its
 * deletes may have taken effect after a write of `generation`, and the copy of this write may still be in flight.
 */
export function lastPrunable(generation: number): number {
  return generation - 2;
}

export async function readLedger(cluster: Cluster, index: string): Promise<LedgerEntry[]> {
  await refresh(cluster, index);
  const reader = new PageReader(cluster, 'source');
  const entries: LedgerEntry[] = [];
  for (let after = -1; ; ) {
    const { hits, last } = await reader.read(index, 0, after, undefined);
    for (const { source } of hits) {
      const { g, id, routing } = JSON.parse((source as Buffer).toString()) as {
        g: number;
        id: string;
        routing: string | null;
      };
      entries.push({ generation: g, key: { id, routing: routing ?? undefined } });
    }
    const lastHit = hits.at(-1);
    if (last || !lastHit) return entries;
    after = lastHit.seqNo;
  }
}

const AT_ONCE = 5_000;

/** Deletes entries. Entries that stay because of a crash do no harm, and are deleted the next time. */
export async function deleteEntries(
  cluster: Cluster,
  index: string,
  entries: readonly LedgerEntry[],
): Promise<void> {
  for (let start = 0; start < entries.length; start += AT_ONCE) {
    const lines = entries
      .slice(start, start + AT_ONCE)
      .map((entry) => JSON.stringify({ delete: { _id: entryId(entry) } }));
    const request = { method: 'POST', path: `/${encodeURIComponent(index)}/_bulk` } as const;
    // Repeating is safe, because no entries are made in a closed generation.
    const answer = await cluster.connection.send({
      ...request,
      body: `${lines.join('\n')}\n`,
      repeat: 'always',
    });
    if (answer.status >= 300) throw toTwindexError(request, answer);
    const failed = parseBulkAnswer(answer.body).find(({ status }) => status >= 300 && status !== 404);
    if (failed) throw toBulkItemError(`an entry of ${index} could not be deleted`, failed);
  }
}
