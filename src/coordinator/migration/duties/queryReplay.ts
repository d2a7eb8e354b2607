// Runs the application's searches on both indexes, in slices, as a part of verification.
import { getIndexes } from '../../../cluster/indices/getIndex.js';
import { refresh } from '../../../cluster/indices/refresh.js';
import { indexRefOf } from '../../../protocol/clusterSides.js';
import type { MigrationRecord, QueryEvidence } from '../../../protocol/record.js';
import { fieldNames } from '../../../queries/fieldsOf.js';
import { type Place, type QueryReport, Replay } from '../../../queries/replayQueries.js';
import { type IndexNames, worstLines } from '../../../queries/queryReport.js';
import type { RecordedQuery } from '../../../queries/recordedQuery.js';
import type { Cluster } from '../../../cluster/cluster.js';
import type { IndexRef } from '../../../cluster/indexRef.js';
import { TwindexError } from '../../../errors.js';
import { once } from '../../../once.js';
import type { Context } from '../context.js';

export class QueryReplay {
  readonly #context: Context;
  readonly #replay = once(() => this.#open());
  #done = false;

  constructor(context: Context) {
    this.#context = context;
  }

  get done(): boolean {
    return this.#done;
  }

  /** @returns the result once all searches have run; undefined before that, or without searches */
  async slice(budgetMs: number): Promise<QueryEvidence | undefined> {
    const { meter, record, signal } = this.#context;
    const replay = await this.#replay();
    if (replay.total > 0) {
      meter.begin('searches', replay.total);
      await replay.slice(budgetMs, signal);
      meter.set(replay.sent);
    }
    if (!replay.done) return undefined;
    if (replay.total > 0) meter.end();
    this.#done = true;
    const names = { before: record.source.index, after: record.target.index };
    return replay.total === 0 ? undefined : evidenceOf(replay.report(), names);
  }

  async #open(): Promise<Replay> {
    const { cluster, record } = this.#context;
    const queries = await this.#context.queries();
    const { source, target } = this.#context;
    if (queries.length > 0) await Promise.all([source, target].map((at) => refresh(at.cluster, at.index)));
    return await openReplay(cluster, record, queries);
  }
}

/** @throws TwindexError `not_found` if one of the two indexes does not exist */
export async function openReplay(
  cluster: Cluster,
  record: Pick<MigrationRecord, 'name' | 'source' | 'target' | 'sourceCluster' | 'sourceAliases'>,
  queries: readonly RecordedQuery[],
): Promise<Replay> {
  const [before, after] = await Promise.all([
    searched(indexRefOf(cluster, record, 'source')),
    searched(indexRefOf(cluster, record, 'target')),
  ]);
  return new Replay({ queries, before, after, aliases: record.sourceAliases });
}

async function searched({ cluster, index }: IndexRef): Promise<Place> {
  const [live] = await getIndexes(cluster, index);
  if (!live) throw new TwindexError('not_found', `index ${index} does not exist`);
  return { cluster, index, fields: fieldNames(live.mappings) };
}

function evidenceOf(report: QueryReport, names: IndexNames): QueryEvidence {
  const { results: _, ...figures } = report;
  return { ...figures, at: new Date().toISOString(), worst: worstLines(report, names) };
}
