// A request that carries the copies of several writes. It is an event in the span of each of these writes, and
// names the first of these spans to the engine.
import type { BulkAnswered } from '../../../cluster/documents/bulk.js';
import { isTwindexError } from '../../../errors.js';
import type { CopySpan, RequestSpan } from './writeTrace.js';

export class BatchTrace {
  readonly #first: RequestSpan;
  readonly #spans: ReadonlySet<RequestSpan>;

  private constructor(first: RequestSpan, spans: ReadonlySet<RequestSpan>) {
    this.#first = first;
    this.#spans = spans;
  }

  /** @returns undefined if no copy in the batch has a span */
  static of(batch: readonly { readonly span: CopySpan | undefined }[]): BatchTrace | undefined {
    const spans = new Set(batch.flatMap(({ span }) => span?.request ?? []));
    const [first] = spans;
    return first && new BatchTrace(first, spans);
  }

  /** @param copies the number of copies in the request @param send may throw a TwindexError */
  async send(
    copies: number,
    send: (headers: Readonly<Record<string, string>>) => Promise<BulkAnswered>,
  ): Promise<BulkAnswered> {
    for (const span of this.#spans) span.event('twindex.sent', { 'twindex.sent.copies': copies });
    try {
      const answer = await this.#first.within(() => send(this.#first.headers()));
      this.#answered(answer.type === 'busy' ? answer.status : 200);
      return answer;
    } catch (error) {
      if (isTwindexError(error)) this.#answered(error.status);
      throw error;
    }
  }

  #answered(status: number | undefined): void {
    if (status === undefined) return;
    for (const span of this.#spans) span.set({ 'db.response.status_code': String(status) });
  }
}
