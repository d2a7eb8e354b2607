// The types of the preflight checks: their context and their findings.
import type { Cluster } from '../../cluster/cluster.js';
import type { LiveIndex } from '../../cluster/indices/getIndex.js';
import type { Schema } from '../../schema/diff.js';
import type { IndexDefinition } from '../../schema/types.js';
import type { JsonObject } from '../../json/jsonTypes.js';

export interface Finding {
  /** The name of the check: `disk-room`. */
  readonly check: string;
  /** `block`: a migration would fail or lose something. `warn`: worth a look before migrating. `info`: good to know. */
  readonly level: 'block' | 'warn' | 'info';
  /** The finding, the place, and the next step for the user. */
  readonly message: string;
}

export interface TargetIndex {
  /** `catalogue-v2` */
  readonly index: string;
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
}

export interface CheckContext {
  /** The cluster of the target, even before the target exists. */
  readonly cluster: Cluster;
  /** The cluster of the source: the same, unless the index is migrated from another cluster. */
  readonly sourceCluster: Cluster;
  readonly definition: IndexDefinition;
  /** What is declared, and the parts of the live index that are kept. */
  readonly schema: Schema;
  /** Undefined when nothing exists yet. */
  readonly source: LiveIndex | undefined;
  /** The index to be created. Undefined when the live one is changed in place. */
  readonly target: TargetIndex | undefined;
  /** The migration that is being resumed; the target is marked with its id. */
  readonly migrationId?: string | undefined;
}

/** A check only reads. */
export type Check = (context: CheckContext) => Promise<Finding[]>;
