// What a write to both indexes is carried out with.

import type { IndexRouting } from '../../../cluster/indices/indexRouting.js';
import type { WriteFacts } from '../../../cluster/indices/writeFacts.js';
import type { IndexRef, ClusterSide } from '../../../cluster/indexRef.js';
import type { Roles } from '../../../protocol/writerRoles.js';
import type { CopyConfirmer } from '../copies/copyConfirmer.js';
import type { FollowerBreaker } from '../copies/followerBreaker.js';
import type { DocumentVersions } from './documentVersions.js';

/** All that a write is carried out with. */
export interface RoleContext {
  readonly roles: Roles;
  readonly shapes: DocumentVersions;
  readonly leader: IndexRef;
  readonly follower: IndexRef;
  /** Where the leader is. */
  readonly leaderSide: ClusterSide;
  readonly facts: WriteFacts;
  /** Of the leader. */
  readonly routing: IndexRouting;
  /** Of the follower; undefined while nothing is mirrored, and while that index can't be asked. */
  readonly confirmer: CopyConfirmer | undefined;
  /** Of the follower; undefined while nothing is mirrored. */
  readonly breaker: FollowerBreaker | undefined;
}
