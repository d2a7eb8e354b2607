// Reads which index a write alias points to while no migration runs. The answer is used for two seconds only,
// since anybody may change aliases.
import type { Cluster } from '../../../cluster/cluster.js';
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { getIndexes } from '../../../cluster/indices/getIndex.js';
import { listAliases } from '../../../cluster/indices/listAliases.js';
import { liveVersion } from '../../../protocol/indexVersion.js';
import type { IndexDefinition } from '../../../schema/types.js';

export const FACTS_AGE_MS = 2_000;

export interface LiveVersion {
  readonly index: string;
  readonly version: number;
}

export class LiveIndex {
  readonly #cluster: Cluster;
  readonly #definition: IndexDefinition;
  #read: { readonly value: LiveVersion | undefined; readonly at: number } | undefined;
  #side: ClusterSide;
  #sideReadAt = Number.NEGATIVE_INFINITY;

  constructor(cluster: Cluster, definition: IndexDefinition) {
    this.#cluster = cluster;
    this.#definition = definition;
    this.#side = cluster.source ? 'source' : 'target';
  }

  /** The cluster that had the write alias when `readSide` was last called. */
  get side(): ClusterSide {
    return this.#side;
  }

  async readSide(): Promise<void> {
    const at = performance.now();
    if (!this.#cluster.source || at - this.#sideReadAt < FACTS_AGE_MS) return;
    this.#sideReadAt = at;
    const here = await listAliases(this.#cluster, [this.#definition.aliases.write]);
    this.#side = here.length > 0 ? 'target' : 'source';
  }

  /** The version of the index, if it was read within the last two seconds. */
  get version(): LiveVersion | undefined {
    return this.#read && performance.now() - this.#read.at < FACTS_AGE_MS ? this.#read.value : undefined;
  }

  async readVersion(side: ClusterSide): Promise<LiveVersion | undefined> {
    const at = performance.now();
    const { name, aliases } = this.#definition;
    const { source } = this.#cluster;
    const found = await getIndexes(source && side === 'source' ? source : this.#cluster, aliases.write);
    const live = found.find((one) => one.aliases[aliases.write]?.is_write_index) ?? found.at(-1);
    const value = live && { index: live.index, version: liveVersion(name, live) };
    this.#read = { value, at };
    return value;
  }

  /** Call this when a migration runs, since it may change the version. */
  forget(): void {
    this.#read = undefined;
  }
}
