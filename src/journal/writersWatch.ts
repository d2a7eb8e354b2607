// Tells the coordinator which writers of a name are alive, and what they have confirmed. A writer is alive
// while its heartbeat grows. The coordinator measures this by its own clock.
import type { Cluster } from '../cluster/cluster.js';
import type { MigrationRecord } from '../protocol/record.js';
import { listWriters, notMirrored, removeWriter, type WriterDocument } from './writerDocuments.js';

const LOOK_EVERY_MS = 500;
const FORGET_MS = 10 * 60_000;
/**
 * An overloaded writer may report again after its lease has expired. It counts as dead only after this many
 * lease times.
 */
const LEASES_UNTIL_DEAD = 3;
/** A writer counts as still sending a shape if it has sent a document of this shape within this time. */
const SEEN_LATELY_MS = 15_000;

/** All times are `performance.now()` of the coordinator, since the clocks of writers may be wrong. */
interface Seen {
  readonly writer: WriterDocument;
  readonly changedAt: number;
  /** When the coordinator last noticed that the writer had sent documents of a shape, by version. */
  readonly shapesAt: ReadonlyMap<string, number>;
}

export class WritersWatch {
  readonly #cluster: Cluster;
  readonly #name: string;
  #seen = new Map<string, Seen>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** For each writer, by its last report: how many of its copies may have been made by following. */
  readonly #said = new Map<string, number>();
  #explained = 0;

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.#name = name;
  }

  async poll(when?: 'now'): Promise<void> {
    const now = performance.now();
    if (when !== 'now' && now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    const writers = (await listWriters(this.#cluster)).filter(({ names }) => names.includes(this.#name));
    this.#seen = new Map(
      writers.map((writer) => {
        const before = this.#seen.get(writer.id);
        const stands = before?.writer.heartbeat === writer.heartbeat;
        const shapesAt = this.#shapesAt(writer, before, now);
        return [writer.id, { writer, changedAt: stands ? before.changedAt : now, shapesAt }];
      }),
    );
    for (const { id, migrations } of writers) {
      const seen = migrations[this.#name];
      const explained = notMirrored(seen) + (seen?.richer ?? 0);
      this.#explained += Math.max(0, explained - (this.#said.get(id) ?? 0));
      this.#said.set(id, explained);
    }
    for (const { writer, changedAt } of this.#seen.values())
      if (now - changedAt > FORGET_MS) await removeWriter(this.#cluster, writer.id, writer.heartbeat + 1);
  }

  /** The writers whose lease had not expired at the last poll. A new writer counts as live. */
  get live(): readonly WriterDocument[] {
    return [...this.#seen.values()]
      .filter(({ writer, changedAt }) => this.#lookedAt - changedAt <= writer.leaseMs)
      .map(({ writer }) => writer);
  }

  get longestLeaseMs(): number {
    return Math.max(0, ...this.live.map(({ leaseMs }) => leaseMs));
  }

  /** The latest time since which every writer that may still write has reported. */
  get heardFromAllAt(): number {
    const awaited = [...this.#seen.values()].filter(
      ({ writer, changedAt }) => this.#lookedAt - changedAt <= LEASES_UNTIL_DEAD * writer.leaseMs,
    );
    return Math.min(this.#lookedAt, ...awaited.map(({ changedAt }) => changedAt));
  }

  allConfirmed(generation: number): boolean {
    return this.live.every(({ migrations }) => (migrations[this.#name]?.generation ?? 0) >= generation);
  }

  /** Whether every live writer admits no new writes, and has finished its writes in flight. */
  get allHold(): boolean {
    return this.live.every(({ migrations }) => migrations[this.#name]?.holds);
  }

  /** Whether every live writer waits for copies, and has done so since this move of the readers. */
  allAwaitCopies(move: number): boolean {
    return this.live.every(({ migrations }) => migrations[this.#name]?.awaitsCopies === move);
  }

  /**
   * Whether every live gateway knows the last move of the readers. A gateway whose lease has expired need not
   * know it, since before each search it asks the old cluster whether the old index is still the leader.
   */
  allReadFrom({ readers, writers }: Pick<MigrationRecord, 'readers' | 'writers'>): boolean {
    const gateways = this.live.filter(({ type }) => type === 'gateway');
    return gateways.every(({ migrations }) => {
      const seen = migrations[this.#name];
      return seen?.readers === readers && seen.moves === writers.moves;
    });
  }

  /** Why a live writer sends no copies to the follower; undefined in normal operation. */
  get away(): string | undefined {
    for (const { type, host, pid, migrations } of this.live) {
      const away = migrations[this.#name]?.away;
      if (away)
        return `${type} ${pid} on ${host} gets no answer from this index since ${away.since} (${away.reason})`;
    }
    return undefined;
  }

  /** The number of copies that following may have made instead of the registered writers. */
  get notMirrored(): number {
    return [...this.#seen.values()].reduce(
      (sum, { writer }) => sum + notMirrored(writer.migrations[this.#name]),
      0,
    );
  }

  /** Like `notMirrored`, but also counts writers that have stopped, and copies counted as `richer`. Never falls. */
  get explained(): number {
    return this.#explained;
  }

  /** Writers report times of their own clocks, so a time that is new or has changed counts as now. */
  #shapesAt(writer: WriterDocument, before: Seen | undefined, now: number): ReadonlyMap<string, number> {
    const [shapes, shapesBefore] = [writer, before?.writer].map(
      (of) => of?.migrations[this.#name]?.shapes ?? {},
    );
    return new Map(
      Object.entries(shapes ?? {}).map(([version, at]) => {
        const known = at === shapesBefore?.[version] ? before?.shapesAt.get(version) : undefined;
        return [version, known ?? now];
      }),
    );
  }

  senders(version: number): string[] {
    return this.live.flatMap(({ id, type, host, pid }) => {
      const at = this.#seen.get(id)?.shapesAt.get(String(version));
      const isLate = at === undefined || performance.now() - at >= SEEN_LATELY_MS;
      return isLate ? [] : [`${type} ${pid} on ${host}`];
    });
  }
}
