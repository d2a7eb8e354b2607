// The documents of writers in the journal. A writer's document is its lease: the coordinator watches the
// heartbeat in it and measures the time by its own clock. It also contains what the writer knows about each
// migration.
import { z } from 'zod';
import type { Cluster } from '../cluster/cluster.js';
import { refresh } from '../cluster/indices/refresh.js';
import { isTwindexError } from '../errors.js';
import { toTwindexError } from '../cluster/engineErrors.js';
import { searchSources } from '../cluster/guardedReads.js';
import { JOURNAL, writerId } from '../protocol/names.js';

const percentiles = z.object({ p50Ms: z.number(), p95Ms: z.number() });

const shadowView = z.object({
  compared: z.number().int(),
  /** Searches that failed on the target only, or that the target did not answer in time. */
  errors: z.number().int(),
  /** Searches that were not compared, because too many came at once, or because they were too large. */
  skipped: z.number().int(),
  /** The sum of the overlaps. An overlap is the share of the first ten hits that both indexes return. */
  overlapSum: z.number(),
  totalsDiffer: z.number().int(),
  aggregationsDiffer: z.number().int(),
  worst: z.array(
    z.object({ path: z.string(), body: z.string(), overlapAt10: z.number(), error: z.string().nullable() }),
  ),
  latency: z.object({ source: percentiles, target: percentiles }),
});
export type ShadowView = z.infer<typeof shadowView>;

const readsView = z.object({
  recorded: z.number().int().default(0),
  canary: z.number().int().default(0),
  shadow: shadowView.nullable().default(null),
});
export type ReadsView = z.infer<typeof readsView>;

const migrationView = readsView.extend({
  /**
   * The oldest generation with a write in flight; without one, the present generation; 0 if no migration is
   * known.
   */
  generation: z.number().int(),
  holds: z.boolean(),
  /** Since the readers' move with this number, the writer waits for copies. 0: it does not wait. */
  awaitsCopies: z.number().int(),
  /** Between clusters: the index that the gateway sends readers to, since the move number `moves`. */
  readers: z.enum(['source', 'target']).default('source'),
  moves: z.number().int().default(0),
  /** Since when and why the writer sends no copies to the follower. Null in normal operation. */
  away: z.object({ since: z.string(), reason: z.string() }).nullable().default(null),
  /** When the writer last sent a write of each shape, such as `{ "1": "2026-01-31T12:00:00.000Z" }`. */
  shapes: z.record(z.string(), z.string()),
  /** Counts of copies by their answer: accepted, already there (409), refused for good, not answered in time. */
  mirrored: z.number().int(),
  conflicts: z.number().int(),
  refused: z.number().int(),
  unanswered: z.number().int(),
  /** Copies that were not sent, because the follower did not accept copies at that time. */
  bypassed: z.number().int().default(0),
  /** Copies whose version has the lowest bit set. They may have replaced following's copy of the same operation. */
  richer: z.number().int().default(0),
  /** Updates after which the document in one of the indexes may lack fields that only this index can store. */
  unmerged: z.number().int().default(0),
});

const writerSchema = z.object({
  kind: z.literal('writer'),
  id: z.string(),
  type: z.enum(['gateway', 'client']),
  host: z.string(),
  pid: z.number().int(),
  twindex: z.string(),
  /** The names of the writer's index files. */
  names: z.array(z.string()),
  leaseMs: z.number(),
  heartbeat: z.number().int(),
  startedAt: z.string(),
  updatedAt: z.string(),
  migrations: z.record(z.string(), migrationView),
});

export type WriterDocument = z.infer<typeof writerSchema>;
export type WriterMigration = z.infer<typeof migrationView>;

/** The number of copies that following may have made instead of the writer. */
export function notMirrored(seen: WriterMigration | undefined): number {
  return seen ? seen.conflicts + seen.refused + seen.unanswered + seen.bypassed : 0;
}

/** All registered writers, including those with an expired lease. Unreadable documents are left out. */
export async function listWriters(cluster: Cluster): Promise<WriterDocument[]> {
  try {
    await refresh(cluster, JOURNAL);
    const found = await searchSources(cluster, {
      index: JOURNAL,
      body: { size: 1_000, query: { term: { kind: 'writer' } }, sort: ['_doc'] },
    });
    return found.flatMap((source) => {
      const parsed = writerSchema.safeParse(source);
      return parsed.success ? [parsed.data] : [];
    });
  } catch (error) {
    if (isTwindexError(error, 'not_found')) return [];
    throw error;
  }
}

/** Writes the writer's document. Its heartbeat is the external version, so a late request changes nothing. */
export async function putWriter(
  cluster: Cluster,
  writer: WriterDocument,
  options: { readonly timeoutMs: number },
): Promise<void> {
  const request = { method: 'PUT', ...versioned(writer.id, writer.heartbeat) } as const;
  const answer = await cluster.connection.send({ ...request, ...options, body: writer, repeat: 'never' });
  if (answer.status >= 300 && answer.status !== 409) throw toTwindexError(request, answer);
}

/**
 * Removes the writer's document, so that no coordinator waits until its lease expires.
 * @param heartbeat larger than any heartbeat that was written
 */
export async function removeWriter(cluster: Cluster, id: string, heartbeat: number): Promise<void> {
  const request = { method: 'DELETE', ...versioned(id, heartbeat) } as const;
  const answer = await cluster.connection.send({ ...request, repeat: 'always' });
  if (answer.status >= 300 && answer.status !== 404 && answer.status !== 409)
    throw toTwindexError(request, answer);
}

function versioned(id: string, heartbeat: number): { path: string; query: Record<string, string | number> } {
  return {
    path: `/${JOURNAL}/_doc/${encodeURIComponent(writerId(id))}`,
    query: { version: heartbeat, version_type: 'external' },
  };
}
