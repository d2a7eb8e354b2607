// Measures for how long other processes have shown no sign of life. A process that lives writes a new value
// (its beat) to the journal again and again. The time is measured by the clock of this process, because the
// clocks of two machines may differ.

const FORGET_MS = 600_000;

export class Pulses {
  readonly #seen = new Map<string, { beat: string; since: number; at: number }>();

  /** A process that is seen for the first time counts as alive. @param now `performance.now()` */
  silentMs(process: string, beat: string, now: number): number {
    const seen = this.#seen.get(process);
    if (seen?.beat !== beat) this.#seen.set(process, { beat, since: now, at: now });
    else seen.at = now;
    return seen?.beat === beat ? now - seen.since : 0;
  }

  /** Forgets processes whose documents are gone. */
  forget(now: number): void {
    for (const [process, { at }] of this.#seen) if (now - at > FORGET_MS) this.#seen.delete(process);
  }
}
