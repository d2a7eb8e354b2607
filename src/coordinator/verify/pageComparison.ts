// A page of documents of the one index against the other. What differs becomes a pending difference.
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

/** `stamps`: by the versions of the follower's documents, and by content only where those say nothing. */
export type Level = 'stamps' | 'content';

export interface PageComparisonParts {
  readonly replication: Replication;
  readonly level: Level;
  readonly pending: PendingDifferences;
  readonly findings: Findings;
  readonly circumstances: Circumstances;
  /** How documents are read; `getDocs` when left out. */
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

  /** Documents of the leader, with or without their sources. */
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

  /** Documents of the follower: the leader has to have each. */
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
    // all of them before the first is waited for: what a pipeline changes goes there together
    const shaped = await Promise.all(hits.map((hit) => shapeOf(replication, hit)));
    for (const [n, hit] of hits.entries()) {
      const doc = docs[n];
      const shard = shardOf(hit, replication.leader);
      if (isFromSourceOfTruth(replication, hit, doc, shard)) {
        findings.leave('notCompared');
        continue;
      }
      await misfits?.look(hit, shaped[n] as Shaped);
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

/** The same documents as they are now, where not all of them have their sources. @param read how they are read */
export async function withSources(
  { cluster, index }: IndexRef,
  hits: readonly Hit[],
  read: typeof getDocs = getDocs,
): Promise<readonly Hit[]> {
  if (hits.every(({ source }) => source)) return hits;
  const docs = await read(cluster, index, hits, { source: true });
  // one that has gone meanwhile: its id is looked for on the follower
  return docs.filter((doc, n) => doc.found && doc.routing === hits[n]?.routing);
}

const keyOf = ({ id, routing }: Hit): DocumentKey => ({ id, routing });
