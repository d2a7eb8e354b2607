// The types of the preflight checks: the input of a check, and its findings.
import type { Cluster } from '../../cluster/cluster.js';
import type { LiveIndex } from '../../cluster/indices/getIndex.js';
import type { Schema } from '../../schema/diff.js';
import type { IndexDefinition } from '../../schema/types.js';
import type { JsonObject } from '../../json/jsonTypes.js';

export interface Finding {
  readonly check: string;
  /**
   * `block`: the migration would fail or lose data. `warn`: look at this before the migration. `info`: a
   * remark.
   */
  readonly level: 'block' | 'warn' | 'info';
  readonly message: string;
}

export interface TargetIndex {
  /** For example `catalogue-v2`. */
  readonly index: string;
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
}

export interface CheckContext {
  /** The cluster that has, or will have, the new index. */
  readonly cluster: Cluster;
  /** The cluster of the source. The same object as `cluster`, unless the index moves to another cluster. */
  readonly sourceCluster: Cluster;
  readonly definition: IndexDefinition;
  /** The declared schema, completed with the parts of the live index that the index file does not mention. */
  readonly schema: Schema;
  readonly source: LiveIndex | undefined;
  /** The index to be created; undefined if the live index is changed in place. */
  readonly target: TargetIndex | undefined;
  /** The id of the migration that is resumed, which is also in its target's `_meta`; undefined for a new one. */
  readonly migrationId?: string | undefined;
}

export type Check = (context: CheckContext) => Promise<Finding[]>;
