// The circuit breaker of a writer for the index that follows: while that index does not take copies, writes are acknowledged
// when the leader has them, and following brings them (docs/gateway.md, "When the follower fails").
import { setTimeout as sleep } from 'node:timers/promises';

/** Why the follower gets no copies, and since when. */
export interface Away {
  /** ISO time, to be shown. */
  readonly since: string;
  readonly reason: string;
}

interface BreakerOptions {
  /** The follower is away when it has answered no copy for so long although copies were sent. */
  readonly patienceMs: number;
  /** Between two probes. */
  readonly probeMs: number;
  /** Sends something that changes nothing. @returns whether the follower takes writes again */
  readonly probe: () => Promise<boolean>;
  /** The follower went away, or came back. */
  readonly onChange: () => void;
}

export class FollowerBreaker {
  readonly #options: BreakerOptions;
  readonly #closing = new AbortController();
  /** When the oldest copy was sent that has failed since the follower last answered one. */
  #failingSince: number | undefined;
  #away: Away | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Undefined while copies are sent. */
  get away(): Away | undefined {
    return this.#away;
  }

  /** The follower has taken a copy, or has said why it will not take that one. */
  answered(): void {
    this.#failingSince = undefined;
    if (this.#away) this.#comeBack();
  }

  /** A copy has not been taken in its time. @param sentAt by `performance.now()` */
  failed(sentAt: number, reason: string): void {
    this.#failingSince = Math.min(this.#failingSince ?? sentAt, sentAt);
    if (performance.now() - this.#failingSince >= this.#options.patienceMs) this.blocked(reason);
  }

  /** The follower itself says that it takes no writes: it is closed, or blocked. */
  blocked(reason: string): void {
    if (this.#away || this.#closing.signal.aborted) return;
    this.#away = { since: new Date().toISOString(), reason };
    this.#options.onChange();
    void this.#probeUntilBack();
  }

  /** Nothing is probed any more. */
  close(): void {
    this.#closing.abort();
  }

  async #probeUntilBack(): Promise<void> {
    const { probe, probeMs } = this.#options;
    const { signal } = this.#closing;
    while (this.#away && !signal.aborted) {
      // A process that has nothing else to do may end.
      await sleep(probeMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      if (await probe().catch(() => false)) this.answered();
    }
  }

  #comeBack(): void {
    this.#away = undefined;
    this.#options.onChange();
  }
}

/** When the index that follows counts as away, and how often it is looked at then. */
export interface BreakerLimits {
  readonly patienceMs: number;
  readonly probeMs: number;
}
