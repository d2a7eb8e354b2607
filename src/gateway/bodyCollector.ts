// The body of a request that the gateway has to look into: held once, decoded, and bounded before and after decoding.
import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import { Refusal } from './http/requestHead.js';

const FIRST_BYTES = 64 << 10;

/** What all requests together may hold. */
export class Allowance {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

export interface Collecting {
  readonly contentLength: number | undefined;
  /** The Content-Encoding header. */
  readonly encoding: string | undefined;
  readonly maxBytes: number;
  readonly allowance: Allowance;
  /** Takes no more for a moment, and again. */
  readonly onPause: () => void;
  readonly onResume: () => void;
  readonly onDone: (body: Buffer) => void;
  readonly onRefused: (refusal: Refusal) => void;
}

export class BodyCollector {
  readonly #options: Collecting;
  readonly #decoder: Gunzip | Inflate | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #over = false;

  constructor(options: Collecting) {
    this.#options = options;
    const { encoding, contentLength } = options;
    const decoder = decoderOf(encoding);
    if (decoder === null)
      this.#refuse(415, 'a Content-Encoding other than gzip and deflate is not understood here');
    else if ((contentLength ?? 0) > options.maxBytes) this.#tooLarge();
    this.#decoder = decoder
      ?.on('data', (bytes: Buffer) => this.#append(bytes))
      .on('drain', () => options.onResume())
      .on('end', () => this.#done())
      .on('error', () => this.#refuse(400, `the body is not what its Content-Encoding says (${encoding})`));
  }

  take(bytes: Buffer): void {
    if (this.#over) return;
    if (!this.#decoder) this.#append(bytes);
    else if (!this.#decoder.write(bytes)) this.#options.onPause();
  }

  end(): void {
    if (this.#over) return;
    if (this.#decoder) this.#decoder.end();
    else this.#done();
  }

  /** It is needed no more. */
  discard(): void {
    this.#over = true;
    this.#decoder?.destroy();
    this.#options.allowance.giveBack(this.#bytes.length);
    this.#bytes = Buffer.alloc(0);
  }

  #done(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onDone(this.#bytes.subarray(0, this.#length));
  }

  #append(bytes: Buffer): void {
    if (this.#over) return;
    const length = this.#length + bytes.length;
    if (length > this.#options.maxBytes) return this.#tooLarge();
    if (length > this.#bytes.length && !this.#grow(length)) return;
    bytes.copy(this.#bytes, this.#length);
    this.#length = length;
  }

  /** To four times its size, so that a moment of twice the body is a quarter of it. */
  #grow(needed: number): boolean {
    const { contentLength, allowance, maxBytes } = this.#options;
    const most = this.#decoder ? maxBytes : (contentLength ?? maxBytes);
    const size = Math.min(most, Math.max(needed, FIRST_BYTES, 4 * this.#bytes.length));
    const more = size - this.#bytes.length;
    const taken = allowance.take(more);
    const grown = taken ? allocate(size) : undefined;
    if (!grown) {
      if (taken) allowance.giveBack(more);
      this.#refuse(429, 'the gateway holds too many bodies at this moment; send the request again later');
      return false;
    }
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
    return true;
  }

  #tooLarge(): void {
    this.#refuse(
      413,
      `a request to an index that is being migrated may have ${this.#options.maxBytes} bytes`,
    );
  }

  #refuse(status: number, reason: string): void {
    if (this.#over) return;
    this.discard();
    this.#options.onRefused(new Refusal(status, reason));
  }
}

/** Undefined where the machine has no memory left for it. */
function allocate(bytes: number): Buffer | undefined {
  try {
    return Buffer.allocUnsafeSlow(bytes);
  } catch {
    return undefined;
  }
}

/** Null: not known. */
function decoderOf(encoding: string | undefined): Gunzip | Inflate | undefined | null {
  switch (encoding?.toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ chunkSize: 64 << 10 });
    case 'deflate':
      return createInflate({ chunkSize: 64 << 10 });
    default:
      return null;
  }
}
