// The options of a mirror, and its metrics.
import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterSide } from '../../cluster/indexRef.js';
import type { WriterMigration } from '../../journal/writerDocuments.js';
import type { IndexDefinition } from '../../schema/types.js';
import type { CopyLimits } from './copies/copies.js';
import type { BreakerLimits } from './copies/followerBreaker.js';

export interface MirrorOptions {
  /** The journal, the ledger and the follower are written with this cluster's credentials. */
  readonly cluster: Cluster;
  readonly definitions: readonly IndexDefinition[];
  readonly type: 'gateway' | 'client';
  /** The cluster for requests that concern none of the managed indexes. Default: the source's cluster, if there is one. */
  readonly others?: ClusterSide | undefined;
  /** Default: 10,000 */
  readonly leaseMs?: number | undefined;
  /** How long a client waits for the copy of its write. */
  readonly copyLimits?: Partial<CopyLimits> | undefined;
  /** When the follower counts as away (10 s without an answer), and how often it is probed then (every second). */
  readonly breakerLimits?: Partial<BreakerLimits> | undefined;
  /** How long a write waits in ms while its index holds (30,000), and while the lease has expired (10,000). */
  readonly holdMs?: number | undefined;
  readonly leaseExpiredMs?: number | undefined;
  /** Called with one line for the operator; the same line at most every ten seconds. */
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
}
