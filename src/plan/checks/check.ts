// The words of checks/: what a check is given and what it says.
import type { Cluster } from '../../cluster/cluster.js';
import type { LiveIndex } from '../../cluster/indices/getIndex.js';
import type { IndexDefinition } from '../../schema/types.js';
import type { JsonObject } from '../../json/jsonTypes.js';

export interface Finding {
  /** Name of the check: `disk-room`. */
  readonly check: string;
  /** `block`: a migration would fail or lose something. `warn`: look at it first. `info`: good to know. */
  readonly level: 'block' | 'warn' | 'info';
  /** What, where, what to do next. */
  readonly message: string;
}

export interface TargetIndex {
  /** `catalogue-v2` */
  readonly index: string;
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
}

export interface CheckContext {
  /** Where the target is, or will be. */
  readonly cluster: Cluster;
  /** Where the source is: the same, unless it is migrated from another cluster. */
  readonly sourceCluster: Cluster;
  readonly definition: IndexDefinition;
  /** Undefined when nothing exists yet. */
  readonly source: LiveIndex | undefined;
  /** The index to be created. Undefined when the live one is changed in place. */
  readonly target: TargetIndex | undefined;
  /** Of the migration that is being resumed: its mark on the target. */
  readonly migrationId?: string | undefined;
}

/** Looks and changes nothing. */
export type Check = (context: CheckContext) => Promise<Finding[]>;
