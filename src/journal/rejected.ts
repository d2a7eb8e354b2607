// Documents that the second index or the transform refused: kept with the reason, so that no cursor passes one silently.
import type { Cluster } from '../cluster/cluster.js';
import { toTwindexError } from '../cluster/errors.js';
import type { DocumentKey } from '../cluster/operations/multiGet.js';
import { refresh } from '../cluster/operations/refresh.js';
import { count, searchSources } from '../cluster/reads.js';
import { TwindexError } from '../errors.js';
import type { Refused } from '../follow/direction.js';
import { JOURNAL, rejectedId } from './names.js';
import type { LeftOut } from './record.js';

export interface RejectedDocument {
  readonly id: string;
  readonly routing: string | null;
  readonly reason: string;
  readonly at: string;
  /** Under which it was refused. */
  readonly version?: string;
}

export interface RejectedEntry {
  readonly key: DocumentKey;
  readonly version: bigint;
}

/** The rejected documents of one migration, by its id. Only its coordinator writes them. */
export class RejectedDocuments {
  readonly #cluster: Cluster;
  readonly #migration: string;
  readonly #known = new Map<string, RejectedEntry>();

  private constructor(cluster: Cluster, migration: string) {
    this.#cluster = cluster;
    this.#migration = migration;
  }

  static async load(cluster: Cluster, migration: string): Promise<RejectedDocuments> {
    const loaded = new RejectedDocuments(cluster, migration);
    await refresh(cluster, JOURNAL);
    for (const { id, routing, version = '0' } of await listRejected(cluster, migration, 10_000)) {
      const key = { id, routing: routing ?? undefined };
      loaded.#known.set(rejectedId(migration, key), { key, version: BigInt(version) });
    }
    return loaded;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Those that nobody has said may be left out. */
  blocking(leftOut: readonly LeftOut[]): number {
    return leftOut.length === 0
      ? this.size
      : this.entries.filter(({ key }) => !isLeftOut(leftOut, key)).length;
  }

  get entries(): RejectedEntry[] {
    return [...this.#known.values()];
  }

  has(key: DocumentKey): boolean {
    return this.versionOf(key) !== undefined;
  }

  /** Under which it was refused last; undefined when it was not. */
  versionOf(key: DocumentKey): bigint | undefined {
    return this.#known.size > 0 ? this.#known.get(rejectedId(this.#migration, key))?.version : undefined;
  }

  /** Durable when it returns. */
  async add(refused: readonly Refused[]): Promise<void> {
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

  /** Forgets those that are taken now. */
  async remove(keys: readonly DocumentKey[]): Promise<void> {
    const ids = keys.map((key) => rejectedId(this.#migration, key)).filter((id) => this.#known.has(id));
    await this.#bulk(ids.map((_id) => ({ delete: { _id } })));
    for (const id of ids) this.#known.delete(id);
  }

  async #bulk(lines: readonly object[]): Promise<void> {
    if (lines.length === 0) return;
    const request = { method: 'POST', path: `/${JOURNAL}/_bulk` } as const;
    const body = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    // repeating is safe: each id has one writer, and a line says the whole of it
    const answer = await this.#cluster.connection.send({ ...request, body, repeat: 'always' });
    if (answer.status >= 300) throw toTwindexError(request, answer);
    const { items } = JSON.parse(answer.body.toString()) as { items: Record<string, { status: number }>[] };
    const failed = items.find((item) =>
      Object.values(item).some(({ status }) => status >= 300 && status !== 404),
    );
    if (failed)
      throw new TwindexError(
        'overloaded',
        `the journal did not take a rejected document: ${JSON.stringify(failed)}`,
      );
  }
}

export function isLeftOut(leftOut: readonly LeftOut[], { id, routing }: DocumentKey): boolean {
  return leftOut.some((key) => key.id === id && key.routing === (routing ?? null));
}

export async function listRejected(
  cluster: Cluster,
  migration: string,
  size: number,
): Promise<RejectedDocument[]> {
  return await searchSources<RejectedDocument>(cluster, {
    index: JOURNAL,
    body: { size, query: ofMigration(migration), sort: ['_doc'] },
  });
}

export async function countRejected(cluster: Cluster, migration: string): Promise<number> {
  return await count(cluster, JOURNAL, ofMigration(migration));
}

const ofMigration = (migration: string): object => ({
  bool: { filter: [{ term: { kind: 'rejected' } }, { term: { migration } }] },
});
