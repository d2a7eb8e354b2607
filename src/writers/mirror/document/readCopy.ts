// Reads the document of the follower that corresponds to a document of the leader.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import type { Doc } from '../../../documents/hits.js';
import { shardOf } from '../../../protocol/shardOf.js';
import { isOfEpoch, stampOf } from '../../../protocol/stamp.js';
import { TwindexError } from '../../../errors.js';
import type { RoleContext } from '../lease/roleContext.js';
import { followerIsRicher } from './preparedWrite.js';
import type { MirrorContext } from '../mirrorContext.js';

export type CopyRead =
  | {
      readonly type: 'there';
      readonly source: Buffer;
      /** True if the copy may have more fields than a translation of the leader's document. */
      readonly mayBeRicher: boolean;
    }
  /** The follower does not have the leader's operation yet, or will never have it. */
  | { readonly type: 'behind' }
  /** The follower has a newer operation, so the leader's document has changed since it was read. */
  | { readonly type: 'newer' };

const LOOK_MS = 20;
/** A writer's copy takes milliseconds. If there is none after this time, waiting longer does not help. */
const UNREAD_WAIT_MS = 500;
/** If readers are on the follower, it has each acknowledged write. Only copies in flight can be missing. */
const READ_WAIT_MS = 2_000;

/** Limit for the follower's answer, since a client waits for this read. */
const SILENT_WAIT_MS = 2_000;

/**
 * Reads the follower's document, and waits a moment if its copy may be in flight. The document corresponds to
 * the leader's if its stamp stands for the same operation, or if neither document has changed since the roles
 * were exchanged.
 * @param isExpected false if the follower may lack the document; then there is no wait
 * @throws TwindexError if the follower cannot be read, and may have fields for which the leader has no place
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
    if (followerIsRicher(roles)) throw error;
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
    // `_reindex` has copied this operation, but has given the copy a version that is no stamp
    if (found && source && isOld && !roles.isReingested && !isOfEpoch(version, roles.epoch))
      return { type: 'there', source, mayBeRicher: false };
    if (found && version > stamp + 1n) return { type: 'newer' };
    if (performance.now() >= deadline) return { type: 'behind' };
    await sleep(LOOK_MS);
  }
}
