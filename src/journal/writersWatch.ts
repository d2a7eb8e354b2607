// The live writers of one name, as its coordinator sees them: it watches each one's counter by its own clock.
import type { Cluster } from '../cluster/cluster.js';
import type { MigrationRecord } from '../protocol/record.js';
import { listWriters, notMirrored, removeWriter, type WriterDocument } from './writerDocuments.js';

const LOOK_EVERY_MS = 500;
/** A dead writer has left its document behind. */
const FORGET_MS = 10 * 60_000;
/** A writer on a machine that is overloaded may be silent for longer than its lease, and then report what it did before. */
const LEASES_UNTIL_DEAD = 3;
/** A writer that has sent a document of a shape within this time counts as still sending that shape. */
const SEEN_LATELY_MS = 15_000;

/** Times are of the coordinator's own clock. */
interface Seen {
  readonly writer: WriterDocument;
  readonly changedAt: number;
  /** By version: when the coordinator last noticed that this writer had sent something of that shape. */
  readonly shapesAt: ReadonlyMap<string, number>;
}

export class WritersWatch {
  readonly #cluster: Cluster;
  readonly #name: string;
  #seen = new Map<string, Seen>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** By writer: the count that it last gave of copies that following may have made. It begins again with each migration. */
  readonly #said = new Map<string, number>();
  #explained = 0;

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.#name = name;
  }

  /** Polls at most every `LOOK_EVERY_MS`, unless `now` is given. */
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

  /** The writers whose lease has not expired. A writer that is seen for the first time counts as live. */
  get live(): readonly WriterDocument[] {
    // as of the last poll: nothing is known of the time since
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

  /** Every live writer sends nothing new, and has finished the writes that it had begun. */
  get allHold(): boolean {
    return this.live.every(({ migrations }) => migrations[this.#name]?.holds);
  }

  /** Since this move of the readers began, every live writer waits for copies before it acknowledges a write. */
  allAwaitCopies(move: number): boolean {
    return this.live.every(({ migrations }) => migrations[this.#name]?.awaitsCopies === move);
  }

  /**
   * Every live gateway sends the readers to the present index since this move of them. (A gateway with an expired lease asks the
   * old cluster before each search whether its index is still the leader.)
   */
  allReadFrom({ readers, writers }: Pick<MigrationRecord, 'readers' | 'writers'>): boolean {
    const gateways = this.live.filter(({ type }) => type === 'gateway');
    return gateways.every(({ migrations }) => {
      const seen = migrations[this.#name];
      return seen?.readers === readers && seen.moves === writers.moves;
    });
  }

  /** Why some live writer sends no copies to the follower; undefined: each of them does. */
  get away(): string | undefined {
    for (const { type, host, pid, migrations } of this.live) {
      const away = migrations[this.#name]?.away;
      if (away) return `${type} ${pid} on ${host} gets no answer there since ${away.since} (${away.reason})`;
    }
    return undefined;
  }

  /** Copies that following has made instead, as far as the registered writers report them. */
  get notMirrored(): number {
    return [...this.#seen.values()].reduce(
      (sum, { writer }) => sum + notMirrored(writer.migrations[this.#name]),
      0,
    );
  }

  /** The total of copies that following may have made instead of writers, including writers that are gone. It never falls. */
  get explained(): number {
    return this.#explained;
  }

  /**
   * Writers give times by their own clocks, so only a change of a time counts. A writer seen for the first time may have sent
   * just now.
   */
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

  /** The writers that lately sent documents in this version's shape. */
  senders(version: number): string[] {
    return this.live.flatMap(({ id, type, host, pid }) => {
      const at = this.#seen.get(id)?.shapesAt.get(String(version));
      const isLate = at === undefined || performance.now() - at >= SEEN_LATELY_MS;
      return isLate ? [] : [`${type} ${pid} on ${host}`];
    });
  }
}
