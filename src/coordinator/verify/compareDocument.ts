// Whether the follower has what it should have of one document of the leader. The one judgement of every verification.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication, Shaped } from '../../protocol/replication.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { differingPaths, sameContent } from '../../json/json.js';
import { agrees } from '../../protocol/keepRicher.js';
import { asTheyAre } from '../../protocol/reshape.js';
import { isOfEpoch, isReconciled, operationOf, stampOf } from '../../protocol/stamp.js';

/** `stale`: the version is not that of the document's last operation. `extra`: the follower should not have it. */
export type DifferenceKind = 'missing' | 'stale' | 'content' | 'extra';
/**
 * `rejected`, `dropped`: it is not on the follower as it is on the leader, and rightly. `nonDeterministic`: the transform makes
 * something else of it each time, so there is nothing to compare it with, and nobody can say that it is equal.
 */
export type DocumentResult = DifferenceKind | 'equal' | 'rejected' | 'dropped' | 'nonDeterministic';

export interface Pair {
  /** With its source. */
  readonly hit: Hit;
  /** Of the leader. */
  readonly shard: number;
  /** What the document of the leader should be on the follower. */
  readonly shaped: Shaped;
  /** The follower's document, with its source. */
  readonly doc: Doc | undefined;
}

export interface Circumstances {
  /** Documents that are reported as rejected ones, and so are no differences. */
  readonly isRejected: (key: DocumentKey) => boolean;
  /** The transform makes something else of this document each time: there is nothing to compare it with. */
  readonly onNonDeterministic: (id: string) => void;
}

const WHIM_MS = 3;
/** A transform that drops or fails now and then does so in some of so many calls. */
const WHIM_CALLS = 10;

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
  // refused, and nobody has kept it: it is missing, and nobody would say so
  if (shaped.type === 'refused')
    return await unlessNonDeterministic(rejected() ? 'rejected' : 'missing', AT_ONCE);
  if (shaped.type === 'drop')
    return doc?.found
      ? await unlessNonDeterministic('extra')
      : await unlessNonDeterministic('dropped', ONCE_MORE);
  // Many are missing only because they are not there yet: these must not wait.
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
 * How a document came to the follower:
 * - `before`: it was there when these roles began.
 * - `reindex`: by `_reindex`, which gives no stamp.
 * - `reconciled`: it was brought by its id, with a version that says nothing of the operation.
 * - `copy`: as a copy of the document's last operation.
 * - `own`: from the writer of that operation (the lowest bit of the version), or with fields that were kept, so that it may hold more
 *   than can be made of the leader's document.
 */
type Origin = 'before' | 'reindex' | 'reconciled' | 'copy' | 'own';

/** @returns undefined when its version is that of another operation */
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

/** Whether the version of the follower's document allows it to be a state of the leader's document as it is now. */
export const agreesByVersion = (
  replication: Replication,
  pair: Pick<Pair, 'hit' | 'shard'>,
  version: bigint | undefined,
): boolean => originOf(replication, pair, version) !== undefined;

/**
 * By versions alone: the follower has this very operation. False where nothing can be said so: content has to be
 * compared then.
 */
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

/** The first fields that differ, as `path: of the follower -> as it should be`. */
export function differingFields(shaped: Shaped, doc: Doc | undefined, limit: number): string[] {
  if (shaped.type !== 'index' || !doc?.source) return [];
  return differingPaths(doc.source, shaped.source as Buffer, limit).map(
    ({ path, before, after }) => `${path}: ${before ?? 'missing'} -> ${after ?? 'missing'}`,
  );
}

interface Calls {
  readonly calls: number;
  /** Before them. */
  readonly waitMs: number;
}

/** The time of day is what such transforms mostly look at. */
const LATER: Calls = { calls: WHIM_CALLS, waitMs: WHIM_MS };
const AT_ONCE: Calls = { calls: WHIM_CALLS, waitMs: 0 };
/** For each of the documents that a transform drops, of which there may be as many as there are documents. */
const ONCE_MORE: Calls = { calls: 1, waitMs: 0 };

/** The transform makes something else of the document, drops it or fails, in some calls and not in others. */
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

/** Both say the same, as far as either shape can say it (`follow/keepRicher.ts`). */
async function saysTheSame(replication: Replication, hit: Hit, doc: Doc, shaped: Shaped): Promise<boolean> {
  const [document, other] = [hit.source as Buffer, doc.source as Buffer];
  const key = { id: hit.id, routing: hit.routing };
  const translation = { there: replication.reshape, back: replication.reshapeBack };
  if (await agrees(document, other, key, translation, shaped)) return true;
  const back = await replication.reshapeBack(other, key);
  return back.type === 'index' && (await isSame(replication, back.source as Buffer, document));
}

/** Where a transform has looked at a rounded vector, the rest may differ by what it made of the rounding: that is a difference. */
async function isSame({ vectors }: Replication, a: Buffer, b: Buffer): Promise<boolean> {
  return sameContent(a, b) || (await vectors.explain(a, b));
}
