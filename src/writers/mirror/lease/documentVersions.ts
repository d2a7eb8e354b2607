// Which shape a write has, and what becomes of its document on either index.
import type { Reshape } from '../../../protocol/replication.js';
import { asTheyAre, reshapeWith } from '../../../protocol/reshape.js';
import { hasDown, type RunPipeline, transformChain } from '../../../schema/chain.js';
import type { IndexDefinition } from '../../../schema/types.js';
import type { Roles } from '../../../protocol/writerRoles.js';

/** Whose documents a write's document looks like. */
type Form =
  | { readonly type: 'first' }
  /** The first index gets what `toFirst` makes of it. */
  | { readonly type: 'second' }
  | { readonly type: 'unknown'; readonly reason: string };

export interface Shapes {
  /** Documents of both indexes look the same. */
  readonly same: boolean;
  /** A document of the one index can be brought back from the other, so that each may hold more than the other has room for. */
  readonly bothWays: boolean;
  readonly toSecond: Reshape;
  readonly toFirst: Reshape;
  readonly formOf: (version: number | undefined) => Form;
}

type Known = Pick<IndexDefinition, 'name' | 'migrations'>;
type Versions = Pick<Roles, 'firstVersion' | 'secondVersion' | 'unnamedVersion'>;

/** @param hasTransform what the migration's coordinator knows: that documents change on their way */
export function shapesOf(
  definition: Known,
  roles: Versions,
  hasTransform: boolean,
  runPipeline?: RunPipeline,
): Shapes {
  const { firstVersion, secondVersion } = roles;
  const there = transformChain(definition, firstVersion, secondVersion, runPipeline);
  const back = transformChain(definition, secondVersion, firstVersion, runPipeline);
  const same = !there && !back && !hasTransform;
  if (same)
    return {
      same,
      bothWays: false,
      toSecond: asTheyAre,
      toFirst: asTheyAre,
      formOf: () => ({ type: 'first' }),
    };

  const [older, newer] = [Math.min(firstVersion, secondVersion), Math.max(firstVersion, secondVersion)];
  const missing = hasTransform && !transformChain(definition, older, newer);
  const reason =
    `the documents of ${definition.name} change from version ${older} to ${newer}, ` +
    'and the index file of this writer does not say how: give it the file that the migration was begun with';
  const bothWays = !missing && hasDown(definition, newer, older);
  const oneWay = newer === secondVersion && !hasDown(definition, newer, older);
  return {
    same,
    bothWays,
    toSecond: missing ? () => ({ type: 'refused', reason }) : there ? reshapeWith(there) : asTheyAre,
    toFirst: back ? reshapeWith(back) : asTheyAre,
    formOf(version = roles.unnamedVersion) {
      if (version === firstVersion) return { type: 'first' };
      if (version !== secondVersion)
        return {
          type: 'unknown',
          reason: `a write of version ${version}: ${definition.name} is between ${firstVersion} and ${secondVersion}`,
        };
      if (missing) return { type: 'unknown', reason };
      if (oneWay)
        return {
          type: 'unknown',
          reason:
            `a write of version ${newer} can't be made one of version ${older}, which ${definition.name} is written ` +
            `to first: its index file has no \`down\` for it. Write documents of version ${older} until the switch`,
        };
      return { type: 'second' };
    },
  };
}
