// The follower's document that belongs to the leader's document as it was just read.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import type { Doc } from '../../../documents/hits.js';
import { shardOf } from '../../../protocol/shardOf.js';
import { isOfEpoch, stampOf } from '../../../protocol/stamp.js';
import { TwindexError } from '../../../errors.js';
import type { RoleContext } from '../lease/roleContext.js';
import { holdsMore } from './preparedWrite.js';
import type { MirrorContext } from '../mirrorContext.js';

export type CopyRead =
  | {
      readonly type: 'there';
      readonly source: Buffer;
      /** It may hold more than can be made of the leader's document: it was not written by following. */
      readonly mayBeRicher: boolean;
    }
  /** The follower does not have that operation yet, or will never have it. */
  | { readonly type: 'behind' }
  /** The follower has a newer operation: the leader's document has changed since it was read. */
  | { readonly type: 'newer' };

const LOOK_MS = 20;
/** A copy takes milliseconds. One of a document that nobody has copied yet is not worth a long wait. */
const UNREAD_WAIT_MS = 500;
/** Once readers are on the follower, whatever was acknowledged is there: only what is under way is waited for. */
const READ_WAIT_MS = 2_000;

/** So long the follower may take to answer for a document, since a client's update waits for it. */
const SILENT_WAIT_MS = 2_000;

/**
 * By its stamp, it belongs to the same operation, or neither has changed since the roles were exchanged. Its copy may be on its
 * way still, so this waits a moment for it.
 * @param doc of the leader, found
 * @param isExpected false where there may be no such document on the follower: nothing is waited for then
 * @throws TwindexError when the follower can't be read, or does not answer, and holds what the leader has no room for
 */
export async function readCopy(
  mirror: Pick<MirrorContext, 'reader'>,
  doc: Pick<Doc, 'seqNo' | 'term'>,
  key: DocumentKey,
  context: RoleContext,
  isExpected: boolean,
): Promise<CopyRead> {
  const { roles, breaker } = context;
  try {
    if (breaker?.away)
      throw new TwindexError('unanswered', `${roles.follower} is away (${breaker.away.reason})`);
    return await readUntilThere(mirror, doc, key, context, isExpected);
  } catch (error) {
    if (holdsMore(roles)) throw error;
    return { type: 'behind' };
  }
}

async function readUntilThere(
  { reader }: Pick<MirrorContext, 'reader'>,
  doc: Pick<Doc, 'seqNo' | 'term'>,
  key: DocumentKey,
  { roles, routing, follower }: RoleContext,
  isExpected: boolean,
): Promise<CopyRead> {
  const stamp = stampOf(roles.epoch, doc.term, doc.seqNo);
  const shard = shardOf(key, routing);
  const wasEqual = doc.seqNo <= (roles.roleStart[shard] ?? -1);
  const isOld = doc.seqNo <= (roles.backfilled[shard] ?? -1);
  const mayCome = isExpected && !wasEqual && !isOld && roles.mirrorAlias !== undefined;
  const waitMs = roles.followerIsRead ? READ_WAIT_MS : UNREAD_WAIT_MS;
  const deadline = performance.now() + (mayCome ? waitMs : 0);
  for (;;) {
    const { found, source, version = 0n } = await reader.read(follower, key, SILENT_WAIT_MS);
    if (found && source && (version === stamp || version === stamp + 1n || wasEqual))
      return { type: 'there', source, mayBeRicher: version !== stamp };
    // `_reindex` has made it of this very state, and has given it a version that says nothing.
    if (found && source && isOld && !roles.isReingested && !isOfEpoch(version, roles.epoch))
      return { type: 'there', source, mayBeRicher: false };
    if (found && version > stamp + 1n) return { type: 'newer' };
    if (performance.now() >= deadline) return { type: 'behind' };
    await sleep(LOOK_MS);
  }
}
