// Does the coordinator's work on the ledger of deletes: creates it, resyncs the documents in it, and prunes it.
import { createIndex } from '../../../cluster/indices/createIndex.js';
import { getDocs } from '../../../documents/getDocs.js';
import { isTwindexError } from '../../../errors.js';
import { deleteEntries, type LedgerEntry, readLedger } from '../../../journal/ledger.js';
import { ledgerAlias, ledgerIndex } from '../../../protocol/names.js';
import { reconcilesIds } from '../../../protocol/replication.js';
import { idsElsewhere } from '../../follow/reconcile.js';
import { resync } from '../../follow/resync.js';
import type { Context } from '../context.js';
import { now } from '../../../clock.js';

/** Interval at which the documents in the ledger are resynced. */
const RESYNC_MS = 5_000;

export class DeletesLedger {
  readonly #context: Context;
  readonly #reopen: () => Promise<void>;
  #epoch: number | undefined;
  #resyncedAt = 0;
  #entries = 0;

  /** @param reopen opens a new generation after the ledger was lost */
  constructor(context: Context, reopen: () => Promise<void>) {
    this.#context = context;
    this.#reopen = reopen;
  }

  /** Whether the ledger had entries when it was last read. */
  get hasEntries(): boolean {
    return this.#entries > 0;
  }

  async create(epoch: number): Promise<void> {
    if (this.#epoch === epoch) return;
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
    // oxlint-disable-next-line twindex/atomic-updates -- creating the same ledger twice does no harm
    this.#epoch = epoch;
  }

  /** @returns false if the resync is not confirmed, so that the caller has to repeat it */
  async resyncAll(): Promise<boolean> {
    return await this.#resync(await this.#read());
  }

  /** Repairs, within seconds, documents that late copies have restored, and deletes that were not copied. */
  async resyncLeft(): Promise<void> {
    if (now() - this.#resyncedAt < RESYNC_MS) return;
    this.#resyncedAt = now();
    const entries = await this.#read();
    if (entries.length === 0) return;
    // Skip an entry if the follower does not have its document: then there is nothing to delete.
    const { cluster, index } = this.#context.follower;
    const keys = entries.map(({ key }) => key);
    const docs = await getDocs(cluster, index, keys, { source: false });
    // Do not skip an entry if the leader has its id in several shards: the delete may have removed another
    // document with the same id from the follower.
    const replication = await this.#context.replication();
    const elsewhere = reconcilesIds(replication) ? await idsElsewhere(replication, keys) : new Set();
    await this.#resync(entries.filter(({ key }, n) => docs[n]?.found || elsewhere.has(key.id)));
  }

  /**
   * Deletes the entries of these generations, after a last resync.
   * @param save saves the pruning before the entries are deleted
   */
  async prune(upTo: number, save: () => Promise<void>): Promise<void> {
    const entries = await this.#read();
    const old = entries.filter(({ generation }) => generation <= upTo);
    if (!(await this.#resync(old))) return;
    await save();
    const { effects, cluster, record } = this.#context;
    await effects.run('forgetEntries', () =>
      deleteEntries(cluster, ledgerIndex(record.name, record.epoch), old),
    );
    this.#entries = entries.length - old.length;
  }

  async #read(): Promise<LedgerEntry[]> {
    const { cluster, record } = this.#context;
    const found = await readLedger(cluster, ledgerIndex(record.name, record.epoch)).catch((error: unknown) =>
      this.#makeAgain(error),
    );
    const entries = found.filter(({ generation }) => generation > record.writers.pruned);
    this.#entries = entries.length;
    return entries;
  }

  /**
   * Replaces a ledger that somebody has deleted, and opens the next generation. Copies that are older than
   * the lost entries can't arrive in it. A comparison of all ids finds the documents that such copies have
   * already restored.
   */
  async #makeAgain(error: unknown): Promise<LedgerEntry[]> {
    if (!isTwindexError(error, 'not_found')) throw error;
    const { record, effects } = this.#context;
    this.#context.note(
      `the ledger of deletes of ${record.name} was deleted by somebody: it is created again, and both indexes are compared again`,
      'warn',
    );
    this.#epoch = undefined;
    await this.create(record.epoch);
    await effects.run('verifyAgain', () => effects.handle.save({ verified: false }));
    await this.#reopen();
    return [];
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
}
