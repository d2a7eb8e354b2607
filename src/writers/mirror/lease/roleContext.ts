// The type of what a write to both indexes uses: the roles, the indexes, and services such as the breaker.
import type { IndexRouting } from '../../../cluster/indices/indexRouting.js';
import type { WriteFacts } from '../../../cluster/indices/writeFacts.js';
import type { IndexRef, ClusterSide } from '../../../cluster/indexRef.js';
import type { Roles } from '../../../protocol/writerRoles.js';
import type { CopyConfirmer } from '../copies/copyConfirmer.js';
import type { FollowerBreaker } from '../copies/followerBreaker.js';
import type { DocumentVersions } from './documentVersions.js';

export interface RoleContext {
  readonly roles: Roles;
  readonly shapes: DocumentVersions;
  readonly leader: IndexRef;
  readonly follower: IndexRef;
  readonly leaderSide: ClusterSide;
  readonly facts: WriteFacts;
  /** How the leader routes documents to its shards. */
  readonly routing: IndexRouting;
  /** Undefined while writes are not copied, or if the follower did not answer. */
  readonly confirmer: CopyConfirmer | undefined;
  readonly breaker: FollowerBreaker | undefined;
}
