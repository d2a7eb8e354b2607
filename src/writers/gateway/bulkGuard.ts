// Checks a bulk that is forwarded in pieces, so that no operation changes an index of twindex itself. Each
// metadata line is read before it is forwarded. Documents are not read.
import { MAX_METADATA, readMetadata } from '../mirror/bulk/bulkMetadata.js';
import { ownReason, reachesOwn } from '../mirror/request/ownNames.js';

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);
/** A metadata line that matches PLAIN but not SUSPICIOUS can't name an index of twindex. It is not parsed. */
const PLAIN = /^\s*\{\s*"(index|create|update|delete)"/;
const SUSPICIOUS = /twindex|[\\<]/;
/** The byte order mark, which the engines skip at the beginning of a body. */
const MARK = Buffer.from('\ufeff');

export const isBulk = (target: string): boolean => /\/_bulk(?:\/stream)?\/*(?:\?|$)/.test(target);

export class BulkGuard {
  /** The beginning of a metadata line that is not complete yet. */
  #held = NOTHING;
  #inSource = false;
  #line = 0;

  /** @returns the bytes that can be forwarded now, or the reason why the bulk is refused */
  take(bytes: Buffer): Buffer | { readonly refused: string } {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = NOTHING;
    let at = 0;
    for (let end = all.indexOf(LF); end >= 0; end = all.indexOf(LF, at)) {
      this.#line++;
      if (this.#inSource) {
        this.#inSource = false;
      } else {
        const refused = this.#read(all.subarray(at, end));
        if (refused !== undefined) return { refused };
      }
      at = end + 1;
    }
    if (this.#inSource || at === all.length) return all;
    if (all.length - at > MAX_METADATA)
      return {
        refused: `Malformed action/metadata line [${this.#line + 1}], which is longer than ${MAX_METADATA} bytes`,
      };
    this.#held = Buffer.from(all.subarray(at));
    return all.subarray(0, at);
  }

  /** @returns a last line that has no line break. It is forwarded, so that the engine refuses it */
  end(): Buffer {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }

  #read(bytes: Buffer): string | undefined {
    const line = this.#line === 1 && bytes.indexOf(MARK) === 0 ? bytes.subarray(MARK.length) : bytes;
    const text = line.toString('latin1');
    if (text.trim() === '') return undefined;
    const plain = SUSPICIOUS.test(text) ? undefined : PLAIN.exec(text)?.[1];
    if (plain !== undefined) {
      this.#inSource = plain !== 'delete';
      return undefined;
    }
    try {
      const { action, meta } = readMetadata(line);
      const { _index: index } = meta;
      this.#inSource = action !== 'delete';
      return typeof index === 'string' && reachesOwn(index) ? ownReason(index) : undefined;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return `Malformed action/metadata line [${this.#line}], ${error.message}`;
    }
  }
}
