// Compares pages of documents of one index with the other index. Differences become pending.
import type { IndexRef } from '../../cluster/indexRef.js';
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication, Shaped } from '../../protocol/replication.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Hit } from '../../documents/hits.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isFromSourceOfTruth } from '../follow/truthExemptions.js';
import type { PendingDifferences } from './pendingDifferences.js';
import type { Findings } from './findings.js';
import type { Misfits } from './misfits.js';
import { type Circumstances, hasStampOf, isDifference, compareDocument, shapeOf } from './compareDocument.js';

/** `stamps`: compares the content only if the versions do not prove that the documents are equal. */
export type Level = 'stamps' | 'content';

export interface PageComparisonParts {
  readonly replication: Replication;
  readonly level: Level;
  readonly pending: PendingDifferences;
  readonly findings: Findings;
  readonly circumstances: Circumstances;
  readonly read?: typeof getDocs;
  readonly misfits?: Misfits | undefined;
}

const SOURCES_AT_ONCE = 500;

export class PageComparison {
  readonly #parts: PageComparisonParts;
  readonly #read: typeof getDocs;

  constructor(parts: PageComparisonParts) {
    this.#parts = parts;
    this.#read = parts.read ?? getDocs;
  }

  /** @param hits documents of the leader, with or without their sources */
  async documents(hits: readonly Hit[]): Promise<void> {
    const { replication, level, findings } = this.#parts;
    const { leader, follower } = replication;
    let rest = hits;
    if (level === 'stamps') {
      const docs = await this.#read(follower.cluster, follower.index, hits, { source: false });
      rest = hits.filter(
        (hit, n) => !hasStampOf(replication, { hit, shard: shardOf(hit, leader), doc: docs[n] }),
      );
    }
    for (let start = 0; start < rest.length; start += SOURCES_AT_ONCE)
      await this.#contents(await withSources(leader, rest.slice(start, start + SOURCES_AT_ONCE), this.#read));
    findings.compared += hits.length;
  }

  /** @param hits documents of the follower, which the leader must have */
  async ids(hits: readonly Hit[]): Promise<void> {
    const { replication, pending } = this.#parts;
    const keys = hits.map(keyOf);
    const { cluster, index } = replication.leader;
    const docs = await this.#read(cluster, index, keys, { source: false });
    for (const [n, key] of keys.entries())
      if (!docs[n]?.found || docs[n]?.routing !== key.routing) pending.add(key, undefined, undefined);
  }

  async #contents(hits: readonly Hit[]): Promise<void> {
    const { replication, findings, pending, circumstances, misfits } = this.#parts;
    const { cluster, index } = replication.follower;
    const docs = await this.#read(cluster, index, hits, { source: true });
    // Start all transforms before awaiting the first, so that an ingest pipeline gets one request for all documents.
    const shaped = await Promise.all(hits.map((hit) => shapeOf(replication, hit)));
    for (const [n, hit] of hits.entries()) {
      const doc = docs[n];
      const shard = shardOf(hit, replication.leader);
      if (isFromSourceOfTruth(replication, hit, doc, shard)) {
        findings.leave('notCompared');
        continue;
      }
      await misfits?.check(hit, shaped[n] as Shaped);
      const result = await compareDocument(
        replication,
        { hit, shard, shaped: shaped[n] as Shaped, doc },
        circumstances,
      );
      if (isDifference(result)) pending.add(keyOf(hit), hit, doc);
      else if (result !== 'equal') findings.leave(result);
    }
  }
}

/** Reads the present state of the documents, unless all of them have their sources. */
export async function withSources(
  { cluster, index }: IndexRef,
  hits: readonly Hit[],
  read: typeof getDocs = getDocs,
): Promise<readonly Hit[]> {
  if (hits.every(({ source }) => source)) return hits;
  const docs = await read(cluster, index, hits, { source: true });
  // Leave out documents that are gone meanwhile. If the follower still has such a document, `ids` finds it.
  return docs.filter((doc, n) => doc.found && doc.routing === hits[n]?.routing);
}

const keyOf = ({ id, routing }: Hit): DocumentKey => ({ id, routing });
