// Decides when the second check is made (docs/protocol.md, "The second check"), and keeps its result.
import type { Replication } from '../../../protocol/replication.js';
import type { Side } from '../../../protocol/record.js';
import { isRollback, nextMove } from '../../../protocol/states.js';
import type { Progress } from '../../verify/coordinatorProgress.js';
import { SecondCheck } from '../../verify/secondCheck.js';
import type { Context } from '../context.js';
import { now } from '../../../clock.js';
import type { IdComparisons } from './idComparisons.js';
import { mappingsInSync } from './wantedTarget.js';

/** A check that is older than this does not count for a move. */
const FRESH_MS = 60_000;
/** After a check has stopped a move, the next check waits for this time. */
const AGAIN_MS = 20_000;

export type SecondResult = 'running' | 'passed' | 'failed';

export class SecondChecks {
  readonly #context: Context;
  readonly #replication: Replication;
  readonly #ids: IdComparisons;
  #running: SecondCheck | undefined;
  #last: { readonly readers: Side; readonly at: number; readonly passed: boolean } | undefined;
  #cursors: readonly number[] = [];

  constructor(context: Context, replication: Replication, ids: IdComparisons) {
    this.#context = context;
    this.#replication = replication;
    this.#ids = ids;
  }

  /** Call this when a verification begins. */
  forget(): void {
    this.#last = undefined;
  }

  /** Waits for the end of a verification, so that differences which it repairs do not stop a move. */
  async check(cursors: readonly number[], isVerifying: boolean): Promise<SecondResult> {
    const known = this.#known(isVerifying);
    if (known) return known;
    this.#cursors = cursors;
    this.#running ??= new SecondCheck({
      replication: this.#replication,
      progress: this.#progress,
      record: () => this.#context.record,
      rejected: () => this.#context.rejected(),
      mappings: () => mappingsInSync(this.#context),
    });
    await this.#running.check();
    if (!this.#running.done) return 'running';
    const { sampled, counts, wrong, advice } = this.#running;
    const { record, effects } = this.#context;
    const passed = wrong.length === 0;
    // oxlint-disable-next-line twindex/atomic-updates -- the coordinator never runs two slices at once
    this.#running = undefined;
    this.#last = { readers: record.readers, at: now(), passed };
    effects.handle.stage({
      secondCheck: { at: new Date().toISOString(), sampled, counts, wrong, advice },
      // The difference that stopped the move is gone.
      ...(passed && record.stoppedFor === 'secondCheck' ? { stoppedBy: '' } : {}),
    });
    return passed ? 'passed' : 'failed';
  }

  /** @returns the result of the last check, if no new check has to be made now */
  #known(isVerifying: boolean): SecondResult | undefined {
    const { record } = this.#context;
    const last = this.#last;
    // A rollback waits for this check only if the last one has failed, to see whether the difference is gone.
    if (isRollback(record) ? last?.passed !== false : isVerifying) return 'running';
    if (this.#running) return undefined;
    const move = nextMove(record).type;
    const isAsked = !record.verified || move === 'readers' || move === 'writers';
    const agoMs = last ? now() - last.at : Number.POSITIVE_INFINITY;
    if (last?.passed && last.readers === record.readers && (!isAsked || agoMs < FRESH_MS)) return 'passed';
    const isStopped = record.stoppedBy !== '' && record.stoppedFor === 'secondCheck';
    if (last && !last.passed && isStopped && agoMs < AGAIN_MS) return 'failed';
    return isAsked ? undefined : 'passed';
  }

  get #progress(): Progress {
    const cursors = (): readonly number[] => this.#cursors;
    const ids = this.#ids;
    return {
      get cursors() {
        return cursors();
      },
      mark: () => {
        // Compare ids even if there were no deletes: a document may be only on the follower for another
        // reason.
        const at = ids.demand();
        return {
          get passed() {
            return ids.hasBegunSince(at);
          },
        };
      },
      forget: () => undefined,
    };
  }
}
