// Finds out whether an index accepts writes, by a delete under a condition that no document meets. Like a
// copy, it goes through a generation's alias to a primary, which refuses it before it gets a sequence number.
import type { Cluster } from '../../../cluster/cluster.js';
import { bulk } from '../../../cluster/documents/bulk.js';
import { parseBulkAnswer, sortOutcome } from '../../../documents/bulkAnswer.js';

const TIMEOUT_MS = 2_000;
/** The probe has a routing, which any index allows. No operation ever has this sequence number. */
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
