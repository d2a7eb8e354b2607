// How a mirror is set up, and what it tells of itself.
import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterSide } from '../../cluster/indexRef.js';
import type { WriterMigration } from '../../journal/writerDocuments.js';
import type { IndexDefinition } from '../../schema/types.js';
import type { CopyLimits } from './copies/copies.js';
import type { BreakerLimits } from './copies/followerBreaker.js';

export interface MirrorOptions {
  /** Ours: the journal, the ledger and the follower are written with its credentials. */
  readonly cluster: Cluster;
  readonly definitions: readonly IndexDefinition[];
  readonly type: 'gateway' | 'client';
  /** Where requests go that are about none of the definitions, where indexes come from another cluster: to that one (default). */
  readonly others?: ClusterSide | undefined;
  /** 10,000 */
  readonly leaseMs?: number | undefined;
  /** How long a client waits for the copy of its write. */
  readonly copyLimits?: Partial<CopyLimits> | undefined;
  /** When the index that follows counts as away (10 s without an answer), and how often it is probed then (every second). */
  readonly breakerLimits?: Partial<BreakerLimits> | undefined;
  /** How long a write waits while its index holds, ms (30,000), and while the lease has run out (10,000). */
  readonly holdMs?: number | undefined;
  readonly leaseExpiredMs?: number | undefined;
  /** One line for whoever operates it; the same one at most every ten seconds. */
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
