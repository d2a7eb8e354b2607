// Finds out whether an index accepts writes, with a write that changes nothing: a delete under a condition that no document
// meets. Like a copy, it goes through the alias of a generation to a primary, which refuses it before it gets a sequence number.
import type { Cluster } from '../../../cluster/cluster.js';
import { bulk } from '../../../cluster/documents/bulk.js';
import { parseBulkAnswer, sortOutcome } from '../../../documents/bulkAnswer.js';

const TIMEOUT_MS = 2_000;
/** Has a routing, since an index may demand one, and every index allows one. No operation ever has this number. */
const PROBE = Buffer.from(
  `${JSON.stringify({
    delete: {
      _id: 'twindex-probe',
      routing: 'twindex-probe',
      if_seq_no: Number.MAX_SAFE_INTEGER,
      if_primary_term: 1,
    },
  })}\n`,
);

/** @throws TwindexError when there is no answer */
export async function takesWrites(cluster: Cluster, alias: string): Promise<boolean> {
  const answer = await bulk(cluster, alias, PROBE, { timeoutMs: TIMEOUT_MS });
  if (answer.type === 'busy') return false;
  const [item] = parseBulkAnswer(answer.body);
  return item !== undefined && sortOutcome(item) === 'conflict';
}
