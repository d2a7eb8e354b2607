// The writers: gateways and client libraries. A writer's document in the journal is its lease: observers
// watch the counter in it by their own clocks. It also says which phases the writer has confirmed.
import { z } from 'zod';
import type { Cluster } from '../cluster/cluster.js';
import { refresh } from '../cluster/indices/refresh.js';
import { isTwindexError } from '../errors.js';
import { toTwindexError } from '../cluster/engineErrors.js';
import { searchSources } from '../cluster/guardedReads.js';
import { JOURNAL, writerId } from '../protocol/names.js';

const percentiles = z.object({ p50Ms: z.number(), p95Ms: z.number() });

const shadowView = z.object({
  /** Searches that both indexes have answered. */
  compared: z.number().int(),
  /** Searches that failed on the target only, or were not answered there in time. */
  errors: z.number().int(),
  /** Searches that were not compared, because there were too many at once, or they were too large. */
  skipped: z.number().int(),
  /** The sum of the overlaps. An overlap is the share of the first ten hits that both indexes have. */
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
  /** Searches that were recorded for a replay, and (`canary`) answered by the target. */
  recorded: z.number().int().default(0),
  canary: z.number().int().default(0),
  /** Null if no search was also sent to the target. */
  shadow: shadowView.nullable().default(null),
});
/** A gateway's counts of searches. */
export type ReadsView = z.infer<typeof readsView>;

const migrationView = readsView.extend({
  /** The generation whose phase the writer follows; 0 when it knows no migration. */
  generation: z.number().int(),
  holds: z.boolean(),
  /** The move of the readers since which the writer waits for a copy before it acknowledges; 0 if not. */
  awaitsCopies: z.number().int(),
  /** Between clusters: where the gateway sends the readers, and since which move of the readers. */
  readers: z.enum(['source', 'target']).default('source'),
  moves: z.number().int().default(0),
  /** Since when, and why, the writer sends no copies to the follower. Null if it sends them. */
  away: z.object({ since: z.string(), reason: z.string() }).nullable().default(null),
  /** When the writer last sent a write in each shape, such as `{ "1": "2026-01-31T12:00:00.000Z" }`. */
  shapes: z.record(z.string(), z.string()),
  /** Copies that the follower accepted, had already (409), refused for good, and did not answer in time. */
  mirrored: z.number().int(),
  conflicts: z.number().int(),
  refused: z.number().int(),
  unanswered: z.number().int(),
  /** Copies that were not sent, because the follower accepted none. */
  bypassed: z.number().int().default(0),
  /** Copies with the lowest bit of the stamp set. They may have replaced following's copy of an operation. */
  richer: z.number().int().default(0),
  /** Updates by which the other index's document may have lost fields that only that index has. */
  unmerged: z.number().int().default(0),
});

const writerSchema = z.object({
  kind: z.literal('writer'),
  id: z.string(),
  type: z.enum(['gateway', 'client']),
  host: z.string(),
  pid: z.number().int(),
  /** The version of twindex. */
  twindex: z.string(),
  /** Names of the indexes that the writer knows. */
  names: z.array(z.string()),
  leaseMs: z.number(),
  heartbeat: z.number().int(),
  startedAt: z.string(),
  updatedAt: z.string(),
  /** By name of the index. */
  migrations: z.record(z.string(), migrationView),
});

export type WriterDocument = z.infer<typeof writerSchema>;
export type WriterMigration = z.infer<typeof migrationView>;

/** Copies that failed, were not sent, or got a 409. Following may have made these copies instead. */
export function notMirrored(seen: WriterMigration | undefined): number {
  return seen ? seen.conflicts + seen.refused + seen.unanswered + seen.bypassed : 0;
}

/** All registered writers, also those with an expired lease. Unreadable documents are left out. */
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

/** The heartbeat is the external version, so a late request changes nothing, and a lost one may be resent. */
export async function putWriter(
  cluster: Cluster,
  writer: WriterDocument,
  options: { readonly timeoutMs: number },
): Promise<void> {
  const request = { method: 'PUT', ...versioned(writer.id, writer.heartbeat) } as const;
  const answer = await cluster.connection.send({ ...request, ...options, body: writer, repeat: 'never' });
  if (answer.status >= 300 && answer.status !== 409) throw toTwindexError(request, answer);
}

/** Gives the lease back. @param heartbeat larger than any heartbeat that was written */
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
