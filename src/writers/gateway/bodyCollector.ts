// Collects and decodes a request body, within limits for the received and for the decoded bytes.
import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import type { Allowance, Holder } from './allowance.js';
import { Refusal } from './http/requestHead.js';

const FIRST_BYTES = 4 << 10;
/** Limits for a new block of memory, in bytes. Between them, it has a quarter of the body's present size. */
const BLOCK_BYTES = { least: 16 << 10, most: 4 << 20 } as const;

export interface Collecting {
  readonly contentLength: number | undefined;
  readonly encoding: string | undefined;
  readonly maxBytes: number;
  readonly allowance: Allowance;
  /** Called when the decoder can take no more bytes for now. `onResume` is called when it can. */
  readonly onPause: () => void;
  readonly onResume: () => void;
  readonly onDone: (body: Buffer) => void;
  readonly onRefused: (refusal: Refusal) => void;
}

export class BodyCollector implements Holder {
  readonly #options: Collecting;
  readonly #decoder: Gunzip | Inflate | undefined;
  readonly #beganAt = performance.now();
  /** Copies of the received bytes: a view would keep the socket's whole buffer in memory. */
  #blocks: Buffer[] = [];
  #usedInLastBlock = 0;
  #held = 0;
  #length = 0;
  #over = false;

  constructor(options: Collecting) {
    this.#options = options;
    const { encoding, contentLength } = options;
    options.allowance.enter(this);
    const decoder = decoderOf(encoding);
    if (decoder === null)
      this.#refuse(415, 'a Content-Encoding other than gzip and deflate is not supported');
    else if ((contentLength ?? 0) > options.maxBytes) this.#tooLarge();
    this.#decoder = decoder
      ?.on('data', (bytes: Buffer) => this.#append(bytes))
      .on('drain', () => options.onResume())
      .on('end', () => this.#done())
      .on('error', () =>
        this.#refuse(400, `the body can't be decoded as its Content-Encoding says (${encoding})`),
      );
  }

  get held(): number {
    return this.#held;
  }

  rate(now: number): number {
    return this.#length / Math.max(1, now - this.#beganAt);
  }

  giveWay(): void {
    this.#refuse(429, TOO_MUCH);
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

  discard(): void {
    this.#over = true;
    this.#decoder?.destroy();
    const { allowance } = this.#options;
    allowance.leave(this);
    allowance.giveBack(this.#held);
    this.#held = 0;
    this.#blocks = [];
  }

  #done(): void {
    if (this.#over) return;
    this.#over = true;
    const { allowance, onDone } = this.#options;
    allowance.leave(this);
    const last = this.#blocks.length - 1;
    const blocks = this.#blocks.map((block, n) =>
      n === last ? block.subarray(0, this.#usedInLastBlock) : block,
    );
    const body = blocks.length === 1 ? (blocks[0] as Buffer) : Buffer.concat(blocks, this.#length);
    this.#blocks = [];
    allowance.giveBack(this.#held - body.length);
    this.#held = body.length;
    onDone(body);
  }

  #append(bytes: Buffer): void {
    if (this.#over) return;
    if (this.#length + bytes.length > this.#options.maxBytes) return this.#tooLarge();
    for (let at = 0; at < bytes.length; ) {
      const block = this.#blocks.at(-1);
      if (!block || this.#usedInLastBlock === block.length) {
        if (!this.#grow(bytes.length - at)) return;
        continue;
      }
      const copied = bytes.copy(block, this.#usedInLastBlock, at);
      this.#usedInLastBlock += copied;
      this.#length += copied;
      at += copied;
    }
  }

  /** Memory grows with the received bytes, so a large Content-Length alone takes no memory. */
  #grow(needed: number): boolean {
    const { contentLength, allowance, maxBytes } = this.#options;
    const most = (this.#decoder ? maxBytes : (contentLength ?? maxBytes)) - this.#length;
    const { least, most: largest } = BLOCK_BYTES;
    const wanted = this.#length === 0 ? FIRST_BYTES : Math.min(largest, Math.max(least, this.#length / 4));
    const size = Math.min(most, Math.max(needed, Math.ceil(wanted)));
    const taken = allowance.take(size, this);
    const block = taken ? allocate(size) : undefined;
    if (!block) {
      if (taken) allowance.giveBack(size);
      this.#refuse(429, TOO_MUCH);
      return false;
    }
    this.#blocks.push(block);
    this.#usedInLastBlock = 0;
    this.#held += size;
    return true;
  }

  #tooLarge(): void {
    this.#refuse(
      413,
      `a request to an index that is being migrated may have at most ${this.#options.maxBytes} bytes`,
    );
  }

  #refuse(status: number, reason: string): void {
    if (this.#over) return;
    this.discard();
    this.#options.onRefused(new Refusal(status, reason));
  }
}

const TOO_MUCH =
  'the memory of the gateway for request bodies is full at the moment; send the request again later';

/** @returns undefined if the machine has no memory left */
function allocate(bytes: number): Buffer | undefined {
  try {
    return Buffer.allocUnsafeSlow(bytes);
  } catch {
    return undefined;
  }
}

/** @returns null for an unknown encoding, undefined for a body that is not encoded */
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
