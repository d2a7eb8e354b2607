// Which writers of ours are alive, as the coordinator sees it: each document's counter on the coordinator's own clock.
import type { Cluster } from '../cluster/cluster.js';
import type { MigrationRecord } from '../protocol/record.js';
import { listWriters, notMirrored, removeWriter, type WriterDocument } from './writerDocuments.js';

const LOOK_EVERY_MS = 500;
/** A writer that has died has not taken its document away. */
const FORGET_MS = 10 * 60_000;
/** A writer on a machine that is overloaded may be silent for longer than its lease, and then report what it did before. */
const LEASES_UNTIL_DEAD = 3;
/** Who has sent a document of a shape within this time is taken for somebody who still does. */
const SEEN_LATELY_MS = 15_000;

/** Instants of the coordinator's own clock. */
interface Seen {
  readonly writer: WriterDocument;
  readonly changedAt: number;
  /** By version: when this writer was last seen to have sent something of that shape since the look before. */
  readonly shapesAt: ReadonlyMap<string, number>;
}

export class WritersWatch {
  readonly #cluster: Cluster;
  readonly #name: string;
  #seen = new Map<string, Seen>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** By writer: what it said last of what following may have brought. With each migration it begins anew. */
  readonly #said = new Map<string, number>();
  #explained = 0;

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.#name = name;
  }

  /** Not more often than makes sense, unless it has to be `now`. */
  async look(when?: 'now'): Promise<void> {
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

  /** Those whose lease has not run out. One that is seen for the first time is given the time to show it. */
  get live(): readonly WriterDocument[] {
    // as it was at the last look: nothing is known of the time since
    return [...this.#seen.values()]
      .filter(({ writer, changedAt }) => this.#lookedAt - changedAt <= writer.leaseMs)
      .map(({ writer }) => writer);
  }

  get longestLeaseMs(): number {
    return Math.max(0, ...this.live.map(({ leaseMs }) => leaseMs));
  }

  /** Every writer that may still write has said how far it was at this instant, or later. */
  get heardFromAllAt(): number {
    const awaited = [...this.#seen.values()].filter(
      ({ writer, changedAt }) => this.#lookedAt - changedAt <= LEASES_UNTIL_DEAD * writer.leaseMs,
    );
    return Math.min(this.#lookedAt, ...awaited.map(({ changedAt }) => changedAt));
  }

  allConfirmed(generation: number): boolean {
    return this.live.every(({ migrations }) => (migrations[this.#name]?.generation ?? 0) >= generation);
  }

  /** Every live one sends nothing new, and has finished what it had begun. */
  get allHold(): boolean {
    return this.live.every(({ migrations }) => migrations[this.#name]?.holds);
  }

  /** Every live one acknowledges a write when the follower has it, since this move of the readers began. */
  allAwaitCopies(move: number): boolean {
    return this.live.every(({ migrations }) => migrations[this.#name]?.awaitsCopies === move);
  }

  /**
   * Every gateway that is alive sends the readers there, since this move of them. One whose lease has run out asks the old
   * cluster before each search whether its index is still the leader.
   */
  allReadFrom({ readers, writers }: Pick<MigrationRecord, 'readers' | 'writers'>): boolean {
    const gateways = this.live.filter(({ type }) => type === 'gateway');
    return gateways.every(({ migrations }) => {
      const seen = migrations[this.#name];
      return seen?.readers === readers && seen.moves === writers.moves;
    });
  }

  /** Why a live one sends no copies to the follower; undefined: each of them does. */
  get away(): string | undefined {
    for (const { type, host, pid, migrations } of this.live) {
      const away = migrations[this.#name]?.away;
      if (away) return `${type} ${pid} on ${host} gets no answer there since ${away.since} (${away.reason})`;
    }
    return undefined;
  }

  /** Copies that following has brought instead, as far as the writers that are registered say so. */
  get notMirrored(): number {
    return [...this.#seen.values()].reduce(
      (sum, { writer }) => sum + notMirrored(writer.migrations[this.#name]),
      0,
    );
  }

  /** All that following may have brought of what writers of ours wrote, also those that are gone. It never falls. */
  get explained(): number {
    return this.#explained;
  }

  /** A writer says when by its own clock: only whether that has changed counts. One that is seen first may have sent it just now. */
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

  /** Who has sent documents of this version's shape lately. */
  senders(version: number): string[] {
    return this.live.flatMap(({ id, type, host, pid }) => {
      const at = this.#seen.get(id)?.shapesAt.get(String(version));
      const isLate = at === undefined || performance.now() - at >= SEEN_LATELY_MS;
      return isLate ? [] : [`${type} ${pid} on ${host}`];
    });
  }
}
