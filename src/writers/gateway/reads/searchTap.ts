// Collects a search and its answer while they are forwarded, to record or compare the search afterwards.
import type { FoundSearch } from '../../mirror/request/readRules.js';
import { headersOf, type RequestHead } from '../http/requestHead.js';
import type { ResponseHead } from '../http/responseHead.js';
import type { Origin } from '../upstream/requestLines.js';
import { Pieces, type Tap } from './tap.js';
import { unpack } from './unpack.js';

/** Limits in bytes, for compressed and for decompressed bodies. */
export const MAX_REQUEST = 256 << 10;
export const MAX_ANSWER = 1 << 20;

/** A search that was answered with 200. */
export interface AnsweredSearch {
  readonly search: FoundSearch;
  readonly head: RequestHead;
  readonly origin: Origin;
  /** Decompressed, and empty if there is none. Undefined if the body is too large or not readable. */
  readonly body: Buffer | undefined;
  /** Time from the request to the last byte of the answer. */
  readonly ms: number;
  /** Decompressed. Undefined if the answer is not needed, too large, or not JSON. */
  readonly answer: Buffer | undefined;
}

interface TapOptions extends Pick<AnsweredSearch, 'search' | 'head' | 'origin'> {
  readonly wantsAnswer: boolean;
  /** Called once, with undefined if the status was not 200. The promise never rejects. */
  readonly onAnswered: (answered: AnsweredSearch | undefined) => Promise<void>;
}

export class SearchTap implements Tap {
  readonly #options: TapOptions;
  readonly #beganAt = performance.now();
  readonly #request = new Pieces(MAX_REQUEST);
  readonly #answer = new Pieces(MAX_ANSWER);

  constructor(options: TapOptions) {
    this.#options = options;
  }

  onRequest(bytes: Buffer): void {
    this.#request.add(bytes);
  }

  onAnswer(bytes: Buffer): void {
    if (this.#options.wantsAnswer) this.#answer.add(bytes);
  }

  onEnd(response: ResponseHead | undefined): void {
    void this.#end(response, performance.now() - this.#beganAt);
  }

  async #end(response: ResponseHead | undefined, ms: number): Promise<void> {
    const { search, head, origin, onAnswered } = this.#options;
    if (response?.status !== 200) return onAnswered(undefined);
    const packed = this.#request.whole();
    const body = packed && (await unpack(packed, headersOf(head.lines)['content-encoding'], MAX_REQUEST));
    const answer = await this.#unpackedAnswer(response);
    return onAnswered({ search, head, origin, body, ms, answer });
  }

  async #unpackedAnswer({ lines }: ResponseHead): Promise<Buffer | undefined> {
    if (!this.#options.wantsAnswer) return undefined;
    const headers = headersOf(lines.slice(lines.indexOf('\r\n') + 2));
    const packed = this.#answer.whole();
    if (!packed || !/\bjson\b/i.test(headers['content-type'] ?? '')) return undefined;
    return unpack(packed, headers['content-encoding'], MAX_ANSWER);
  }
}
