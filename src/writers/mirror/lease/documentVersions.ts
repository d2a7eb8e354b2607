// Decides which shape a write has, and translates its document for either index.
import type { Reshape } from '../../../protocol/replication.js';
import { asTheyAre, reshapeWith } from '../../../protocol/reshape.js';
import { hasDown, type RunPipeline, transformChain } from '../../../schema/chain.js';
import type { IndexDefinition } from '../../../schema/types.js';
import type { Roles } from '../../../protocol/writerRoles.js';

/** The index whose shape a document has. */
type Form =
  | { readonly type: 'leader' }
  | { readonly type: 'follower' }
  | { readonly type: 'unknown'; readonly reason: string };

export interface DocumentVersions {
  readonly same: boolean;
  /** True if documents can be translated both ways. Each index may have fields that the other lacks. */
  readonly bothWays: boolean;
  readonly toFollower: Reshape;
  readonly toLeader: Reshape;
  readonly versionOf: (version: number | undefined) => Form;
}

type Known = Pick<IndexDefinition, 'name' | 'migrations'>;
type Versions = Pick<Roles, 'leaderVersion' | 'followerVersion' | 'unnamedVersion'>;

/** @param hasTransform whether the migration changes documents, as its coordinator has recorded */
export function documentVersionsOf(
  definition: Known,
  roles: Versions,
  hasTransform: boolean,
  runPipeline?: RunPipeline,
): DocumentVersions {
  const { leaderVersion, followerVersion } = roles;
  const there = transformChain(definition, leaderVersion, followerVersion, runPipeline);
  const back = transformChain(definition, followerVersion, leaderVersion, runPipeline);
  const same = !there && !back && !hasTransform;
  if (same)
    return {
      same,
      bothWays: false,
      toFollower: asTheyAre,
      toLeader: asTheyAre,
      versionOf: () => ({ type: 'leader' }),
    };

  const [older, newer] = [Math.min(leaderVersion, followerVersion), Math.max(leaderVersion, followerVersion)];
  const missing = hasTransform && !transformChain(definition, older, newer);
  const reason =
    `the documents of ${definition.name} change from version ${older} to ${newer}, ` +
    'and the index file of this writer does not say how: use the file that the migration was started with';
  const bothWays = !missing && hasDown(definition, newer, older);
  const oneWay = newer === followerVersion && !hasDown(definition, newer, older);
  return {
    same,
    bothWays,
    toFollower: missing ? () => ({ type: 'refused', reason }) : there ? reshapeWith(there) : asTheyAre,
    toLeader: back ? reshapeWith(back) : asTheyAre,
    versionOf(version = roles.unnamedVersion) {
      if (version === leaderVersion) return { type: 'leader' };
      if (version !== followerVersion)
        return {
          type: 'unknown',
          reason: `this document has version ${version}, but ${definition.name} has versions ${leaderVersion} and ${followerVersion} now`,
        };
      if (missing) return { type: 'unknown', reason };
      if (oneWay)
        return {
          type: 'unknown',
          reason:
            `a document of version ${newer} can't be stored in version ${older} of ${definition.name}, because the index file has ` +
            `no \`down\` that converts it. Write documents of version ${older} until the switch`,
        };
      return { type: 'follower' };
    },
  };
}
