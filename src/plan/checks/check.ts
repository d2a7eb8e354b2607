// The types of the preflight checks: their context and their findings.
import type { Cluster } from '../../cluster/cluster.js';
import type { LiveIndex } from '../../cluster/indices/getIndex.js';
import type { Schema } from '../../schema/diff.js';
import type { IndexDefinition } from '../../schema/types.js';
import type { JsonObject } from '../../json/jsonTypes.js';

export interface Finding {
  /** The name of the check, for example `disk-room`. */
  readonly check: string;
  /** `block`: a migration would fail or lose data. `warn`: check it before migrating. `info`: a remark. */
  readonly level: 'block' | 'warn' | 'info';
  /** The finding, the place, and the next step for the user. */
  readonly message: string;
}

export interface TargetIndex {
  /** For example `catalogue-v2`. */
  readonly index: string;
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
}

export interface CheckContext {
  /** The cluster that has, or will have, the target. */
  readonly cluster: Cluster;
  /** The cluster of the source: the same, unless the index is migrated from another cluster. */
  readonly sourceCluster: Cluster;
  readonly definition: IndexDefinition;
  /** The declared schema with the parts of the live index that are kept. */
  readonly schema: Schema;
  /** Undefined if nothing exists yet. */
  readonly source: LiveIndex | undefined;
  /** The index to be created; undefined if the live index is changed in place. */
  readonly target: TargetIndex | undefined;
  /** The id of the migration that is being resumed; the target is marked with it. */
  readonly migrationId?: string | undefined;
}

/** Reads the cluster and never changes it. */
export type Check = (context: CheckContext) => Promise<Finding[]>;
