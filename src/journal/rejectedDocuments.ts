// Saves which documents the follower or the transform has refused. Cursors may pass these documents after that.
import { type RejectedFor, ReasonTally } from '../commonReason.js';
import type { Cluster } from '../cluster/cluster.js';
import { toBulkItemError, toTwindexError } from '../cluster/engineErrors.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';
import { refresh } from '../cluster/indices/refresh.js';
import { count, searchJson } from '../cluster/guardedReads.js';
import type { Refused } from '../protocol/replication.js';
import { JOURNAL, rejectedId } from '../protocol/names.js';
import type { LeftOut, MigrationRecord } from '../protocol/record.js';

export interface RejectedDocument {
  readonly id: string;
  readonly routing: string | null;
  readonly reason: string;
  readonly at: string;
  /** The external version of the copy that was refused. */
  readonly version?: string;
}

export interface RejectedEntry {
  readonly key: DocumentKey;
  readonly version: bigint;
}

/** The coordinator copies several windows at once, so changes are made one after the other. */
export class RejectedDocuments {
  readonly #cluster: Cluster;
  readonly #migration: string;
  #known = new Map<string, RejectedEntry>();
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(cluster: Cluster, migration: string) {
    this.#cluster = cluster;
    this.#migration = migration;
  }

  static async load(cluster: Cluster, migration: string): Promise<RejectedDocuments> {
    const loaded = new RejectedDocuments(cluster, migration);
    await loaded.reload();
    return loaded;
  }

  async reload(): Promise<void> {
    await this.#inTurn(async () => {
      await refresh(this.#cluster, JOURNAL);
      const listed = await listRejected(this.#cluster, this.#migration);
      this.#known = new Map(
        listed.map(({ id, routing, version = '0' }) => {
          const key = { id, routing: routing ?? undefined };
          return [rejectedId(this.#migration, key), { key, version: BigInt(version) }];
        }),
      );
    });
  }

  get size(): number {
    return this.#known.size;
  }

  /** The number of documents that block a move. @param below count only documents with a smaller version */
  blocking({ leftOut, options }: Pick<MigrationRecord, 'leftOut' | 'options'>, below?: bigint): number {
    if (options.dropRejected) return 0;
    return this.entries.filter(
      ({ key, version }) => !isLeftOut(leftOut, key) && (below === undefined || version < below),
    ).length;
  }

  get entries(): RejectedEntry[] {
    return [...this.#known.values()];
  }

  has(key: DocumentKey): boolean {
    return this.versionOf(key) !== undefined;
  }

  /** The version of the copy that was refused last; undefined if the document is not rejected. */
  versionOf(key: DocumentKey): bigint | undefined {
    return this.#known.size > 0 ? this.#known.get(rejectedId(this.#migration, key))?.version : undefined;
  }

  /** Saves documents durably. @param most the limit for the whole migration @returns how many were saved */
  async add(refused: readonly Refused[], most: number): Promise<number> {
    return await this.#inTurn(async () => {
      const [known, others] = [true, false].map((is) => refused.filter(({ key }) => this.has(key) === is));
      const room = Math.max(0, most - this.size);
      const kept = [...(known ?? []), ...(others ?? []).slice(0, room)];
      await this.#keep(kept);
      return kept.length;
    });
  }

  async #keep(refused: readonly Refused[]): Promise<void> {
    const at = new Date().toISOString();
    const lines = refused.flatMap(({ key, version, reason }) => [
      { index: { _id: rejectedId(this.#migration, key) } },
      {
        kind: 'rejected',
        migration: this.#migration,
        id: key.id,
        routing: key.routing ?? null,
        version: String(version),
        reason: reason.slice(0, 2_000),
        at,
      },
    ]);
    await this.#bulk(lines);
    for (const { key, version } of refused)
      this.#known.set(rejectedId(this.#migration, key), { key, version });
  }

  /**
   * Removes entries, but keeps those of documents that were refused again after the caller had read the
   * entries.
   */
  async remove(entries: readonly RejectedEntry[]): Promise<void> {
    await this.#inTurn(async () => {
      const taken = entries.filter(({ key, version }) => this.versionOf(key) === version);
      const ids = taken.map(({ key }) => rejectedId(this.#migration, key));
      await this.#bulk(ids.map((_id) => ({ delete: { _id } })));
      for (const id of ids) this.#known.delete(id);
    });
  }

  async #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(change);
    this.#queue = result.catch(() => undefined);
    return await result;
  }

  async #bulk(lines: readonly object[]): Promise<void> {
    if (lines.length === 0) return;
    const request = { method: 'POST', path: `/${JOURNAL}/_bulk` } as const;
    const body = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    // Repeating is safe: only the coordinator writes these ids, and each line replaces or deletes one entry.
    const answer = await this.#cluster.connection.send({ ...request, body, repeat: 'always' });
    if (answer.status >= 300) throw toTwindexError(request, answer);
    const { items } = JSON.parse(answer.body.toString()) as { items: Record<string, JournalItem>[] };
    const failed = items
      .flatMap((item) => Object.values(item))
      .find(({ status, error }) => status >= 300 && (status !== 404 || error !== undefined));
    if (!failed) return;
    throw toBulkItemError(`${JOURNAL} did not accept the entry of a rejected document`, {
      status: failed.status,
      ...failed.error,
    });
  }
}

