// Leads the writers (docs/protocol.md, "Writers of our own"): lets them enter deletes in the ledger, and then
// mirror. Resyncs the documents in the ledger, and opens new generations so that the ledger can be pruned.
import { createIndex } from '../../../cluster/indices/createIndex.js';
import { indexAliases } from '../../../cluster/indices/indexAliases.js';
import type { AliasAction } from '../../../cluster/indices/updateAliases.js';
import { isTwindexError } from '../../../errors.js';
import { reconcilesIds } from '../../../protocol/replication.js';
import { getDocs } from '../../../documents/getDocs.js';
import { idsElsewhere } from '../../follow/reconcile.js';
import { resync } from '../../follow/resync.js';
import { deleteEntries, lastPrunable, type LedgerEntry, readLedger } from '../../../journal/ledger.js';
import { isBetweenClusters } from '../../../protocol/clusterSides.js';
import { ledgerAlias, ledgerIndex } from '../../../protocol/names.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { WritersWatch } from '../../../journal/writersWatch.js';
import { isOurGeneration, openGeneration } from '../succession/aliasMoves.js';
import { PastWriters } from './pastWriters.js';
import type { Context, WritersView } from '../context.js';
import { now } from '../../../clock.js';

/** Interval at which the documents in the ledger are resynced. */
const RESYNC_MS = 5_000;
const HOLD_POLL_MS = 15;
const AWAIT_POLL_MS = 100;
/** The shortest time between two generations, even if the grace is shorter. */
const ROTATE_MS = 10_000;

export class Generations {
  readonly #context: Context;
  readonly #watch: WritersWatch;
  #confirmed: { readonly generation: number; readonly at: number } | undefined;
  /** When the generations before the present one were closed. */
  #closed: { readonly generation: number; readonly at: number } | undefined;
  #opened: { readonly generation: number; readonly at: number } | undefined;
  #resyncedAt = 0;
  /** Copies by following, over time. The first entry is older than the last heartbeat of each live writer. */
  #byFollowing: { readonly documents: number; readonly at: number }[] = [];
  readonly #past: PastWriters;
  /** When following had copied every operation from before all writers mirrored. */
  #inSyncAt: number | undefined;
  #ledgerEpoch: number | undefined;
  #entries = 0;

  constructor(context: Context) {
    this.#context = context;
    this.#watch = new WritersWatch(context.cluster, context.record.name);
    this.#past = new PastWriters(context.record.evidence.pastWriters);
  }

