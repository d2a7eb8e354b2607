// Opens the replication that a migration's record describes, for its coordinator and its workers.
import type { Cluster } from '../../../cluster/cluster.js';
import {
  type Replication,
  createReplication,
  type Reshape,
  type Tally,
  type SourceOfTruth,
} from '../../../protocol/replication.js';
import { pipelinesOf } from '../../../protocol/pipelines.js';
import { asTheyAre, reshapeWith } from '../../../protocol/reshape.js';
import { feedAlias } from '../../../protocol/names.js';
import { leaderOf, followerOf } from '../../../protocol/clusterSides.js';
import { backfilledUpTo, type MigrationRecord } from '../../../protocol/record.js';
import { stepsBetween } from '../../../plan/rollbackLoss.js';
import { stampsBegin } from '../../../protocol/ingestedVersion.js';
import { transformChain } from '../../../schema/chain.js';
import type { IndexDefinition } from '../../../schema/types.js';

/** The transforms between the two shapes; undefined if documents stay as they are. */
export interface Shapes {
  readonly up: Reshape | undefined;
  readonly down: Reshape | undefined;
  /** The ingest pipeline, if `up` consists of this pipeline alone. */
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

export async function openReplication(
  cluster: Cluster,
  record: MigrationRecord,
  shapes: Shapes,
  tally: Tally,
): Promise<Replication> {
  const isForward = record.leader === 'source';
  tally.routed ||= record.routed;
  const up = shapes.up ?? asTheyAre;
  const down = shapes.down ?? asTheyAre;
  return await createReplication({
    leader: leaderOf(cluster, record),
    follower: followerOf(cluster, record),
    feed: feedAlias(record.name, record.token),
    epoch: record.epoch,
    reshape: isForward ? up : down,
    reshapeBack: isForward ? down : up,
    roleStart: record.roleStart,
    backfilled: backfilledUpTo(record),
    sourceOfTruth: sourceOfTruthOf(record),
    tally,
  });
}

function sourceOfTruthOf({ reingest, leader }: MigrationRecord): SourceOfTruth | undefined {
  if (!reingest) return undefined;
  return {
    isForward: leader === 'source',
    firstStamp: stampsBegin(reingest.epoch),
    switchedAt: reingest.switchedAt ?? undefined,
    prune: reingest.prune,
  };
}
