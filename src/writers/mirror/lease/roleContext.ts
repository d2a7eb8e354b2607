// What a write to both indexes is carried out with.

import type { IndexRouting } from '../../../cluster/indices/indexRouting.js';
import type { WriteFacts } from '../../../cluster/indices/writeFacts.js';
import type { Located, Where } from '../../../cluster/located.js';
import type { Roles } from '../../../protocol/writerRoles.js';
import type { CopyConfirmer } from '../copies/copyConfirmer.js';
import type { FollowerBreaker } from '../copies/followerBreaker.js';
import type { Shapes } from './documentVersions.js';

/** All that a write is carried out with. */
export interface RoleContext {
  readonly roles: Roles;
  readonly shapes: Shapes;
  readonly first: Located;
  readonly second: Located;
  /** Where the first is. */
  readonly firstWhere: Where;
  readonly facts: WriteFacts;
  /** Of the first index. */
  readonly routing: IndexRouting;
  /** Of the second index; undefined while nothing is mirrored, and while that index can't be asked. */
  readonly confirmer: CopyConfirmer | undefined;
  /** Of the second index; undefined while nothing is mirrored. */
  readonly breaker: FollowerBreaker | undefined;
}
