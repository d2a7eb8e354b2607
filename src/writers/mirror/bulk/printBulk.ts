// Prints the body of a `_bulk` request from the client's operations, with changed metadata where needed.
import { ExactDecimal } from '../../../json/numbers.js';
import { blankLayout } from '../../../json/layout.js';
import { atOnce } from '../../../timeSlice.js';
import { isBare } from './bulkMetadata.js';
import type { BulkOperation } from './bulkRequest.js';
import type { WriteAction } from '../request/clientRequest.js';

/** The changes to an operation. A property that is undefined stays as the client wrote it. */
export interface SentOperation {
  readonly operation: BulkOperation;
  readonly action?: WriteAction | undefined;
  readonly index?: string | undefined;
  readonly id?: string | undefined;
  /** The document as one JSON object, which may be pretty-printed. */
  readonly source?: Buffer | undefined;
  /** Metadata to set (or, with undefined, to remove): `_source`, `if_seq_no`, `require_alias`, ... */
  readonly set?: Readonly<Record<string, string | number | bigint | boolean | undefined>> | undefined;
}

/** In bytes. A document of at least this size is not copied into a chunk. */
const LARGE = 2 << 10;
const CHUNK = 128 << 10;
const NEWLINE = Buffer.from('\n');

export const printBulk = (operations: Iterable<SentOperation>): Buffer[] => atOnce(printingBulk(operations));

export function* printingBulk(operations: Iterable<SentOperation>): Generator<void, Buffer[]> {
  const chunks = new Chunks();
  for (const sent of operations) {
    yield;
    const { operation } = sent;
    if (staysAsItIs(sent)) {
      chunks.add(operation.raw);
      continue;
    }
    const source = sent.source ? oneLine(sent.source) : operation.source;
    const action = sent.action ?? operation.action;
    chunks.addText(`{"${action}":${printMetadata(sent)}}\n`);
    if (action === 'delete') continue;
    if (source) chunks.add(source);
    chunks.add(NEWLINE);
  }
  return chunks.take();
}

function staysAsItIs({ action, index, id, source, set }: SentOperation): boolean {
  return (
    action === undefined &&
    index === undefined &&
    id === undefined &&
    source === undefined &&
    set === undefined
  );
}

function printMetadata(sent: SentOperation): string {
  const { operation, index = operation.index, id = operation.id, set } = sent;
  const members: Record<string, unknown> = isBare(operation.params) ? {} : { ...operation.metadata() };
  if (index !== undefined) members['_index'] = index;
  if (id !== undefined) members['_id'] = id;
  if (operation.routing !== undefined) members['routing'] = operation.routing;
  let text = '';
  for (const key in members)
    if (key !== 'op_type' && !(set && key in set))
      text += `,${JSON.stringify(key)}:${printValue(members[key])}`;
  for (const key in set) if (set[key] !== undefined) text += `,"${key}":${printValue(set[key])}`;
  return `{${text.slice(1)}}`;
}

function printValue(value: unknown): string {
  if (value instanceof ExactDecimal || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(printValue).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}:${printValue(member)}`)
    .join(',')}}`;
}

function oneLine(source: Buffer): Buffer {
  if (!source.includes(0x0a) && !source.includes(0x0d)) return source;
  const line = Buffer.from(source);
  blankLayout(line);
  return line;
}

class Chunks {
  readonly #done: Buffer[] = [];
  #chunk = Buffer.allocUnsafe(CHUNK);
  #start = 0;
  #at = 0;

  add(bytes: Buffer): void {
    if (bytes.length >= LARGE) {
      this.#cut();
      this.#done.push(bytes);
      return;
    }
    this.#reserve(bytes.length);
    this.#chunk.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  addText(text: string): void {
    if (text.length * 3 > CHUNK) {
      this.add(Buffer.from(text));
      return;
    }
    this.#reserve(text.length * 3); // UTF-8 needs at most three bytes for a UTF-16 unit
    this.#at += this.#chunk.write(text, this.#at);
  }

  take(): Buffer[] {
    this.#cut();
    return this.#done;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= CHUNK) return;
    this.#cut();
    this.#chunk = Buffer.allocUnsafe(CHUNK);
    this.#start = 0;
    this.#at = 0;
  }

  #cut(): void {
    if (this.#at > this.#start) this.#done.push(this.#chunk.subarray(this.#start, this.#at));
    this.#start = this.#at;
  }
}
