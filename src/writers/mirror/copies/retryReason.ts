// Finds operations that were certainly not done (docs/protocol.md, "What may be sent again").
import { isFenced } from '../../../documents/bulkAnswer.js';
import type { WriteAction } from '../request/clientRequest.js';

interface Refusal {
  readonly status: number;
  readonly type: string | undefined;
  readonly reason: string | undefined;
}

/** `closed`: the generation's alias is closed or gone. `blocked`: a write block, of a hold or of anybody. */
export function whyNotDone(answer: Refusal): 'closed' | 'blocked' | undefined {
  if (isFenced(answer)) return 'closed';
  return answer.status === 403 && answer.type === 'cluster_block_exception' ? 'blocked' : undefined;
}

export function hasChanged(
  action: WriteAction,
  answer: {
    readonly status: number;
    readonly type: string | undefined;
    readonly result: string | undefined;
    readonly seqNo: number | undefined;
    readonly term: number | undefined;
  },
): answer is { readonly seqNo: number; readonly term: number } & typeof answer {
  if (answer.type !== undefined || answer.result === 'noop') return false;
  // a delete that found nothing is an operation too, and its tombstone must win over older operations
  const ok = answer.status < 300 || (answer.status === 404 && action === 'delete');
  return ok && answer.seqNo !== undefined && answer.term !== undefined;
}
