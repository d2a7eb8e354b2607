// Decides whether the follower has the document that it should have. All verifications use this comparison.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication, Shaped } from '../../protocol/replication.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { differingPaths, sameContent } from '../../json/json.js';
import { agrees } from '../../protocol/keepRicher.js';
import { asTheyAre } from '../../protocol/reshape.js';
import { isOfEpoch, isReconciled, operationOf, stampOf } from '../../protocol/stamp.js';

/**
 * `stale`: the follower's document has another version than a copy of the leader's present document would have.
 * `extra`: the follower should not have the document.
 */
export type DifferenceKind = 'missing' | 'stale' | 'content' | 'extra';
/**
 * `rejected`: the follower may lack the document, or have an older state. `dropped`: the transform drops it, and
 * the follower lacks it. `nonDeterministic`: the transform returns another result each time, so the document
 * can't be compared.
 */
export type DocumentResult = DifferenceKind | 'equal' | 'rejected' | 'dropped' | 'nonDeterministic';

export interface Pair {
  /** The leader's document, with its source. */
  readonly hit: Hit;
  readonly shard: number;
  /** The document that the follower should have. */
  readonly shaped: Shaped;
  /** The follower's document, with its source. */
  readonly doc: Doc | undefined;
}

export interface Circumstances {
  /** Whether a document is reported as rejected, and so is not a difference. */
  readonly isRejected: (key: DocumentKey) => boolean;
  readonly onNonDeterministic: (id: string) => void;
}

const NON_DETERMINISTIC_WAIT_MS = 3;
/** If a transform drops documents or fails at random, this many calls will probably show it. */
const NON_DETERMINISTIC_CALLS = 10;

export const isDifference = (result: DocumentResult): result is DifferenceKind =>
  result === 'missing' || result === 'stale' || result === 'content' || result === 'extra';

export async function compareDocument(
  replication: Replication,
  pair: Pair,
  { isRejected, onNonDeterministic }: Circumstances,
): Promise<DocumentResult> {
  const { hit, shard, shaped, doc } = pair;
  const rejected = (): boolean => isRejected({ id: hit.id, routing: hit.routing });
  const unlessNonDeterministic = async (result: DocumentResult, how?: Calls): Promise<DocumentResult> => {
    if (!(await changesByItself(replication, hit, shaped, how))) return result;
    onNonDeterministic(hit.id);
    return 'nonDeterministic';
  };
  // A document that is refused, but not saved as rejected, counts as missing: nothing else would report it.
  if (shaped.type === 'refused')
    return await unlessNonDeterministic(rejected() ? 'rejected' : 'missing', AT_ONCE);
  if (shaped.type === 'drop')
    return doc?.found
      ? await unlessNonDeterministic('extra')
      : await unlessNonDeterministic('dropped', ONCE_MORE);
  // Do not wait before the transform is called again: most documents are missing only because they are not
  // copied yet.
  if (!doc?.found) return await unlessNonDeterministic(rejected() ? 'rejected' : 'missing', AT_ONCE);

  if (doc.routing !== hit.routing) return rejected() ? 'rejected' : 'content';
  const origin = originOf(replication, { hit, shard }, doc.version);
  if (origin === undefined) return rejected() ? 'rejected' : 'stale';
  if (await isSame(replication, shaped.source as Buffer, doc.source as Buffer)) return 'equal';
  if (origin !== 'reindex' && origin !== 'copy' && (await saysTheSame(replication, hit, doc, shaped)))
    return 'equal';
  if (origin === 'before') return 'content';
  if (origin === 'reconciled' && rejected()) return 'rejected';
  return await unlessNonDeterministic('content');
}

/**
 * How the follower got a document:
 * - `before`: it had the document when the roles were exchanged.
 * - `reindex`: from `_reindex`, which sets no stamp.
 * - `reconciled`: from a reconciliation of the id, whose version does not show the operation.
 * - `copy`: from a copy of the document's last operation.
 * - `own`: from the writer of that operation, in the follower's shape, or merged with the follower's fields.
 * Such a document has the lowest bit of the version set, and may have more fields than a translation.
 */
type Origin = 'before' | 'reindex' | 'reconciled' | 'copy' | 'own';

