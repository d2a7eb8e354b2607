// Whether the second index has what it should have of one document of the first. The one judgement of every verification.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentKey } from '../cluster/operations/multiGet.js';
import type { Direction, Reshape, Shaped } from '../follow/direction.js';
import type { Doc, Hit } from '../follow/hits.js';
import { differingPaths, sameContent } from '../follow/json.js';
import { asTheyAre } from '../follow/reshape.js';
import { isOfEpoch, isReconciled, operationOf, stampOf } from '../follow/stamp.js';

/** `stale`: the version is not that of the document's last operation. `extra`: the second index should not have it. */
export type DifferenceKind = 'missing' | 'stale' | 'content' | 'extra';
/** `rejected`, `dropped`: it is not on the second index as it is on the first, and rightly. */
export type Verdict = DifferenceKind | 'equal' | 'rejected' | 'dropped';

export interface Pair {
  /** With its source. */
  readonly hit: Hit;
  /** Of the first index. */
  readonly shard: number;
  /** What the document of the first index should be on the second. */
  readonly shaped: Shaped;
  /** The second index's document, with its source. */
  readonly doc: Doc | undefined;
}

export interface Circumstances {
  /** Documents that are reported as rejected ones, and so are no differences. */
  readonly isRejected: (key: DocumentKey) => boolean;
  /** The transform makes something else of this document each time: there is nothing to compare it with. */
  readonly onWhim: (id: string) => void;
}

const WHIM_MS = 3;

export const isDifference = (verdict: Verdict): verdict is DifferenceKind =>
  verdict !== 'equal' && verdict !== 'rejected' && verdict !== 'dropped';

export async function judge(
  direction: Direction,
  pair: Pair,
  { isRejected, onWhim }: Circumstances,
): Promise<Verdict> {
  const { reshapeBack, roleStart, backfilled, epoch } = direction;
  const { hit, shard, shaped, doc } = pair;
  const rejected = (): boolean => isRejected({ id: hit.id, routing: hit.routing });
  if (shaped.type === 'refused') return 'rejected'; // kept and shown as a rejected document
  if (shaped.type === 'drop') return doc?.found ? 'extra' : 'dropped';
  if (!doc?.found) return rejected() ? 'rejected' : 'missing';

  if (doc.routing !== hit.routing) return rejected() ? 'rejected' : 'content';
  const same = sameContent(shaped.source as Buffer, doc.source as Buffer);
  if (hit.seqNo <= (roleStart[shard] ?? -1))
    return same || (await becomes(reshapeBack, doc, hit)) ? 'equal' : 'content';
  const isWhim = async (): Promise<boolean> => {
    const whim = await changesByItself(direction, hit, shaped.source as Buffer);
    if (whim) onWhim(hit.id);
    return whim;
  };
  // it came by `_reindex`: there is no stamp to compare
  if (hit.seqNo <= (backfilled[shard] ?? -1) && operationOf(doc.version as bigint, epoch) === undefined)
    return same || (await isWhim()) ? 'equal' : 'content';
  // it was brought by its id, with a version that says nothing of the operation
  if (isReconciled(doc.version as bigint) && isOfEpoch(doc.version as bigint, epoch)) {
    if (same || (await becomes(reshapeBack, doc, hit)) || (await isWhim())) return 'equal';
    return rejected() ? 'rejected' : 'content';
  }
  const stamp = stampOfHit(direction, hit);
  if (doc.version !== stamp && doc.version !== stamp + 1n) return rejected() ? 'rejected' : 'stale';
  if (same) return 'equal';
  // the lowest bit: its writer gave it in the second index's own shape, and the first has what was made of it
  const own = doc.version === stamp + 1n && (await becomes(reshapeBack, doc, hit));
  return own || (await isWhim()) ? 'equal' : 'content';
}

/**
 * By versions alone: the second index has this very operation. False where nothing can be said so: content has to be
 * compared then.
 */
export function hasStampOf(
  direction: Direction,
  { hit, shard, doc }: Pick<Pair, 'hit' | 'shard' | 'doc'>,
): boolean {
  if (!doc?.found || doc.routing !== hit.routing || hit.seqNo <= (direction.roleStart[shard] ?? -1))
    return false;
  const stamp = stampOfHit(direction, hit);
  return doc.version === stamp || doc.version === stamp + 1n;
}

export const stampOfHit = ({ epoch }: Direction, { term, seqNo }: Pick<Hit, 'term' | 'seqNo'>): bigint =>
  stampOf(epoch, term, seqNo);

export async function shapeOf(direction: Direction, hit: Hit): Promise<Shaped> {
  return await direction.reshape(hit.source as Buffer, { id: hit.id, routing: hit.routing });
}

/** The first fields that differ, as `path: of the second index -> as it should be`. */
export function differingFields(shaped: Shaped, doc: Doc | undefined, limit: number): string[] {
  if (shaped.type !== 'index' || !doc?.source) return [];
  return differingPaths(doc.source, shaped.source as Buffer, limit).map(
    ({ path, before, after }) => `${path}: ${before ?? 'missing'} -> ${after ?? 'missing'}`,
  );
}

/** The transform makes something else of the document each time. */
async function changesByItself(direction: Direction, hit: Hit, once: Buffer): Promise<boolean> {
  if (direction.reshape === asTheyAre) return false;
  await sleep(WHIM_MS); // the time of day is what such transforms mostly look at
  const again = await shapeOf(direction, hit);
  return !(again.type === 'index' && sameContent(again.source as Buffer, once));
}

async function becomes(reshape: Reshape, doc: Doc, hit: Hit): Promise<boolean> {
  const back = await reshape(doc.source as Buffer, { id: doc.id, routing: doc.routing });
  return back.type === 'index' && sameContent(back.source as Buffer, hit.source as Buffer);
}
