// A page of documents of the one index against the other. What differs is put in doubt.
import type { Located } from '../../cluster/located.js';
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Direction, Shaped } from '../../protocol/replication.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Hit } from '../../documents/hits.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isFromTruth } from '../follow/truthExemptions.js';
import type { Doubts } from './pendingDifferences.js';
import type { Findings } from './findings.js';
import type { Misfits } from './misfits.js';
import { type Circumstances, hasStampOf, isDifference, judge, shapeOf } from './compareDocument.js';

/** `stamps`: by the versions of the second index's documents, and by content only where those say nothing. */
export type Level = 'stamps' | 'content';

export interface PageComparisonParts {
  readonly direction: Direction;
  readonly level: Level;
  readonly doubts: Doubts;
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

  /** Documents of the first index, with or without their sources. */
  async documents(hits: readonly Hit[]): Promise<void> {
    const { direction, level, findings } = this.#parts;
    const { first, second } = direction;
    let rest = hits;
    if (level === 'stamps') {
      const docs = await this.#read(second.cluster, second.index, hits, { source: false });
      rest = hits.filter(
        (hit, n) => !hasStampOf(direction, { hit, shard: shardOf(hit, first), doc: docs[n] }),
      );
    }
    for (let start = 0; start < rest.length; start += SOURCES_AT_ONCE)
      await this.#contents(await withSources(first, rest.slice(start, start + SOURCES_AT_ONCE), this.#read));
    findings.compared += hits.length;
  }

  /** Documents of the second index: the first has to have each. */
  async ids(hits: readonly Hit[]): Promise<void> {
    const { direction, doubts } = this.#parts;
    const keys = hits.map(keyOf);
    const { cluster, index } = direction.first;
    const docs = await this.#read(cluster, index, keys, { source: false });
    for (const [n, key] of keys.entries())
      if (!docs[n]?.found || docs[n]?.routing !== key.routing) doubts.add(key, undefined, undefined);
  }

  async #contents(hits: readonly Hit[]): Promise<void> {
    const { direction, findings, doubts, circumstances, misfits } = this.#parts;
    const { cluster, index } = direction.second;
    const docs = await this.#read(cluster, index, hits, { source: true });
    // all of them before the first is waited for: what a pipeline changes goes there together
    const shaped = await Promise.all(hits.map((hit) => shapeOf(direction, hit)));
    for (const [n, hit] of hits.entries()) {
      const doc = docs[n];
      const shard = shardOf(hit, direction.first);
      if (isFromTruth(direction, hit, doc, shard)) {
        findings.leave('notCompared');
        continue;
      }
      await misfits?.look(hit, shaped[n] as Shaped);
      const verdict = await judge(direction, { hit, shard, shaped: shaped[n] as Shaped, doc }, circumstances);
      if (isDifference(verdict)) doubts.add(keyOf(hit), hit, doc);
      else if (verdict !== 'equal') findings.leave(verdict);
    }
  }
}

/** The same documents as they are now, where not all of them have their sources. @param read how they are read */
export async function withSources(
  { cluster, index }: Located,
  hits: readonly Hit[],
  read: typeof getDocs = getDocs,
): Promise<readonly Hit[]> {
  if (hits.every(({ source }) => source)) return hits;
  const docs = await read(cluster, index, hits, { source: true });
  // one that has gone meanwhile: its id is looked for on the second index
  return docs.filter((doc, n) => doc.found && doc.routing === hits[n]?.routing);
}

const keyOf = ({ id, routing }: Hit): DocumentKey => ({ id, routing });