function originOf(
  replication: Replication,
  { hit, shard }: Pick<Pair, 'hit' | 'shard'>,
  version: bigint | undefined,
): Origin | undefined {
  const { roleStart, backfilled, epoch } = replication;
  if (hit.seqNo <= (roleStart[shard] ?? -1)) return 'before';
  if (version === undefined) return undefined;
  if (hit.seqNo <= (backfilled[shard] ?? -1) && operationOf(version, epoch) === undefined) return 'reindex';
  if (isReconciled(version) && isOfEpoch(version, epoch)) return 'reconciled';
  const stamp = stampOfHit(replication, hit);
  if (version === stamp) return 'copy';
  return version === stamp + 1n ? 'own' : undefined;
}

/** Whether the version can belong to the present state of the leader's document. */
export const agreesByVersion = (
  replication: Replication,
  pair: Pick<Pair, 'hit' | 'shard'>,
  version: bigint | undefined,
): boolean => originOf(replication, pair, version) !== undefined;

/** Whether the version shows that the follower has this operation. If not, the content is compared. */
export function hasStampOf(
  replication: Replication,
  { hit, shard, doc }: Pick<Pair, 'hit' | 'shard' | 'doc'>,
): boolean {
  if (!doc?.found || doc.routing !== hit.routing || hit.seqNo <= (replication.roleStart[shard] ?? -1))
    return false;
  const stamp = stampOfHit(replication, hit);
  return doc.version === stamp || doc.version === stamp + 1n;
}

export const stampOfHit = ({ epoch }: Replication, { term, seqNo }: Pick<Hit, 'term' | 'seqNo'>): bigint =>
  stampOf(epoch, term, seqNo);

export async function shapeOf(replication: Replication, hit: Hit): Promise<Shaped> {
  return await replication.reshape(hit.source as Buffer, { id: hit.id, routing: hit.routing });
}

export function differingFields(shaped: Shaped, doc: Doc | undefined, limit: number): string[] {
  if (shaped.type !== 'index' || !doc?.source) return [];
  return differingPaths(doc.source, shaped.source as Buffer, limit).map(
    ({ path, before, after }) => `${path}: ${before ?? 'missing'} -> ${after ?? 'missing'}`,
  );
}

interface Calls {
  readonly calls: number;
  readonly waitMs: number;
}

/** Waits before the calls, because most non-deterministic transforms depend on the time. */
const LATER: Calls = { calls: NON_DETERMINISTIC_CALLS, waitMs: NON_DETERMINISTIC_WAIT_MS };
const AT_ONCE: Calls = { calls: NON_DETERMINISTIC_CALLS, waitMs: 0 };
/** Makes only one more call, to save time, because a transform may drop very many documents. */
const ONCE_MORE: Calls = { calls: 1, waitMs: 0 };

/** Whether the transform returns different results for the same document, or drops it or fails only sometimes. */
async function changesByItself(
  replication: Replication,
  hit: Hit,
  once: Shaped,
  { calls, waitMs }: Calls = LATER,
): Promise<boolean> {
  if (replication.reshape === asTheyAre) return false;
  if (waitMs > 0) await sleep(waitMs);
  const again = await Promise.all(Array.from({ length: calls }, () => shapeOf(replication, hit)));
  return again.some((shaped) => !isSameShape(shaped, once));
}

function isSameShape(a: Shaped, b: Shaped): boolean {
  if (a.type !== 'index' || b.type !== 'index') return a.type === b.type;
  return sameContent(a.source as Buffer, b.source as Buffer);
}

/** Whether both documents are the same, as far as both shapes can express it (`protocol/keepRicher.ts`). */
async function saysTheSame(replication: Replication, hit: Hit, doc: Doc, shaped: Shaped): Promise<boolean> {
  const [document, other] = [hit.source as Buffer, doc.source as Buffer];
  const key = { id: hit.id, routing: hit.routing };
  const translation = { there: replication.reshape, back: replication.reshapeBack };
  if (await agrees(document, other, key, translation, shaped)) return true;
  const back = await replication.reshapeBack(other, key);
  return back.type === 'index' && (await isSame(replication, back.source as Buffer, document));
}

/** Vectors that the engine has rounded count as equal; fields that are computed from vectors do not. */
async function isSame({ vectors }: Replication, a: Buffer, b: Buffer): Promise<boolean> {
  return sameContent(a, b) || (await vectors.explain(a, b));
}
