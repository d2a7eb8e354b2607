// Whether an index takes writes, asked with a write that changes nothing: a delete on a condition that no document meets. It
// goes the way of a copy, through the alias of a generation to a primary, and is refused there before it gets a number.
import type { Cluster } from '../../../cluster/cluster.js';
import { bulk } from '../../../cluster/documents/bulk.js';
import { parseBulkAnswer, sortOutcome } from '../../../documents/bulkAnswer.js';

const TIMEOUT_MS = 2_000;
/** An index may demand a routing, and every index allows one. No operation ever has this number. */
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
