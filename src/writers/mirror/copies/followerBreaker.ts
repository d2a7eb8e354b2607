// A writer's circuit breaker for the follower. While the follower accepts no copies, a write is acknowledged
// as soon as the leader has it, and following copies it later (docs/gateway.md, "When the follower fails").
import { setTimeout as sleep } from 'node:timers/promises';

export interface Away {
  readonly since: string;
  readonly reason: string;
}

interface BreakerOptions {
  /** The follower counts as away if copies were sent for this long and none was answered. */
  readonly patienceMs: number;
  readonly probeMs: number;
  /** Sends a write that changes nothing. @returns whether the follower accepts writes again */
  readonly probe: () => Promise<boolean>;
  readonly onChange: () => void;
}

export class FollowerBreaker {
  readonly #options: BreakerOptions;
  readonly #closing = new AbortController();
  /** When the oldest copy was sent, of all copies that have failed since the follower's last answer. */
  #failingSince: number | undefined;
  #away: Away | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Why and since when no copies are sent to the follower; undefined in normal operation. */
  get away(): Away | undefined {
    return this.#away;
  }

  /** Call this when the follower has accepted a copy, or has refused it with a reason. */
  answered(): void {
    this.#failingSince = undefined;
    if (this.#away) this.#comeBack();
  }

  /** Call this when a copy was not accepted in time. @param sentAt by `performance.now()` */
  failed(sentAt: number, reason: string): void {
    this.#failingSince = Math.min(this.#failingSince ?? sentAt, sentAt);
    if (performance.now() - this.#failingSince >= this.#options.patienceMs) this.blocked(reason);
  }

  /** Call this when the follower itself says that it accepts no writes, because it is closed or blocked. */
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

export interface BreakerLimits {
  readonly patienceMs: number;
  readonly probeMs: number;
}
