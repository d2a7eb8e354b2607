// Recognises refusals after which an operation may be sent again, as it was certainly not done
// (docs/protocol.md, "What may be sent again").
import { isFenced } from '../../../documents/bulkAnswer.js';

interface Refusal {
  readonly status: number;
  readonly type: string | undefined;
  readonly reason: string | undefined;
}

/**
 * `closed`: the generation's alias is closed or gone. `blocked`: there is a write block, from a hold or from
 * somebody else.
 */
export function whyNotDone(answer: Refusal): 'closed' | 'blocked' | undefined {
  if (isFenced(answer)) return 'closed';
  return answer.status === 403 && answer.type === 'cluster_block_exception' ? 'blocked' : undefined;
}
