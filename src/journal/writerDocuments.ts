// The writers of ours, gateways and client libraries: a document of the journal each. It is a lease, watched by its
// counter on the observer's own clock, and says which phase of which migration its writer has confirmed.
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
  /** That the target did not answer as the source did, or not in time. */
  errors: z.number().int(),
  /** Not compared: too much at once, or too large. */
  skipped: z.number().int(),
  /** Of the shares of the first ten hits that both have. */
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
  /** Searches kept for a replay, and answered by the target. */
  recorded: z.number().int().default(0),
  canary: z.number().int().default(0),
  /** Null: none was sent to the target as well. */
  shadow: shadowView.nullable().default(null),
});
/** What a gateway has done with searches. */
export type ReadsView = z.infer<typeof readsView>;

const migrationView = readsView.extend({
  /** The generation whose phase the writer acts on; 0 where it knows of no migration. */
  generation: z.number().int(),
  /** It holds its writes. */
  holds: z.boolean(),
  /** Since which move of the readers it acknowledges a write when the follower has it; 0: it does not. */
  awaitsCopies: z.number().int(),
  /** Where it sends the readers between clusters, and since which move of them it does. */
  readers: z.enum(['source', 'target']).default('source'),
  moves: z.number().int().default(0),
  /** Since when, and why, the follower gets no copies from it; null: it does. */
  away: z.object({ since: z.string(), reason: z.string() }).nullable().default(null),
  /** When it last sent a write in the shape of each version, `{ "1": "2026-01-31T12:00:00.000Z" }`. */
  shapes: z.record(z.string(), z.string()),
  /** Copies that the follower has taken, had already (409), refused for good, and did not answer in time. */
  mirrored: z.number().int(),
  conflicts: z.number().int(),
  refused: z.number().int(),
  unanswered: z.number().int(),
  /** Copies that were not sent, since the follower took none. */
  bypassed: z.number().int().default(0),
  /** Copies that win over what following makes of the same operation, which may have been there before. */
  richer: z.number().int().default(0),
  /** Updates that may have cost the other index's document what only that index has room for. */
  unmerged: z.number().int().default(0),
});

const writerSchema = z.object({
  kind: z.literal('writer'),
  id: z.string(),
  type: z.enum(['gateway', 'client']),
  host: z.string(),
  pid: z.number().int(),
  /** Of twindex. */
  twindex: z.string(),
  /** Names of the indexes that it knows. */
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

/** Copies that did not reach the follower, or were no news to it: following may have brought them instead. */
export function notMirrored(seen: WriterMigration | undefined): number {
  return seen ? seen.conflicts + seen.refused + seen.unanswered + seen.bypassed : 0;
}

/** All that are registered, also those whose lease has run out. Documents that can't be read are left out. */
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

/**
 * Its heartbeat is the document's external version, so a late copy of an older request changes nothing, and one that was
 * not answered may be sent again.
 */
export async function putWriter(
  cluster: Cluster,
  writer: WriterDocument,
  options: { readonly timeoutMs: number },
): Promise<void> {
  const request = { method: 'PUT', ...versioned(writer.id, writer.heartbeat) } as const;
  const answer = await cluster.connection.send({ ...request, ...options, body: writer, repeat: 'never' });
  if (answer.status >= 300 && answer.status !== 409) throw toTwindexError(request, answer);
}

/** Hands the lease back. @param heartbeat larger than every one that was written */
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
