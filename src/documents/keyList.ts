// Stores keys of documents as bytes, since half a million keys as objects would take 40 MB.
import type { DocumentKey } from '../cluster/documents/multiGet.js';

const FIRST_CAPACITY = 64 << 10;
const MAX_UTF8 = 3; // bytes per UTF-16 unit
const HEADER_BYTES = 4;
const NO_ROUTING = 0xffff;

export class KeyList implements Iterable<DocumentKey> {
  #buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #bytes = 0;
  #count = 0;

  get length(): number {
    return this.#count;
  }

  /** Id and routing are terms in Lucene, of at most 32,766 bytes, so their lengths fit into two bytes. */
  push({ id, routing }: DocumentKey): void {
    this.#reserve(HEADER_BYTES + (id.length + (routing?.length ?? 0)) * MAX_UTF8);
    const start = this.#bytes + HEADER_BYTES;
    const idBytes = this.#buffer.write(id, start);
    const routingBytes = routing === undefined ? 0 : this.#buffer.write(routing, start + idBytes);
    this.#buffer.writeUInt16LE(idBytes, this.#bytes);
    this.#buffer.writeUInt16LE(routing === undefined ? NO_ROUTING : routingBytes, this.#bytes + 2);
    this.#bytes = start + idBytes + routingBytes;
    this.#count++;
  }

  *[Symbol.iterator](): Iterator<DocumentKey> {
    for (let at = 0; at < this.#bytes; ) {
      const idEnd = at + HEADER_BYTES + this.#buffer.readUInt16LE(at);
      const routingBytes = this.#buffer.readUInt16LE(at + 2);
      const end = routingBytes === NO_ROUTING ? idEnd : idEnd + routingBytes;
      yield {
        id: this.#buffer.toString('utf8', at + HEADER_BYTES, idEnd),
        routing: routingBytes === NO_ROUTING ? undefined : this.#buffer.toString('utf8', idEnd, end),
      };
      at = end;
    }
  }

  #reserve(bytes: number): void {
    if (this.#bytes + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes + bytes, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#bytes);
    this.#buffer = larger;
  }
}
