// Finds out how long searches on the two indexes of a migration take. If gateways send searches to both indexes, they
// measure this time. Otherwise it comes from the counters of the engine, which count the searches of all clients.
import type { Cluster } from '../cluster/cluster.js';
import { type Served, trafficOf } from '../cluster/indices/trafficOf.js';
import { indexRefOf } from '../protocol/clusterSides.js';
import type { MigrationRecord, Side } from '../protocol/record.js';
import { NO_TIMES, type SearchTimes } from './sampleSeries.js';

export class SearchClock {
  readonly #cluster: Cluster;
  readonly #before = new Map<Side, Served>();
  from: 'engine' | 'gateways' = 'engine';

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async read(record: MigrationRecord, measured: SearchTimes): Promise<SearchTimes> {
    this.from = measured === NO_TIMES ? 'engine' : 'gateways';
    if (measured !== NO_TIMES) return measured;
    const [sourceMs, targetMs] = await Promise.all([
      this.#average(record, 'source'),
      this.#average(record, 'target'),
    ]);
    return { sourceMs, targetMs };
  }

  /** Null if there was no search since the last poll, or if the counters can't be read. The plot then has a gap. */
  async #average(record: MigrationRecord, side: Side): Promise<number | null> {
    try {
      const { cluster, index } = indexRefOf(this.#cluster, record, side);
      const { searches } = await trafficOf(cluster, index);
      const before = this.#before.get(side);
      this.#before.set(side, searches);
      return before ? averageSince(before, searches) : null;
    } catch {
      return null;
    }
  }
}

/** @returns null if there was no search between `before` and `now`, or if the counters were reset */
export function averageSince(before: Served, now: Served): number | null {
  const count = now.count - before.count;
  return count > 0 && now.ms >= before.ms ? (now.ms - before.ms) / count : null;
}
