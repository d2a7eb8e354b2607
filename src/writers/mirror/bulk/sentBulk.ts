// Prints operations of a client's bulk for the leader, and finds the item of each operation in the answer.
import type { ReplyItem } from './bulkReply.js';
import type { BulkOperation } from './bulkRequest.js';
import type { PlannedOperation } from '../request/decide.js';
import type { PreparedWrite } from '../document/preparedWrite.js';
import { printingBulk, type SentOperation } from './printBulk.js';
import { mapping } from '../../../timeSlice.js';

export interface Pending {
  /** The position in the client's bulk. */
  readonly at: number;
  readonly operation: BulkOperation;
  readonly planned: PlannedOperation;
}

/** `prepared` is undefined if the operation is sent as the client wrote it. */
export type Ready = Pending & { readonly prepared: PreparedWrite | undefined };

/** Puts an index name into the path if the client did, since a cluster may forbid it in the items. */
export function* printingReady(
  ready: readonly Ready[],
): Generator<void, { readonly inPath: string | undefined; readonly body: readonly Buffer[] }> {
  const first = ready.find(({ operation }) => operation.index === undefined);
  const inPath = first && indexOf(first);
  const sent = yield* mapping(ready, (one) => sentOperation(one, inPath));
  return { inPath, body: yield* printingBulk(sent) };
}

function indexOf({ prepared, planned }: Ready): string | undefined {
  if (prepared) return prepared.context.roles.leaderAlias;
  return planned.type === 'foreign' ? planned.index : undefined;
}

function sentOperation(one: Ready, inPath: string | undefined): SentOperation {
  const { operation, prepared } = one;
  const index = indexOf(one);
  const own = operation.index === undefined && index === inPath ? undefined : index;
  if (!prepared) return own === undefined ? { operation } : { operation, index: own };
  const { action, id, body, set } = prepared.sent;
  const source = body === prepared.write.body ? undefined : body;
  return { operation, index: own, action, id, source, set };
}

/** OpenSearch swaps the positions of items that failed in a pipeline, so items are found by action and id. */
export function pairItems(ready: readonly Ready[], items: readonly ReplyItem[]): readonly ReplyItem[] {
  const sentAs = ({ operation, prepared }: Ready): string =>
    `${prepared?.sent.action ?? operation.action} ${prepared?.sent.id ?? operation.id ?? ''}`;
  const answeredAs = ({ action, id }: ReplyItem): string => `${action} ${id ?? ''}`;
  const astray = new Map<string, ReplyItem[]>();
  for (const [n, item] of items.entries()) {
    if (item.type === undefined || answeredAs(item) === sentAs(ready[n] as Ready)) continue;
    astray.set(answeredAs(item), [...(astray.get(answeredAs(item)) ?? []), item]);
  }
  if (astray.size === 0) return items;
  return items.map((item, n) => {
    const key = sentAs(ready[n] as Ready);
    if (item.type === undefined || answeredAs(item) === key) return item;
    return astray.get(key)?.shift() ?? item;
  });
}
