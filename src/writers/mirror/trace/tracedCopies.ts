// The spans of copies, and of the requests that carry the copies of several writes together.
import type { CopySpan, CopyTrace, CountedCopy, Requested, RequestSpan } from './writeTrace.js';

export class TracedCopies implements CopyTrace {
  readonly #beginRequest: (follower: Requested) => RequestSpan;
  readonly #onBypassed: (copies: number) => void;
  readonly #followers = new Map<string, FollowerSpan>();
  #bypassed = 0;
  #isClosed = false;

  constructor(beginSpan: (follower: Requested) => RequestSpan, onBypassed: (copies: number) => void) {
    this.#beginRequest = beginSpan;
    this.#onBypassed = onBypassed;
  }

  begin(follower: Requested, isAwaited: boolean): CopySpan {
    const name = follower.indexes.join();
    let span = this.#followers.get(name);
    if (!span || span.hasEnded) {
      span = new FollowerSpan(this.#beginRequest(follower));
      this.#followers.set(name, span);
    }
    span.begin(isAwaited);
    if (this.#isClosed) span.close();
    return span;
  }

  bypassed(): void {
    this.#bypassed++;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#bypassed > 0) this.#onBypassed(this.#bypassed);
    for (const span of this.#followers.values()) span.close();
  }
}

class FollowerSpan implements CopySpan {
  readonly request: RequestSpan;
  readonly #counts = new Map<CountedCopy, number>();
  #copies = 0;
  #pending = 0;
  #isAwaited = false;
  #isClosed = false;
  hasEnded = false;

  constructor(request: RequestSpan) {
    this.request = request;
  }

  begin(isAwaited: boolean): void {
    this.#copies++;
    this.#pending++;
    this.#isAwaited ||= isAwaited;
  }

  ended(counted: CountedCopy | undefined): void {
    this.#pending--;
    if (counted) this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
    this.#endIfDone();
  }

  close(): void {
    this.#isClosed = true;
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (!this.#isClosed || this.#pending > 0 || this.hasEnded) return;
    this.hasEnded = true;
    const { request } = this;
    request.set({ 'db.operation.batch.size': this.#copies, 'twindex.awaited': this.#isAwaited });
    for (const [counted, count] of this.#counts) request.set({ [`twindex.copies.${counted}`]: count });
    const problem = (['refused', 'unanswered'] as const).find((counted) => this.#counts.has(counted));
    if (problem) request.fail(problem);
    request.end();
  }
}
