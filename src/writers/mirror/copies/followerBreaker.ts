// A writer's circuit breaker for the follower. While the follower takes no copies, writes are acknowledged
// when the leader has them, and following copies them (docs/gateway.md, "When the follower fails").
import { setTimeout as sleep } from 'node:timers/promises';

/** Why the follower gets no copies, and since when. */
export interface Away {
  /** ISO time, for display. */
  readonly since: string;
  readonly reason: string;
}

interface BreakerOptions {
  /** The follower counts as away when copies were sent and none was answered for this time. */
  readonly patienceMs: number;
  /** The time between two probes. */
  readonly probeMs: number;
  /** Sends a write that changes nothing. @returns whether the follower accepts writes again */
  readonly probe: () => Promise<boolean>;
  /** Called when the follower goes away or comes back. */
  readonly onChange: () => void;
}

export class FollowerBreaker {
  readonly #options: BreakerOptions;
  readonly #closing = new AbortController();
  /** Sending time of the oldest copy that has failed since the follower's last answer. */
  #failingSince: number | undefined;
  #away: Away | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Undefined while copies are sent. */
  get away(): Away | undefined {
    return this.#away;
  }

  /** The follower has accepted a copy, or refused one with a reason. */
  answered(): void {
    this.#failingSince = undefined;
    if (this.#away) this.#comeBack();
  }

  /** A copy was not accepted in time. @param sentAt by `performance.now()` */
  failed(sentAt: number, reason: string): void {
    this.#failingSince = Math.min(this.#failingSince ?? sentAt, sentAt);
    if (performance.now() - this.#failingSince >= this.#options.patienceMs) this.blocked(reason);
  }

  /** The follower itself says that it accepts no writes: it is closed, or blocked. */
  blocked(reason: string): void {
    if (this.#away || this.#closing.signal.aborted) return;
    this.#away = { since: new Date().toISOString(), reason };
    this.#options.onChange();
    void this.#probeUntilBack();
  }

  close(): void {
    this.#closing.abort();
  }

  async #probeUntilBack(): Promise<void> {
    const { probe, probeMs } = this.#options;
    const { signal } = this.#closing;
    while (this.#away && !signal.aborted) {
      // the timer must not keep a process alive that has nothing else to do
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

/** When the follower counts as away, and how often it is probed then. */
export interface BreakerLimits {
  readonly patienceMs: number;
  readonly probeMs: number;
}
