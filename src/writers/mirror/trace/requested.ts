// Describes requests to the engine for their spans.
import type { Ready } from '../bulk/sentBulk.js';
import type { RoleContext } from '../lease/roleContext.js';
import type { Requested } from './writeTrace.js';

export function leaderOf({ roles, leader: { cluster } }: RoleContext): Requested {
  return { role: 'leader', migrations: [roles.name], indexes: [roles.leader], cluster };
}

export function followerOf({ roles, follower: { cluster } }: RoleContext): Requested {
  return { role: 'follower', migrations: [roles.name], indexes: [roles.follower], cluster };
}

/** A bulk may write to several managed indexes, and to others as well. */
export function leadersOf(ready: readonly Ready[]): Requested {
  const contexts = new Map<string, RoleContext>();
  const indexes = new Set<string>();
  for (const { prepared, planned } of ready) {
    if (prepared) contexts.set(prepared.context.roles.name, prepared.context);
    const index = prepared?.context.roles.leader ?? (planned.type === 'foreign' ? planned.index : undefined);
    if (index !== undefined) indexes.add(index);
  }
  const [context] = contexts.values();
  return {
    ...(context && { role: 'leader', cluster: context.leader.cluster }),
    migrations: [...contexts.keys()],
    indexes: [...indexes],
    operations: ready.length,
  };
}
