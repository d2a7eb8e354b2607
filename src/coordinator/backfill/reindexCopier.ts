// Copies each window by a task of the engine's `_reindex`. A copy keeps its document's own `_version`, which
// is smaller than any stamp, so copies by following and by gateways win over it (docs/protocol.md,
// "Back-fill").
import { setTimeout as sleep } from 'node:timers/promises';
import {
  cancelTask,
  findReindexTasks,
  forgetTask,
  rethrottleReindex,
} from '../../cluster/reindex/reindexTasks.js';
import { settingsVersion, whyAltered } from '../../cluster/indices/searchAlterations.js';
import { getReindexState, type ReindexState, startReindex } from '../../cluster/reindex/startReindex.js';
import { TwindexError } from '../../errors.js';
import { sortOutcome } from '../../documents/bulkAnswer.js';
import type { Replication } from '../../protocol/replication.js';
import { feedIsMissing } from '../follow/feedWriter.js';
import type { Copier, CopyOutcome, CopyRun } from './copier.js';
import { pageOf } from './sizes.js';
import type { SeqNoRange } from '../../documents/seqNoRange.js';

export interface ReindexOptions {
  /** Documents in one scroll page, if the copy is not throttled. */
  readonly batch: number;
  readonly pipeline: string | undefined;
  /** Wraps the request that starts a task (`Effects.run`), to notice a lost answer. */
  readonly around: (start: () => Promise<string>) => Promise<string>;
}

const POLL_MS = 100;
/** If the rate is limited, the page size is chosen so that a page takes this time. Small pages spread the load. */
const PAGE_MS = 40;
const LEAST_PAGE = 100;
/** When the rate is lowered, a task is replaced if its pages are this many times too large for the rate. */
const TOO_LARGE = 3;
/** The HTTP status for each type of error that ends a task. The state of a task has only the type. */
const STATUS_OF: Readonly<Record<string, number>> = {
  illegal_argument_exception: 400,
  invalid_index_name_exception: 400,
  index_not_found_exception: 404,
};

export class ReindexCopier implements Copier {
  readonly #replication: Replication;
  readonly #options: ReindexOptions;

  constructor(replication: Replication, options: ReindexOptions) {
    this.#replication = replication;
    this.#options = options;
  }

  /** Cancels tasks of an earlier coordinator. Their feed alias was removed, so their writes are refused. */
  async cancelLeftovers(feedPrefix: string): Promise<void> {
    const { cluster } = this.#replication.follower;
    for (const task of await findReindexTasks(cluster, feedPrefix)) await cancelTask(cluster, task);
  }

