// From which index to which, and in which shape: the roles of a migration as its record has them, under its token. For its
// coordinator, and for workers.
import type { Cluster } from '../../../cluster/cluster.js';
import {
  type Direction,
  openDirection,
  type Reshape,
  type Tally,
  type Truth,
} from '../../../protocol/replication.js';
import { pipelinesOf } from '../../../protocol/pipelines.js';
import { asTheyAre, reshapeWith } from '../../../protocol/reshape.js';
import { feedAlias } from '../../../protocol/names.js';
import { firstOf, secondOf } from '../../../protocol/places.js';
import { backfilledUpTo, type MigrationRecord } from '../../../protocol/record.js';
import { stepsBetween } from '../../../plan/rollbackLoss.js';
import { stampsBegin } from '../../../protocol/ingestedVersion.js';
import { transformChain } from '../../../schema/chain.js';
import type { IndexDefinition } from '../../../schema/types.js';

/** A transform of each way; undefined where documents stay as they are. */
export interface Shapes {
  readonly up: Reshape | undefined;
  readonly down: Reshape | undefined;
  /** The ingest pipeline that is all of `up`. */
  readonly pipeline?: string | undefined;
}

export function shapesOf(
  cluster: Cluster,
  definition: IndexDefinition,
  { source, target }: MigrationRecord,
): Shapes {
  const run = pipelinesOf(cluster);
  const up = transformChain(definition, source.version, target.version, run);
  const down = transformChain(definition, target.version, source.version, run);
  const ups = stepsBetween(definition, source.version).flatMap((step) => step.up ?? []);
  const pipeline = ups.length === 1 && typeof ups[0] === 'object' ? ups[0].pipeline : undefined;
  return { up: up && reshapeWith(up), down: down && reshapeWith(down), pipeline };
}

export async function openRoles(
  cluster: Cluster,
  record: MigrationRecord,
  shapes: Shapes,
  tally: Tally,
): Promise<Direction> {
  const forth = record.first === 'source';
  tally.routed ||= record.routed;
  const up = shapes.up ?? asTheyAre;
  const down = shapes.down ?? asTheyAre;
  return await openDirection({
    first: firstOf(cluster, record),
    second: secondOf(cluster, record),
    feed: feedAlias(record.name, record.token),
    epoch: record.epoch,
    reshape: forth ? up : down,
    reshapeBack: forth ? down : up,
    roleStart: record.roleStart,
    backfilled: backfilledUpTo(record),
    truth: truthOf(record),
    tally,
  });
}

function truthOf({ reingest, first }: MigrationRecord): Truth | undefined {
  if (!reingest) return undefined;
  return {
    forth: first === 'source',
    firstStamp: stampsBegin(reingest.epoch),
    switchedAt: reingest.switchedAt ?? undefined,
    prune: reingest.prune,
  };
}
