// Keeps the connections to each cluster: to one, or to two during a migration between clusters.
import type { Cluster } from '../../../cluster/cluster.js';
import type { ClusterSide } from '../../../cluster/indexRef.js';
import { Nodes } from './nodePool.js';
import type { Node } from './upstreamSocket.js';

export class NodesOf {
  readonly #all: ReadonlyMap<ClusterSide, Nodes>;

  constructor(cluster: Cluster) {
    const { options, source } = cluster;
    this.#all = new Map([
      ['target', new Nodes(options)],
      ...(source ? [['source', new Nodes(source.options)] as const] : []),
    ]);
  }

  in(where: ClusterSide): Nodes {
    const nodes = this.#all.get(where);
    if (!nodes) throw new Error('a request needs a cluster that this gateway is not configured for');
    return nodes;
  }

  get all(): readonly Node[] {
    return [...this.#all.values()].flatMap(({ all }) => all);
  }

  /** Whether at least one node may be reachable. */
  isReady(where: ClusterSide, now: number): boolean {
    return this.in(where).all.some(({ notBefore }) => notBefore <= now);
  }

  sweep(now: number): void {
    for (const nodes of this.#all.values()) nodes.sweep(now);
  }

  close(): void {
    for (const nodes of this.#all.values()) nodes.close();
  }
}
