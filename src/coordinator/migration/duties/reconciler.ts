// Does the work beside following while two indexes are kept in sync: retries rejected documents, finds missed
// deletes, and verifies all documents once after each change of roles. It works in slices, so that the lag
// stays small.
import type { Replication } from '../../../protocol/replication.js';
import { ContentVerification, type Difference } from '../../verify/contentVerification.js';
import type { MigrationRecord } from '../../../protocol/record.js';
import { IdComparisons, readSlice } from './idComparisons.js';
import { QueryReplay } from './queryReplay.js';
import { retryingRejected } from './rejectedRetry.js';
import { type SecondResult, SecondChecks } from './secondChecks.js';
import type { Context } from '../context.js';
import { now } from '../../../clock.js';
import { isRollback } from '../../../protocol/states.js';

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
  readonly second: SecondResult;
  /** Whether a comparison or verification has not read all documents yet. */
  readonly isReading: boolean;
  /** Whether a cut-over has to wait, because the application's searches are still being compared. */
  readonly searchesPending: boolean;
}

export class Reconciler {
  readonly ids: IdComparisons;
  readonly #context: Context;
  readonly #replication: Replication;
  readonly #retryRejected: () => Promise<void>;
  readonly #secondChecks: SecondChecks;
  #verification: ContentVerification | undefined;
  #replay: QueryReplay | undefined;
  #wasVerified = false;
  #warned = false;
  #reportedCompared = 0;
  #reportedDifferences = 0;

  constructor(context: Context, replication: Replication) {
    this.#context = context;
    this.#replication = replication;
    this.#retryRejected = retryingRejected(context, replication);
    this.ids = new IdComparisons(context, replication);
    this.#secondChecks = new SecondChecks(context, replication, this.ids);
  }

  /** @param cursors the cursors of the last round of following that caught up */
  async slice(budgetMs: number, cursors: readonly number[]): Promise<ReconcilerResult> {
    await this.#retryRejected();
    const before = this.ids.last;
    const begins = this.#beginsVerification ? () => this.#beginVerification() : undefined;
    const deletesReconciled = await this.ids.slice(budgetMs, begins);
    if (!isRollback(this.#context.record)) await this.#verify(budgetMs, cursors);
    const isVerifying = this.#verification?.done === false;
    const second = await this.#secondChecks.check(cursors, isVerifying);
    const { last, deletesPending } = this.ids;
    return {
      unrepaired: this.#verification?.unrepaired ?? 0,
      ...this.#reportVerification(second === 'passed'),
      second,
      deletesReconciled,
      deletesPending,
      idsCompared: last !== before,
      idsComparedMsAgo: last && now() - last.beganAt,
      rejected: (await this.#context.rejected()).blocking(this.#context.record),
      isReading: this.ids.isRunning || this.#verification?.read === false,
      searchesPending: isUnread(this.#context.record) && this.#replay?.done === false,
    };
  }

  /** Reports the changes since the last report. After the end of a verification, the next one may begin. */
  #reportVerification(passed: boolean): Pick<ReconcilerResult, 'verified' | 'compared' | 'differences'> {
    const work = this.#verification;
    const compared = (work?.compared ?? 0) - this.#reportedCompared;
    const differences = work?.differences.slice(this.#reportedDifferences) ?? [];
    const done = work ? work.done && (this.#replay?.done ?? true) : this.#context.record.verified;
    const verified = done && this.ids.isCurrent && passed;
    this.#reportedCompared = verified ? 0 : this.#reportedCompared + compared;
    this.#reportedDifferences = verified ? 0 : this.#reportedDifferences + differences.length;
    if (verified) this.#verification = undefined;
    this.#wasVerified ||= verified;
    return { verified, compared, differences };
  }

  #warnOfNonDeterministic({ nonDeterministicId }: ContentVerification): void {
    if (nonDeterministicId === undefined || this.#warned) return;
    this.#warned = true;
    this.#context.note(
      `the transform is not deterministic: for document ${nonDeterministicId} it returns another result each time. Such documents can't be ` +
        'verified, and may differ between the indexes. Remove what makes the results differ (time, random numbers, other data).',
      'warn',
    );
  }

  get #beginsVerification(): boolean {
    const { record } = this.#context;
    return !record.verified && !this.#verification && !isRollback(record);
  }

  async #beginVerification(): Promise<ContentVerification> {
    const { record, meter } = this.#context;
    const rejected = await this.#context.rejected();
    // A repeated verification also compares ids, whether there were deletes or not.
    if (this.#wasVerified) this.ids.demand();
    this.#secondChecks.forget();
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
    } else if (!this.ids.isReading(verification)) {
      // The missing ids are not used here, since the running or the next comparison of ids finds them as
      // well.
      await readSlice(this.#context, verification, budgetMs);
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

  /** Replays the searches again after a resume, since they may have changed. */
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

/** Whether the readers are still on the source. Once they have moved, comparing searches is useless. */
const isUnread = ({ leader, readers }: MigrationRecord): boolean =>
  leader === 'source' && readers === 'source';
