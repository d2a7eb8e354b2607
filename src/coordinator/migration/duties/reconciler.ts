// The work beside following while two indexes are kept in sync: retries rejected documents, finds deletes,
// and verifies everything once after each change of roles. It works in slices, to keep the lag small.
import { shardStats } from '../../../cluster/indices/shardStats.js';
import { IdComparison } from '../../follow/compareIds.js';
import { type Replication, keepsShards, mergesShards, reconcilesIds } from '../../../protocol/replication.js';
import { resync } from '../../follow/resync.js';
import { withoutDropped } from '../../follow/withoutDropped.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { ContentVerification, type Difference } from '../../verify/contentVerification.js';
import { isLeftOut } from '../../../journal/rejectedDocuments.js';
import { retryable, withoutExpectedExtras } from '../../follow/truthExemptions.js';
import type { MigrationRecord, Side } from '../../../protocol/record.js';
import { QueryReplay } from './queryReplay.js';
import { SecondCheck } from '../../verify/secondCheck.js';
import type { Progress } from '../../verify/coordinatorProgress.js';
import type { Context } from '../context.js';
import { now } from '../../../clock.js';
import { mappingsInSync } from './wantedTarget.js';
import { isRollback, nextMove } from '../../../protocol/states.js';

export interface ReconcilerResult {
  readonly verified: boolean;
  /** Documents compared since the last result. */
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** How many documents still differ after they were repaired. */
  readonly unrepaired: number;
  readonly deletesReconciled: number;
  /** Whether there were deletes on the leader since the ids were last compared. */
  readonly deletesPending: boolean;
  readonly idsCompared: boolean;
  /** How long ago the last complete comparison of ids began. */
  readonly idsComparedMsAgo: number | undefined;
  readonly rejected: number;
  readonly second: 'running' | 'passed' | 'failed';
  /** Whether a comparison or verification has not read all documents yet. */
  readonly isReading: boolean;
  /** Whether a cut-over has to wait, because the application's searches are still being compared. */
  readonly searchesPending: boolean;
}

const RETRY_REJECTED_MS = 3_000;
const IDLE_MS = 1_000;
const RARE_MS = 5_000;
/** An older second check does not count for a move. */
const SECOND_FRESH_MS = 60_000;
const SECOND_AGAIN_MS = 20_000;
const SELDOM_MS = 30_000;

export class Reconciler {
  readonly #context: Context;
  readonly #replication: Replication;
  #verification: ContentVerification | undefined;
  #replay: QueryReplay | undefined;
  #comparison:
    | {
        readonly work: IdComparison | ContentVerification;
        readonly baseline: string;
        readonly beganAt: number;
        readonly seqNos: readonly number[];
      }
    | undefined;
  /** The last complete comparison of ids. `baseline`: the leader's delete counters at its beginning. */
  #comparedAt:
    | {
        readonly baseline: string;
        readonly beganAt: number;
        readonly endedAt: number;
        /** By shard of the follower: `max_seq_no` at the beginning, up to which documents are compared. */
        readonly seqNos: readonly number[];
      }
    | undefined;
  /** The keys that the last complete comparison has seen on the follower. */
  #kept: Iterable<DocumentKey> | undefined;
  /** Keys that were written to the follower between the beginnings of the last two comparisons. */
  #fedBefore: readonly DocumentKey[] | undefined;
  #rejectedTriedAt = Number.NEGATIVE_INFINITY;
  #leftOutTriedAt = 0;
  #commandSeen = 0;
  #wasVerified = false;
  /** A comparison of ids that began before this time does not count. */
  #idsSince = Number.NEGATIVE_INFINITY;
  #warned = false;
  #second: SecondCheck | undefined;
  #secondEnded: { readonly readers: Side; readonly at: number; readonly passed: boolean } | undefined;
  #cursors: readonly number[] = [];
  #reportedCompared = 0;
  #reportedDifferences = 0;

  constructor(context: Context, replication: Replication) {
    this.#context = context;
    this.#replication = replication;
  }

  /** Whether this coordinator has compared all ids since the roles were last exchanged. */
  get hasComparedIds(): boolean {
    return this.#comparedAt !== undefined;
  }

  get comparisonMs(): number | undefined {
    return this.#comparedAt && this.#comparedAt.endedAt - this.#comparedAt.beganAt;
  }

