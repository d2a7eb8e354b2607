// Finds those operations of a bulk that may delete a document and that the engine would not let the client
// do.
import type { EngineError } from '../request/engineError.js';
import type { Upstream, UpstreamRequest } from '../request/upstream.js';
import type { PreparedWrite } from '../document/preparedWrite.js';
import type { MirrorContext } from '../mirrorContext.js';
import { sendBulkOfOne } from './bulkOfOne.js';
import type { Ready } from './sentBulk.js';

interface Way {
  readonly rights: MirrorContext['rights'];
  readonly upstream: Upstream;
  readonly headers: UpstreamRequest['headers'];
}

export async function refusedOperations(
  ready: readonly Ready[],
  way: Way,
): Promise<ReadonlyMap<Ready, EngineError>> {
  const byRight = new Map<string, EngineError | undefined>();
  const refused = new Map<Ready, EngineError>();
  for (const one of ready) {
    const { prepared } = one;
    if (!prepared?.intent) continue;
    const right = `${prepared.write.action} ${prepared.context.roles.leaderAlias}`;
    if (!byRight.has(right)) byRight.set(right, await refusalOf(prepared, way));
    const error = byRight.get(right);
    if (error) refused.set(one, error);
  }
  return refused;
}

async function refusalOf(
  { write, context }: PreparedWrite,
  { rights, upstream, headers }: Way,
): Promise<EngineError | undefined> {
  const way = { upstream: upstream.to(context.leaderSide), headers, params: {}, onHead: () => undefined };
  const claim = { headers, alias: context.roles.leaderAlias, write };
  const outcome = await rights.refusal(claim, (probe, changes) => sendBulkOfOne(probe, changes, way));
  if (outcome?.type !== 'answered') return outcome?.error;
  const { status, type = 'exception', reason = '' } = outcome.reply;
  return { status, type, reason };
}