  /** Makes at most one step, of a few requests. To be called in each state that writes to the follower. */
  async reconcile(): Promise<void> {
    const { record } = this.#context;
    const { mode, generation } = record.writers;
    await this.#watch.look();
    this.#noteByFollowing(record.evidence.byFollowing);
    this.#notePast();
    if (mode === 'none') {
      if (this.#watch.live.length > 0) await this.#prepare();
      return;
    }
    if (this.#context.isGenerationGone) {
      this.#context.note(
        `an alias that gateways write ${record.name} through was removed: a new one is opened`,
        'warn',
      );
      await this.#reopen();
      return;
    }
    if (this.#opened?.generation !== generation) this.#opened = { generation, at: now() };
    this.#noteConfirmed(generation);
    if (mode === 'prepare') {
      // After the grace, deletes that were sent before their writer knew of the ledger can't arrive.
      if (this.#overSince(this.#confirmed?.at)) await this.#rotate();
      return;
    }
    await this.#closeOlder();
    await this.#prune();
    await this.#resyncLeft();
    const { graceMs } = record.options;
    const due = now() - this.#opened.at > Math.max(graceMs, ROTATE_MS) && this.#entries > 0;
    if (
      due &&
      this.#overSince(this.#closed?.at) &&
      this.#context.record.writers.pruned >= lastPrunable(generation)
    )
      await this.#rotate();
  }

  get view(): WritersView {
    const { record } = this.#context;
    const { mode } = record.writers;
    const live = this.#watch.live.length;
    return {
      blocker: this.#blocker,
      readElsewhere: isBetweenClusters(record) && !this.#watch.allReadFrom(record),
      mirrored: live > 0 && mode === 'mirror',
      bypassed: (this.#byFollowing[0]?.documents ?? 0) > this.#watch.notMirrored,
      past: this.#past.count,
      oldShaped: this.#watch.senders(record.source.version),
    };
  }

  get #blocker(): string | undefined {
    const { record, follower } = this.#context;
    if (this.#watch.live.length > 0 && record.writers.mode !== 'mirror')
      return 'the gateways are preparing to write both indexes';
    const { away } = this.#watch;
    return away === undefined ? undefined : `${follower.index} does not take every copy: ${away}`;
  }

  /** @returns false if the resync is not confirmed, so that the caller has to repeat it */
  async resyncAll(): Promise<boolean> {
    if (this.#context.record.writers.mode === 'none') return true;
    return await this.#resync(await this.#readEntries());
  }

  /**
   * Whether an unprepared writer is registered, which passes writes through in the leader's shape. The record
   * already shows the hold, so a writer that registers later finds the hold there.
   */
  async hasUnprepared(): Promise<boolean> {
    if (this.#context.record.writers.mode !== 'none') return false;
    await this.#watch.look('now');
    return this.#watch.live.length > 0;
  }

  /** Waits for writers' requests in flight, so that the hold refuses few. Safety does not depend on this. */
  async waitUntilHeld(maxMs: number): Promise<void> {
    await this.#waitForWriters(() => this.#watch.allHold, { maxMs, pollMs: HOLD_POLL_MS });
  }

  /**
   * Waits until every live writer acknowledges writes only when the follower has them, too. A writer that
   * can't reach the journal loses its lease, admits no writes, and does not count as live.
   * @returns false if the time was not enough
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
      await this.#watch.look('now');
      if (holds()) return true;
      if (now() >= deadline) return false;
      await this.#context.pause(pollMs);
    }
  }

  async createLedger(epoch: number): Promise<void> {
    if (this.#ledgerEpoch === epoch) return;
    const { cluster, effects, record } = this.#context;
    await effects.run('createLedger', () =>
      createIndex(cluster, ledgerIndex(record.name, epoch), {
        settings: {
          index: { number_of_shards: 1, auto_expand_replicas: '0-1', hidden: true, refresh_interval: '-1' },
        },
        mappings: { dynamic: false, properties: { g: { type: 'long' } } },
        aliases: { [ledgerAlias(record.name, epoch)]: { is_hidden: true } },
      }),
    );
    // oxlint-disable-next-line twindex/atomic-updates -- a ledger that is made twice is one ledger
    this.#ledgerEpoch = epoch;
  }

  /**
   * Lets the writers mirror when `settling` ends. They send to the new leader only after they have read the
   * record of the switch, so each delete since the switch is in the ledger, and no further grace is needed.
   */
  async mirrorAfterSwitch(): Promise<void> {
    if (this.#context.record.writers.mode === 'prepare') await this.#rotate();
  }

  async #prepare(): Promise<void> {
    const { effects, record } = this.#context;
    const generation = record.writers.generation + 1;
    await this.createLedger(record.epoch);
    await effects.aliases('openGeneration', openGeneration(record, generation, 'prepare'));
    await this.#save({ mode: 'prepare', generation });
    this.#context.note(`gateways are registered: they write both indexes in a moment`);
  }

  /** The old generation stays open until the new one is confirmed, so no request is refused. */
  async #rotate(): Promise<void> {
    const { effects, record } = this.#context;
    const generation = record.writers.generation + 1;
    await effects.aliases('openGeneration', openGeneration(record, generation, 'mirror'));
    if (record.writers.mode === 'prepare') this.#context.note('writes go to both indexes now');
    await this.#save({ mode: 'mirror', generation });
    this.#opened = { generation, at: now() };
  }

  /** A writer reports only with its next heartbeat that following was faster than the writer's copy. */
  #noteByFollowing(documents: number): void {
    const at = now();
    const from = Math.min(at, this.#watch.heardFromAllAt) - this.#watch.longestLeaseMs / 2;
    this.#byFollowing.push({ documents, at });
    const first = this.#byFollowing.findLastIndex((one) => one.at <= from);
    if (first > 0) this.#byFollowing.splice(0, first);
  }

  /** The count begins when all writers mirror and each writer has reported its earlier copies. */
  #notePast(): void {
    const { generation, mode } = this.#context.record.writers;
    if (mode !== 'mirror') this.#inSyncAt = undefined;
    else if (this.#closed?.generation === generation && this.#context.caughtUpSince(this.#closed.at))
      this.#inSyncAt ??= now();
    const counts = this.#inSyncAt !== undefined && now() - this.#inSyncAt > this.#watch.longestLeaseMs;
    const byFollowing = this.#byFollowing[0]?.documents ?? 0;
    this.#past.note({ byFollowing, explained: this.#watch.explained }, counts);
  }

  #noteConfirmed(generation: number): void {
    if (this.#confirmed?.generation === generation) return;
    const { leaseMs } = this.#context.record.options;
    const waited = now() - (this.#opened?.at ?? now());
    if (this.#watch.allConfirmed(generation) || waited > leaseMs) this.#confirmed = { generation, at: now() };
  }

  async #closeOlder(): Promise<void> {
    const { effects, record } = this.#context;
    const { generation } = record.writers;
    if (this.#closed?.generation === generation || this.#confirmed?.generation !== generation) return;
    const actions = await removeGenerations(this.#context, generation);
    if (actions.length > 0) await effects.aliases('closeGenerations', actions);
    // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two steps at once
    this.#closed = { generation, at: now() };
  }

  async #prune(): Promise<void> {
    const { effects, cluster, record } = this.#context;
    const { generation, pruned } = record.writers;
    const upTo = lastPrunable(generation);
    if (pruned >= upTo || this.#closed?.generation !== generation || !this.#overSince(this.#closed.at))
      return;
    // Wait for windows that began before the grace ended: they may still write documents of that time.
    const { oldestWindowAt } = this.#context;
    if (oldestWindowAt !== undefined && oldestWindowAt < this.#closed.at + record.options.graceMs) return;
    const entries = await this.#readEntries();
    const old = entries.filter(({ generation: of }) => of <= upTo);
    if (!(await this.#resync(old))) return;
    await this.#save({ pruned: upTo });
    await effects.run('forgetEntries', () =>
      deleteEntries(cluster, ledgerIndex(record.name, record.epoch), old),
    );
    this.#entries = entries.length - old.length;
  }

  /** Repairs, within seconds, documents that late copies brought back, and deletes that were not copied. */
  async #resyncLeft(): Promise<void> {
    if (now() - this.#resyncedAt < RESYNC_MS) return;
    this.#resyncedAt = now();
    const entries = await this.#readEntries();
    if (entries.length === 0) return;
    // An entry whose document the follower does not have is skipped: there is nothing to delete.
    const { follower } = this.#context;
    const docs = await getDocs(
      follower.cluster,
      follower.index,
      entries.map(({ key }) => key),
      { source: false },
    );
    // An entry is not skipped if the leader has its id in several shards: the delete may have hit another
    // document with the same id on the follower.
    const replication = await this.#context.replication();
    const keys = entries.map(({ key }) => key);
    const elsewhere = reconcilesIds(replication) ? await idsElsewhere(replication, keys) : new Set();
    await this.#resync(entries.filter(({ key }, n) => docs[n]?.found || elsewhere.has(key.id)));
  }

  async #readEntries(): Promise<LedgerEntry[]> {
    const { cluster, record } = this.#context;
    const found = await readLedger(cluster, ledgerIndex(record.name, record.epoch)).catch((error: unknown) =>
      this.#makeLedgerAgain(error),
    );
    const entries = found.filter(({ generation }) => generation > record.writers.pruned);
    this.#entries = entries.length;
    return entries;
  }

  /**
   * Replaces a ledger that somebody has deleted, and opens the next generation, in which copies from before
   * the forgotten deletes can't arrive. A comparison of all ids finds the documents that such copies have
   * already brought back.
   */
  async #makeLedgerAgain(error: unknown): Promise<LedgerEntry[]> {
    if (!isTwindexError(error, 'not_found')) throw error;
    const { record, effects } = this.#context;
    this.#context.note(
      `the ledger of deletes of ${record.name} was deleted by somebody: it is made again, and both indexes are compared again`,
      'warn',
    );
    this.#ledgerEpoch = undefined;
    await this.createLedger(record.epoch);
    await effects.run('verifyAgain', () => effects.handle.save({ verified: false }));
    await this.#reopen();
    return [];
  }

  async #reopen(): Promise<void> {
    const { effects, record } = this.#context;
    const { mode } = record.writers;
    const generation = record.writers.generation + 1;
    await effects.aliases('openGeneration', openGeneration(record, generation, mode));
    await this.#save({ generation });
    this.#opened = { generation, at: now() };
  }

  async #resync(entries: readonly LedgerEntry[]): Promise<boolean> {
    if (entries.length === 0) return true;
    const context = this.#context;
    if ((await context.haltIfMoved()) !== undefined) return false;
    const replication = await context.replication();
    const keys = [
      ...new Map(entries.map(({ key }) => [JSON.stringify([key.id, key.routing]), key])).values(),
    ];
    const result = await resync(replication, keys, context.feedOptions);
    if (!result) return false;
    if (result.refused.length > 0) await context.keepRefused(result.refused);
    return true;
  }

  async #save(change: Partial<MigrationRecord['writers']>): Promise<void> {
    const { effects } = this.#context;
    await effects.run('saveGeneration', () =>
      effects.handle.save(({ writers }) => ({ writers: { ...writers, ...change } })),
    );
  }

  /** Whether no request from before this time, or of an earlier coordinator, can arrive any more. */
  #overSince(at: number | undefined): boolean {
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
