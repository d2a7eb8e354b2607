// The base class of cluster connections: retries safe requests, and maps responses to results and errors.
import { setTimeout as sleep } from 'node:timers/promises';
import { TwindexError } from '../errors.js';
import { parseJson } from '../json/exactJson.js';
import type { Answer, Request } from './request.js';
import { ANSWERED_BETWEEN, beginningOf, isPassing, toTwindexError } from './engineErrors.js';

export abstract class ClusterConnection {
  readonly #maxRetries: number;

  constructor(maxRetries: number) {
    this.#maxRetries = maxRetries;
  }

  /** The addresses of the nodes, without credentials. */
  abstract get urls(): readonly string[];

  abstract close(): Promise<void>;

  /** Reads the credentials again from their source, since they may have changed there. */
  renewCredentials(): Promise<void> {
    return Promise.resolve();
  }

  /** Sends a request once, to the first node that accepts a connection. */
  protected abstract sendOnce(request: Request): Promise<Answer>;

  /**
   * Sends a request and returns the response, whatever its status.
   * @throws TwindexError `unreachable` (nothing was sent), `unanswered` (outcome unknown), `too_large`; the
   * signal's reason if `request.signal` was aborted
   */
  async send(request: Request): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const last = attempt >= this.#maxRetries;
      try {
        const answer = await this.sendOnce(request);
        if (last || request.repeat !== 'always' || !isPassing(answer)) return answer;
      } catch (error) {
        const retry = request.repeat === 'always' && (error as TwindexError).code !== 'too_large';
        if (last || !retry || request.signal?.aborted) throw error;
      }
      await sleep(backoffMs(attempt), undefined, request.signal ? { signal: request.signal } : {});
    }
  }

  /**
   * Sends a request and returns the JSON of a 2xx response. Numbers above 2^53 lose digits; if that matters,
   * use `exactJson`.
   * @throws TwindexError for every other response, as engineErrors.ts maps it
   */
  async json<T>(request: Request): Promise<T> {
    return (await this.#parsed(request, JSON.parse)) as T;
  }

  /** Like `json`, but numbers keep all their digits. For JSON that users wrote, and for the journal. */
  async exactJson<T>(request: Request): Promise<T> {
    return (await this.#parsed(request, parseJson)) as T;
  }

  async #parsed(request: Request, parse: (text: string) => unknown): Promise<unknown> {
    const answer = await this.send(request);
    if (answer.status >= 300) throw toTwindexError(request, answer);
    if (answer.body.length === 0) return {};
    try {
      return parse(answer.body.toString());
    } catch (cause) {
      throw new TwindexError(
        'unanswered',
        `${request.method} ${request.path} was answered, but not by the engine: ${beginningOf(answer.body.toString())}`,
        { cause, status: answer.status, hint: ANSWERED_BETWEEN },
      );
    }
  }
}

/**
 * Exponential backoff with jitter: 50 ms plus a random time. The limit of the random time is 100 ms at first,
 * and doubles with each attempt, up to 5 s.
 */
export function backoffMs(attempt: number): number {
  return 50 + Math.random() * Math.min(5_000, 100 * 2 ** attempt);
}
