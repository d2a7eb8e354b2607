// Directs the writers (docs/protocol.md, "Writers of our own"): lets them first enter deletes in the ledger,
// and then mirror. Opens new generations, so that the ledger can be pruned.
import { indexAliases } from '../../../cluster/indices/indexAliases.js';
import type { AliasAction } from '../../../cluster/indices/updateAliases.js';
import { lastPrunable } from '../../../journal/ledger.js';
import { isBetweenClusters } from '../../../protocol/clusterSides.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { WritersWatch } from '../../../journal/writersWatch.js';
import { isOurGeneration, openGeneration } from '../succession/aliasMoves.js';
import { BypassedWrites } from './bypassedWrites.js';
import { DeletesLedger } from './deletesLedger.js';
import type { Context, WritersView } from '../context.js';
import { now } from '../../../clock.js';

const HOLD_POLL_MS = 15;
const AWAIT_POLL_MS = 100;
/** The shortest time between two generations, even if the grace is shorter. */
const ROTATE_MS = 10_000;

/** A generation as this coordinator has observed it. Times are from its own clock. */
interface Generation {
  readonly number: number;
  readonly openedAt: number;
  /** Since when all live writers use it. */
  confirmedAt?: number;
  /** When all earlier generations were closed. */
  olderClosedAt?: number;
}

export class Generations {
  readonly #context: Context;
  readonly #watch: WritersWatch;
  readonly #bypassed: BypassedWrites;
  readonly #ledger: DeletesLedger;
  #present: Generation | undefined;

  constructor(context: Context) {
    const { cluster, record } = context;
    this.#context = context;
    this.#watch = new WritersWatch(cluster, record.name);
    this.#bypassed = new BypassedWrites(this.#watch, record.evidence.pastWriters);
    this.#ledger = new DeletesLedger(context, () => this.#open(this.#context.record.writers.mode));
  }