interface JournalItem {
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason?: string };
}

export function isLeftOut(leftOut: readonly LeftOut[], { id, routing }: DocumentKey): boolean {
  return leftOut.some((key) => key.id === id && key.routing === (routing ?? null));
}

/** The default of the engine's `index.max_result_window`. */
const PAGE = 10_000;

/** Lists the documents, as of the journal's last refresh. @param most the largest number to return */
export async function listRejected(
  cluster: Cluster,
  migration: string,
  most = Number.POSITIVE_INFINITY,
): Promise<RejectedDocument[]> {
  const found: RejectedDocument[] = [];
  // The journal has one shard, so a `_seq_no` is unique. An entry that is rewritten meanwhile is not missed,
  // since it gets a larger `_seq_no`.
  for (let after = -1; found.length < most; ) {
    const size = Math.min(PAGE, most - found.length);
    const page = await rejectedPage(cluster, migration, { after, size });
    found.push(...page.map(({ _source }) => _source));
    const last = page.at(-1);
    if (!last || page.length < size) break;
    after = last._seq_no;
  }
  return found;
}

interface RejectedHit {
  readonly _seq_no: number;
  readonly _source: RejectedDocument;
}

async function rejectedPage(
  cluster: Cluster,
  migration: string,
  { after, size }: { readonly after: number; readonly size: number },
): Promise<readonly RejectedHit[]> {
  const { hits } = await searchJson<{ hits: { hits: RejectedHit[] } }>(cluster, {
    index: JOURNAL,
    body: {
      size,
      query: { bool: { filter: [...filterOf(migration), { range: { _seq_no: { gt: after } } }] } },
      sort: [{ _seq_no: { order: 'asc', unmapped_type: 'long' } }],
      seq_no_primary_term: true,
    },
    source: true,
  });
  return hits.hits;
}

const LOOKED_AT = 10_000;

export interface RejectedSummary {
  readonly count: number;
  readonly first: readonly RejectedDocument[];
  readonly byReason: readonly RejectedFor[];
}

export async function summariseRejected(
  cluster: Cluster,
  migration: string,
  shown: number,
): Promise<RejectedSummary> {
  const documents = await countRejected(cluster, migration);
  const listed = documents === 0 ? [] : await listRejected(cluster, migration, LOOKED_AT);
  return { count: documents, first: listed.slice(0, shown), byReason: byReason(listed) };
}

export function byReason(documents: readonly RejectedDocument[]): RejectedFor[] {
  const tally = new ReasonTally();
  for (const { reason, id } of documents) tally.add(reason, id);
  return tally.most;
}

export async function countRejected(cluster: Cluster, migration: string): Promise<number> {
  return await count(cluster, JOURNAL, { bool: { filter: filterOf(migration) } });
}

const filterOf = (migration: string): object[] => [{ term: { kind: 'rejected' } }, { term: { migration } }];

/** Limit for the number of migrations in the result, past and present. */
const MOST_MIGRATIONS = 10_000;

/** How many documents each migration has rejected, by its id. One request is enough for all migrations. */
export async function countRejectedByMigration(cluster: Cluster): Promise<ReadonlyMap<string, number>> {
  const { aggregations } = await searchJson<{
    readonly aggregations?: {
      readonly by: { readonly buckets: readonly { key: string; doc_count: number }[] };
    };
  }>(cluster, {
    index: JOURNAL,
    body: {
      size: 0,
      query: { term: { kind: 'rejected' } },
      aggs: { by: { terms: { field: 'migration', size: MOST_MIGRATIONS } } },
    },
    source: false,
  });
  return new Map(aggregations?.by.buckets.map(({ key, doc_count }) => [key, doc_count]));
}
