// Finds out whether all shards accept writes. It sends deletes with a condition that no document meets, to
// the primaries, through a generation's alias as copies do. The engine refuses them before they get a
// sequence number.
import type { Cluster } from '../../../cluster/cluster.js';
import { bulk } from '../../../cluster/documents/bulk.js';
import type { IndexRouting } from '../../../cluster/indices/indexRouting.js';
import { parseBulkAnswer, sortOutcome } from '../../../documents/bulkAnswer.js';
import { shardOf } from '../../../protocol/shardOf.js';

const TIMEOUT_MS = 2_000;
const ID = 'twindex-probe';
/** Limit of the search for a routing to each shard. Far fewer routings per shard are enough. */
const MAX_ROUTINGS = 100;

/** One delete for each shard, since a batch of copies waits for the slowest shard. */
export function probeOf(routing: IndexRouting): Buffer {
  const lines: string[] = [];
  const seen = new Set<number>();
  for (let n = 0; seen.size < routing.shards && n < MAX_ROUTINGS * routing.shards; n++) {
    const key = { id: ID, routing: `${ID}-${n}` }; // any index allows a routing
    const shard = shardOf(key, routing);
    if (seen.has(shard)) continue;
    seen.add(shard);
    // no operation ever has this sequence number
    const condition = { if_seq_no: Number.MAX_SAFE_INTEGER, if_primary_term: 1 };
    lines.push(`${JSON.stringify({ delete: { _id: key.id, routing: key.routing, ...condition } })}\n`);
  }
  return Buffer.from(lines.join(''));
}

/** @throws TwindexError when there is no answer */
export async function takesWrites(cluster: Cluster, alias: string, probe: Buffer): Promise<boolean> {
  const answer = await bulk(cluster, alias, probe, { timeoutMs: TIMEOUT_MS });
  if (answer.type === 'busy') return false;
  const items = parseBulkAnswer(answer.body);
  return items.length > 0 && items.every((item) => sortOutcome(item) === 'conflict');
}