  /** Makes at most one step, of a few requests. Call this in each state that writes to the follower. */
  async reconcile(): Promise<void> {
    await this.#watch.poll();
    const { evidence, name, writers } = this.#context.record;
    this.#bypassed.note(evidence.byFollowing, this.#isInSync);
    if (writers.mode === 'none') {
      if (this.#watch.live.length > 0) await this.#prepare();
    } else if (this.#context.isGenerationGone) {
      const text = `an alias through which gateways write to ${name} was removed: new aliases are created`;
      this.#context.note(text, 'warn');
      await this.#open(writers.mode);
    } else if (writers.mode === 'prepare') {
      // After the grace, no delete can arrive that was sent without an entry in the ledger.
      if (this.#isOverSince(this.#observed().confirmedAt)) await this.#mirror();
    } else {
      await this.#closeOlder(this.#observed());
      await this.#prune(this.#observed());
      await this.#ledger.resyncLeft();
      if (this.#isDue(this.#observed())) await this.#mirror();
    }
  }

  get view(): WritersView {
    const { record } = this.#context;
    return {
      blocker: this.#blocker,
      readElsewhere: isBetweenClusters(record) && !this.#watch.allReadFrom(record),
      mirrored: this.#watch.live.length > 0 && record.writers.mode === 'mirror',
      bypassed: this.#bypassed.areLikely,
      past: this.#bypassed.count,
      oldShaped: this.#watch.senders(record.source.version),
    };
  }

  get #blocker(): string | undefined {
    const { record, follower } = this.#context;
    if (this.#watch.live.length > 0 && record.writers.mode !== 'mirror')
      return 'waiting until all gateways write to both indexes';
    const { away } = this.#watch;
    return away === undefined ? undefined : `${follower.index} does not accept every copy: ${away}`;
  }

  /** @returns false if the resync is not confirmed, so that the caller has to repeat it */
  async resyncAll(): Promise<boolean> {
    return this.#context.record.writers.mode === 'none' || (await this.#ledger.resyncAll());
  }

  /**
   * Whether an unprepared writer is registered: it forwards writes unchanged to the leader. A writer that
   * registers later sees the hold, since the record shows it already.
   */
  async hasUnprepared(): Promise<boolean> {
    if (this.#context.record.writers.mode !== 'none') return false;
    await this.#watch.poll('now');
    return this.#watch.live.length > 0;
  }

  /** Waits for the writers' requests in flight, so that the hold refuses fewer. Safety does not need this. */
  async waitUntilHeld(maxMs: number): Promise<void> {
    await this.#waitForWriters(() => this.#watch.allHold, { maxMs, pollMs: HOLD_POLL_MS });
  }

  /**
   * Waits until every live writer acknowledges a write only when the follower has it as well. A writer that
   * can't reach the journal loses its lease, admits no writes, and does not count as live.
   * @returns false if this took too long
   */
  async waitUntilCopiesAreAwaited(maxMs: number): Promise<boolean> {
    const { moves } = this.#context.record.writers;
    const all = (): boolean => this.#watch.allAwaitCopies(moves);
    return await this.#waitForWriters(all, { maxMs, pollMs: AWAIT_POLL_MS });
  }

  async #waitForWriters(
    holds: () => boolean,
    { maxMs, pollMs }: { readonly maxMs: number; readonly pollMs: number },
  ): Promise<boolean> {
    if (this.#context.record.writers.mode === 'none') return true;
    const deadline = now() + maxMs;
    for (;;) {
      await this.#watch.poll('now');
      if (holds()) return true;
      if (now() >= deadline) return false;
      await this.#context.pause(pollMs);
    }
  }

  async createLedger(epoch: number): Promise<void> {
    await this.#ledger.create(epoch);
  }

  /**
   * Lets the writers mirror when `settling` ends. No further grace is needed: they write to the new leader
   * only after they have read the record of the switch, so each delete since the switch is in the ledger.
   */
  async mirrorAfterSwitch(): Promise<void> {
    if (this.#context.record.writers.mode === 'prepare') await this.#mirror();
  }

  async #prepare(): Promise<void> {
    await this.#ledger.create(this.#context.record.epoch);
    await this.#open('prepare');
    this.#context.note(`gateways are registered: they will write to both indexes in a moment`);
  }

  async #mirror(): Promise<void> {
    const isFirst = this.#context.record.writers.mode === 'prepare';
    await this.#open('mirror');
    if (isFirst) this.#context.note('writes go to both indexes now');
  }

  /** Opens the next generation. The old one stays open until all writers have confirmed the new one. */
  async #open(mode: MigrationRecord['writers']['mode']): Promise<void> {
    const { effects, record } = this.#context;
    const number = record.writers.generation + 1;
    await effects.aliases('openGeneration', openGeneration(record, number, mode));
    await this.#save({ mode, generation: number });
    this.#present = { number, openedAt: now() };
  }

  /** The present generation. A new coordinator has to observe it from the beginning. */
  #observed(): Generation {
    const { generation: number } = this.#context.record.writers;
    const present = this.#present?.number === number ? this.#present : { number, openedAt: now() };
    this.#present = present;
    const isExpired = now() - present.openedAt > this.#context.record.options.leaseMs;
    if (isExpired || this.#watch.allConfirmed(number)) present.confirmedAt ??= now();
    return present;
  }

  /** Whether following has copied all operations that were made before all writers mirrored. */
  get #isInSync(): boolean | undefined {
    const { mode, generation } = this.#context.record.writers;
    if (mode !== 'mirror') return undefined;
    const { number, olderClosedAt } = this.#present ?? {};
    return number === generation && olderClosedAt !== undefined && this.#context.caughtUpSince(olderClosedAt);
  }

  async #closeOlder(present: Generation): Promise<void> {
    if (present.olderClosedAt !== undefined || present.confirmedAt === undefined) return;
    const actions = await removeGenerations(this.#context, present.number);
    if (actions.length > 0) await this.#context.effects.aliases('closeGenerations', actions);
    // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two steps at once
    present.olderClosedAt = now();
  }

  async #prune({ number, olderClosedAt }: Generation): Promise<void> {
    const { record, oldestWindowAt } = this.#context;
    const upTo = lastPrunable(number);
    if (record.writers.pruned >= upTo || olderClosedAt === undefined || !this.#isOverSince(olderClosedAt))
      return;
    // Wait for windows that began before the grace ended: they may still write documents from that time.
    if (oldestWindowAt !== undefined && oldestWindowAt < olderClosedAt + record.options.graceMs) return;
    await this.#ledger.prune(upTo, () => this.#save({ pruned: upTo }));
  }

  /** Whether a new generation is due, so that the entries of this one can be pruned. */
  #isDue({ number, openedAt, olderClosedAt }: Generation): boolean {
    const { options, writers } = this.#context.record;
    const isOld = now() - openedAt > Math.max(options.graceMs, ROTATE_MS) && this.#ledger.hasEntries;
    return isOld && this.#isOverSince(olderClosedAt) && writers.pruned >= lastPrunable(number);
  }

  async #save(change: Partial<MigrationRecord['writers']>): Promise<void> {
    const { effects } = this.#context;
    await effects.run('saveGeneration', () =>
      effects.handle.save(({ writers }) => ({ writers: { ...writers, ...change } })),
    );
  }

  /** Whether no request from before this time, or of an earlier coordinator, can arrive any more. */
  #isOverSince(at: number | undefined): boolean {
    const { graceOverAt, record } = this.#context;
    return at !== undefined && now() > Math.max(graceOverAt, at + record.options.graceMs);
  }
}

export async function removeGenerations(context: Context, except?: number): Promise<AliasAction[]> {
  const { record } = context;
  const actions: AliasAction[] = [];
  for (const { cluster, index } of [context.leader, context.follower])
    for (const alias of Object.keys((await indexAliases(cluster, index)) ?? {}))
      if (isOurGeneration(record, alias, except)) actions.push({ remove: { index, alias } });
  return actions;
}