  /** @throws TwindexError `rejected` if `_reindex` would not read the documents as they are stored */
  async start(window: SeqNoRange, docsPerSecond: number): Promise<CopyRun> {
    const { leader, feed } = this.#replication;
    const { pipeline, around } = this.#options;
    // Check before each task, since the settings may have changed.
    const settings = await settingsVersion(leader.cluster, leader.index);
    const altered = await whyAltered(leader.cluster, leader.index);
    if (altered !== undefined) throw new TwindexError('rejected', altered);
    const batch = Math.min(this.#options.batch, pageAt(docsPerSecond));
    const task = await around(() =>
      startReindex(leader.cluster, {
        source: leader.index,
        feed,
        ...window,
        shards: leader.shards,
        batch,
        docsPerSecond,
        pipeline,
      }),
    );
    return new TaskRun(this.#replication, { task, window, batch, pipeline, settings });
  }
}

const pageAt = (docsPerSecond: number): number => pageOf(docsPerSecond, PAGE_MS, LEAST_PAGE);

interface Task {
  readonly task: string;
  readonly window: SeqNoRange;
  readonly batch: number;
  readonly pipeline: string | undefined;
  readonly settings: number | undefined;
}

class TaskRun implements CopyRun {
  readonly #replication: Replication;
  readonly #started: Task;
  readonly ended: Promise<CopyOutcome>;
  handled = 0;
  #cancelled = false;

  constructor(replication: Replication, started: Task) {
    this.#replication = replication;
    this.#started = started;
    this.ended = this.#watch();
  }

  pace(docsPerSecond: number): void {
    const { task, batch } = this.#started;
    if (docsPerSecond > 0 && batch > TOO_LARGE * pageAt(docsPerSecond)) {
      // The page size of a task can't be changed, so another task copies the window with smaller pages.
      this.cancel();
    } else {
      // `_reindex` does not accept a rate of 0.
      void rethrottleReindex(this.#replication.follower.cluster, task, Math.max(1, docsPerSecond));
    }
  }

  cancel(): void {
    this.#cancelled = true;
    void cancelTask(this.#replication.follower.cluster, this.#started.task);
  }

  async #watch(): Promise<CopyOutcome> {
    const { cluster } = this.#replication.follower;
    const { task } = this.#started;
    for (;;) {
      const state = await getReindexState(cluster, task);
      if (!state) return { type: 'failed', reason: 'the node that ran _reindex is gone' };
      this.handled = Math.max(this.handled, handledBy(state));
      if (state.completed) {
        await forgetTask(cluster, task);
        const outcome = this.#outcomeOf(state);
        return outcome.type === 'copied' ? await this.#unlessAltered(outcome) : outcome;
      }
      await sleep(POLL_MS);
    }
  }

  /** Returns `unable` after a change of settings: a search pipeline may have altered the documents. */
  async #unlessAltered(outcome: CopyOutcome): Promise<CopyOutcome> {
    const { cluster, index } = this.#replication.leader;
    if ((await settingsVersion(cluster, index)) === this.#started.settings) return outcome;
    const reason = await whyAltered(cluster, index);
    return reason === undefined
      ? { type: 'failed', reason: `the settings of ${index} were changed while _reindex read it` }
      : { type: 'unable', reason };
  }

  #outcomeOf(state: ReindexState): CopyOutcome {
    const { failures, error, cancelled, conflicts, noops, updated, total, retries, timedOut } = state;
    const { window, pipeline } = this.#started;
    if (error) {
      const { type, reason = '' } = error;
      this.#judge({ type, reason, status: STATUS_OF[type] ?? 500 });
      return { type: 'failed', reason: `_reindex failed: ${type}: ${reason}` };
    }
    for (const { id, status = 500, cause, reason: ofSearch } of failures) {
      const { type, reason = '' } = cause ?? ofSearch ?? { type: 'unknown' };
      const outcome = this.#judge({ type, reason, status });
      // After `unable`, the caller copies in pages, and saves each refused document as rejected.
      if (outcome === 'refused' && id !== undefined)
        return {
          type: 'unable',
          reason: `${this.#replication.follower.index} refused document ${id}: ${type}: ${reason}`,
        };
    }
    const said = failures[0]?.cause ?? failures[0]?.reason;
    if (said) return { type: 'failed', reason: `_reindex failed: ${said.type}: ${said.reason ?? ''}` };
    if (timedOut)
      return {
        type: 'unable',
        reason: 'a search of _reindex timed out (check search.default_search_timeout of the cluster)',
      };
    if (cancelled && this.#cancelled) return { type: 'stopped', cursor: window.after };
    if (cancelled) return { type: 'failed', reason: 'the _reindex task was cancelled' };
    // The engine counts a document that the pipeline drops as a noop or an update. There are no real updates:
    // the follower's version of a document is never smaller than the copy's, so the copy is a conflict.
    if (pipeline !== undefined && noops + updated > 0)
      return {
        type: 'unable',
        reason: `the ingest pipeline ${pipeline} drops documents, and _reindex does not say which`,
      };
    if (handledBy(state) !== total)
      return { type: 'failed', reason: `_reindex handled ${handledBy(state)} of ${total} documents` };
    const { tally } = this.#replication;
    tally.copied += total - conflicts;
    tally.conflicts += conflicts;
    tally.busy += retries;
    return { type: 'copied' };
  }

  /** @throws TwindexError `fenced`, `blocked` */
  #judge(failure: { readonly type: string; readonly reason: string; readonly status: number }): string {
    const { follower, feed } = this.#replication;
    const outcome = sortOutcome({ action: 'index', ...failure });
    if (outcome === 'fenced') throw new TwindexError('fenced', feedIsMissing(feed));
    if (outcome === 'blocked')
      throw new TwindexError('blocked', `${follower.index} accepts no writes: ${failure.reason}`);
    return outcome;
  }
}

function handledBy({ created, updated, conflicts, noops }: ReindexState): number {
  return created + updated + conflicts + noops;
}
