// Builds the body of a `_bulk` request with external versions. The URL names the index or alias.
import { blankLayout } from '../json/layout.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const FIRST_CAPACITY = 64 << 10;

export interface BulkBodyOptions {
  /** `external` (default): the version must be larger than the present one. `external_gte`: larger or equal. */
  readonly versionType?: 'external' | 'external_gte' | undefined;
  readonly index?: never;
}

export interface BulkDelete {
  readonly id: string;
  readonly routing: string | undefined;
  readonly version: bigint;
}

export interface BulkIndex extends BulkDelete {
  /** One JSON object, which may be pretty-printed. */
  readonly source: Uint8Array;
}

export class BulkBody {
  readonly #indexEnd: string;
  readonly #deleteEnd: string;
  #buffer = Buffer.allocUnsafe(FIRST_CAPACITY);
  #bytes = 0;
  #count = 0;

  constructor(options: BulkBodyOptions = {}) {
    const type = options.versionType ?? 'external';
    // `require_alias` does not apply to deletes. A delete through a missing feed creates no index, since the
    // name of a feed has a capital letter.
    this.#indexEnd = `,"version_type":"${type}","require_alias":true}}\n`;
    this.#deleteEnd = `,"version_type":"${type}"}}\n`;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count;
  }

  index(operation: BulkIndex): void {
    const { source } = operation;
    this.#action('{"index":{"_id":', operation, this.#indexEnd, source.length + 1);
    const start = this.#bytes;
    const end = start + source.length;
    this.#buffer.set(source, start);
    const copied = this.#buffer.subarray(start, end);
    if (copied.includes(NEWLINE) || copied.includes(RETURN)) blankLayout(copied);
    this.#buffer[end] = NEWLINE;
    this.#bytes = end + 1;
  }

  delete(operation: BulkDelete): void {
    this.#action('{"delete":{"_id":', operation, this.#deleteEnd, 0);
  }

  /** @returns a copy, which a request may keep. The body is then empty. */
  take(): Buffer {
    const body = Buffer.from(this.#buffer.subarray(0, this.#bytes));
    this.#bytes = 0;
    this.#count = 0;
    return body;
  }

  #action(begin: string, { id, routing, version }: BulkDelete, end: string, following: number): void {
    const where = routing === undefined ? '' : `,"routing":${JSON.stringify(routing)}`;
    const line = `${begin}${JSON.stringify(id)}${where},"version":${version}${end}`;
    this.#reserve(line.length * 3 + following); // UTF-8 needs at most three bytes for a UTF-16 unit
    this.#bytes += this.#buffer.write(line, this.#bytes);
    this.#count++;
  }

  #reserve(bytes: number): void {
    const needed = this.#bytes + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#bytes);
    this.#buffer = larger;
  }
}
