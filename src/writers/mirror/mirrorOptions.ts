// The options of a `Mirror`, and its metrics.
import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterSide } from '../../cluster/indexRef.js';
import type { WriterMigration } from '../../journal/writerDocuments.js';
import type { DurationCounts } from '../../metrics/durationCounts.js';
import type { IndexDefinition } from '../../schema/types.js';
import type { CopyLimits } from './copies/copies.js';
import type { BreakerLimits } from './copies/followerBreaker.js';
import type { Holding } from './lease/holdTimes.js';

export interface MirrorOptions {
  /** Has twindex's own credentials, which are used for the journal, the ledger and the follower. */
  readonly cluster: Cluster;
  readonly definitions: readonly IndexDefinition[];
  readonly type: 'gateway' | 'client';
  /** The cluster for requests to indexes without an index file. Default: the source's, if there are two. */
  readonly others?: ClusterSide | undefined;
  /** Default: 10,000. */
  readonly leaseMs?: number | undefined;
  readonly copyLimits?: Partial<CopyLimits> | undefined;
  /** By default no copies are sent after 10 s without an answer, and the follower is probed every second. */
  readonly breakerLimits?: Partial<BreakerLimits> | undefined;
  /** How long a write waits for the end of a hold. Default: 30,000. */
  readonly holdMs?: number | undefined;
  /** How long a write waits while the lease has expired. Default: 10,000. */
  readonly leaseExpiredMs?: number | undefined;
  /** Receives a line for the operator. A repeated line is passed on at most every ten seconds. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

export interface MirrorMetrics {
  readonly leaseIsValid: boolean;
  readonly copiesPending: number;
  readonly indexes: Readonly<Record<string, IndexMetrics>>;
}

interface IndexMetrics extends Omit<WriterMigration, 'holds' | 'awaitsCopies' | 'readers' | 'moves'> {
  readonly phase: 'idle' | 'unprepared' | 'hold' | 'write';
  readonly inFlight: number;
  readonly holding: Holding;
  /** The time from the leader's answer to a write until its copy has ended. */
  readonly copyDurations: DurationCounts;
}