  /** @param cursors the cursors of the last round of following that caught up */
  async slice(budgetMs: number, cursors: readonly number[]): Promise<ReconcilerResult> {
    await this.#retryRejected();
    const baseline = await this.#deleteCounters();
    const before = this.#comparedAt;
    const deletesReconciled = await this.#compareIds(budgetMs, baseline);
    if (!isRollback(this.#context.record)) await this.#verify(budgetMs, cursors);
    const second = await this.#checkAgain(cursors);
    return {
      unrepaired: this.#verification?.unrepaired ?? 0,
      ...this.#reportVerification(second === 'passed'),
      second,
      deletesReconciled,
      deletesPending: this.#comparedAt?.baseline !== baseline,
      idsCompared: this.#comparedAt !== before,
      idsComparedMsAgo: this.#comparedAt && now() - this.#comparedAt.beganAt,
      rejected: (await this.#context.rejected()).blocking(this.#context.record),
      isReading: this.#comparison !== undefined || this.#verification?.read === false,
      searchesPending: isUnread(this.#context.record) && this.#replay?.done === false,
    };
  }

  /** Reports the changes since the last report. After the end of a verification, the next one may begin. */
  #reportVerification(passed: boolean): Pick<ReconcilerResult, 'verified' | 'compared' | 'differences'> {
    const work = this.#verification;
    const compared = (work?.compared ?? 0) - this.#reportedCompared;
    const differences = work?.differences.slice(this.#reportedDifferences) ?? [];
    const done = work ? work.done && (this.#replay?.done ?? true) : this.#context.record.verified;
    const idsCompared = this.#comparedAt !== undefined && this.#comparedAt.beganAt >= this.#idsSince;
    const verified = done && idsCompared && passed;
    this.#reportedCompared = verified ? 0 : this.#reportedCompared + compared;
    this.#reportedDifferences = verified ? 0 : this.#reportedDifferences + differences.length;
    if (verified) this.#verification = undefined;
    this.#wasVerified ||= verified;
    return { verified, compared, differences };
  }

  async #deleteCounters(): Promise<string> {
    const { leader } = this.#replication;
    const deletes = (await shardStats(leader.cluster, leader.index, leader.shards)).map(
      (shard) => shard.deletes,
    );
    // If a shard of the leader is spread over several of the follower, a write with another routing can
    // replace a document on the leader without a delete, and leave the old copy on the follower.
    return (keepsShards(this.#replication) ? deletes : [...deletes, this.#context.tally.routedCopies]).join();
  }

  get comparedUpTo(): readonly number[] | undefined {
    return this.#comparedAt?.seqNos;
  }

  /** By now a rejected document may have been corrected or deleted, or the transform changed. */
  async #retryRejected(): Promise<void> {
    const rejected = await this.#context.rejected();
    // Any new command causes a retry, since it may be `replay`.
    const number = this.#context.record.commands.taken;
    const asked = number !== this.#commandSeen;
    this.#commandSeen = number;
    if (rejected.size === 0 || (!asked && now() - this.#rejectedTriedAt < RETRY_REJECTED_MS)) return;
    this.#rejectedTriedAt = now();
    const { leftOut } = this.#context.record;
    const all = asked || now() - this.#leftOutTriedAt > SELDOM_MS;
    if (all) this.#leftOutTriedAt = now();
    const open = rejected.entries.filter(({ key }) => all || !isLeftOut(leftOut, key));
    const entries = await retryable(this.#replication, open);
    if (entries.length === 0) return;
    const keys = entries.map(({ key }) => key);
    const result = await resync(this.#replication, keys, this.#context.feedOptions);
    if (!result) return;
    await this.#context.keepRefused(result.refused);
    const still = new Set(result.refused.map(({ key }) => nameOf(key)));
    const taken = entries.filter(({ key }) => !still.has(nameOf(key)));
    if (taken.length > 0) await this.#context.effects.run('forgetRejected', () => rejected.remove(taken));
  }

  /** Compares ids only when the counters show a delete, and for at most half of the time. */
  async #compareIds(budgetMs: number, baseline: string): Promise<number> {
    const last = this.#comparedAt;
    const took = last ? last.endedAt - last.beganAt : 0;
    // If the writers copy all deletes, ids are compared for a tenth of the time only.
    const { mirrored, bypassed } = this.#context.generations.view;
    const pauseMs = mirrored && !bypassed ? Math.max(RARE_MS, 9 * took) : Math.max(IDLE_MS, took);
    const isRouted = reconcilesIds(this.#replication);
    const due =
      !last ||
      last.beganAt < this.#idsSince ||
      // A late copy may have left a document on the follower, which the counters do not show.
      (isRouted && now() - last.endedAt > Math.max(SELDOM_MS, 9 * took)) ||
      (last.baseline !== baseline && now() - last.endedAt > pauseMs);
    const verifies = !this.#comparison && this.#beginsVerification();
    if (!this.#comparison && !due && !verifies) return 0;
    if (!this.#comparison) {
      const { cluster, index, shards } = this.#replication.follower;
      const seqNos = mergesShards(this.#replication)
        ? (await shardStats(cluster, index, shards)).map(({ maxSeqNo }) => maxSeqNo)
        : [];
      // A verification reads every document, so it compares the ids too.
      const work = verifies ? await this.#beginVerification() : new IdComparison(this.#replication);
      // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two slices at once
      this.#comparison = { work, baseline, beganAt: now(), seqNos };
      this.#fedBefore = this.#context.tally.fed;
      this.#context.tally.fed = [];
    }
    const { work, beganAt, seqNos } = this.#comparison;
    const missing = await this.#read(work, budgetMs);
    const reconciled = await this.reconcile(missing);
    if (reconciled === undefined) {
      // The ids that this slice found were not reconciled, so the comparison begins again to find them.
      // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two slices at once
      this.#comparison = undefined;
      return 0;
    }
    if (!work.read) return reconciled;
    this.#comparedAt = { baseline: this.#comparison.baseline, beganAt, endedAt: now(), seqNos };
    this.#kept = work.kept;
    this.#fedBefore = [];
    // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two slices at once
    this.#comparison = undefined;
    return reconciled;
  }

  async #read(work: IdComparison | ContentVerification, budgetMs: number): Promise<DocumentKey[]> {
    const missing = await work.slice(budgetMs);
    if (work instanceof ContentVerification) this.#context.meter.set(work.compared + work.notCompared);
    return missing;
  }

  /** All keys that can be on the follower; undefined if they are unknown or too many for memory. */
  get knownKeys(): Iterable<DocumentKey> | undefined {
    const { fed } = this.#context.tally;
    return this.#kept && this.#fedBefore && fed && chained(this.#kept, this.#fedBefore, fed);
  }

  /** @returns how many were deleted; undefined after repeated fail-overs, or if aliases were moved */
  async reconcile(missing: readonly DocumentKey[]): Promise<number | undefined> {
    const keys = await this.#withoutDropped(await withoutExpectedExtras(this.#replication, missing));
    if (keys.length === 0) return 0;
    // If an alias was moved, clients may have written these documents to the follower directly: keep them.
    if ((await this.#context.haltIfMoved()) !== undefined) return undefined;
    const result = await resync(this.#replication, keys, this.#context.feedOptions);
    if (result && result.refused.length > 0) await this.#context.keepRefused(result.refused);
    return result?.deleted;
  }

  /**
   * Leaves out documents that the transform dropped. After the switch only the source has them, and they stay
   * there.
   */
  async #withoutDropped(missing: readonly DocumentKey[]): Promise<readonly DocumentKey[]> {
    const { record } = this.#context;
    if (!record.drops || record.leader === 'source' || missing.length === 0) return missing;
    return await withoutDropped(this.#replication, missing);
  }

  #warnOfNonDeterministic({ nonDeterministicId }: ContentVerification): void {
    if (nonDeterministicId === undefined || this.#warned) return;
    this.#warned = true;
    this.#context.note(
      `the transform is not deterministic: of document ${nonDeterministicId} it makes something else each time. Such documents can't be ` +
        'verified, and may differ between the indexes. Take what it depends on (time, chance, other data) out of it.',
      'warn',
    );
  }

  #beginsVerification(): boolean {
    const { record } = this.#context;
    return !record.verified && !this.#verification && !isRollback(record);
  }

  async #beginVerification(): Promise<ContentVerification> {
    const { record, meter } = this.#context;
    const rejected = await this.#context.rejected();
    // A repeated verification also compares ids, whether there were deletes or not.
    if (this.#wasVerified) this.#idsSince = now();
    this.#secondEnded = undefined;
    const verification = new ContentVerification(this.#replication, (key) => rejected.has(key));
    // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two slices at once
    this.#verification = verification;
    this.#replay = isUnread(record) ? new QueryReplay(this.#context) : undefined;
    if (this.#replay) this.#context.effects.handle.stage({ queries: null });
    // Ends the progress of a verification that was given up, for example because the roles have changed.
    meter.end();
    meter.begin('verify', record.documents);
    return verification;
  }

  async #verify(budgetMs: number, cursors: readonly number[]): Promise<void> {
    const { record, meter } = this.#context;
    if (record.verified && !this.#verification) {
      await this.#replayAgain(budgetMs);
      return;
    }
    const verification = this.#verification ?? (await this.#beginVerification());
    if (verification.read) {
      if (!verification.done)
        await verification.recheck(cursors, {
          ...this.#context.feedOptions,
          keepRefused: (refused) => this.#context.keepRefused(refused),
        });
    } else if (this.#comparison?.work !== verification) {
      // The missing ids are not used here: the running or the next comparison of ids finds them, too.
      await this.#read(verification, budgetMs);
    }
    this.#warnOfNonDeterministic(verification);
    if (!verification.done) return;
    meter.end();
    const { reingest, evidence } = this.#context.record;
    const { nonDeterministic } = verification;
    this.#context.effects.handle.stage({ evidence: { ...evidence, nonDeterministic } });
    if (reingest)
      this.#context.effects.handle.stage({
        reingest: { ...reingest, notCompared: verification.notCompared },
      });
    await this.#replayQueries(budgetMs);
  }

  /** Checks only verified documents: differences that twindex repairs by itself should not stop a move. */
  async #checkAgain(cursors: readonly number[]): Promise<ReconcilerResult['second']> {
    const { record } = this.#context;
    const work = this.#verification;
    const move = nextMove(record).type;
    const last = this.#secondEnded;
    // A rollback waits for this check only after a failure, to see whether the finding is gone.
    if (isRollback(record) ? last?.passed !== false : work && !work.done) return 'running';
    const ago = last ? now() - last.at : Number.POSITIVE_INFINITY;
    const isAsked = !record.verified || move === 'readers' || move === 'writers';
    if (
      !this.#second &&
      last?.passed &&
      last.readers === record.readers &&
      (!isAsked || ago < SECOND_FRESH_MS)
    )
      return 'passed';
    const isStopped = record.stoppedBy !== '' && record.stoppedFor === 'secondCheck';
    if (!this.#second && last && !last.passed && ago < SECOND_AGAIN_MS && isStopped) return 'failed';
    if (!this.#second && !isAsked) return 'passed';
    this.#cursors = cursors;
    this.#second ??= new SecondCheck({
      replication: this.#replication,
      progress: this.#progress,
      record: () => this.#context.record,
      rejected: () => this.#context.rejected(),
      mappings: () => mappingsInSync(this.#context),
    });
    await this.#second.look();
    if (!this.#second.done) return 'running';
    const { sampled, counts, wrong, advice } = this.#second;
    // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two slices at once
    this.#second = undefined;
    this.#secondEnded = { readers: record.readers, at: now(), passed: wrong.length === 0 };
    this.#context.effects.handle.stage({
      secondCheck: { at: new Date().toISOString(), sampled, counts, wrong, advice },
      // The finding that stopped the move is gone.
      ...(wrong.length === 0 && record.stoppedFor === 'secondCheck' ? { stoppedBy: '' } : {}),
    });
    return wrong.length === 0 ? 'passed' : 'failed';
  }

  get #progress(): Progress {
    const cursors = (): readonly number[] => this.#cursors;
    return {
      get cursors() {
        return cursors();
      },
      mark: () => {
        const at = now();
        // Compare ids even without deletes: a document may be on the follower alone for another reason.
        this.#idsSince = at;
        const isCompared = (): boolean => (this.#comparedAt?.beganAt ?? Number.NEGATIVE_INFINITY) >= at;
        return {
          get passed() {
            return isCompared();
          },
        };
      },
      forget: () => undefined,
    };
  }

  /** The searches may have changed when the migration was resumed. */
  async #replayAgain(budgetMs: number): Promise<void> {
    const { record } = this.#context;
    if (!isUnread(record)) return;
    if (!this.#replay && record.queries !== null) return;
    this.#replay ??= new QueryReplay(this.#context);
    await this.#replayQueries(budgetMs);
  }

  async #replayQueries(budgetMs: number): Promise<void> {
    if (!this.#replay || this.#replay.done) return;
    const queries = await this.#replay.slice(budgetMs);
    if (queries) this.#context.effects.handle.stage({ queries });
  }
}

const nameOf = ({ id, routing }: DocumentKey): string => JSON.stringify([id, routing]);

/** Whether the readers are on the source. After they were moved, comparing searches is useless. */
const isUnread = ({ leader, readers }: MigrationRecord): boolean =>
  leader === 'source' && readers === 'source';

function* chained<T>(...parts: readonly Iterable<T>[]): Generator<T> {
  for (const part of parts) yield* part;
}
