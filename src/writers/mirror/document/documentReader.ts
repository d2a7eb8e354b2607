// Reads documents by id, as they are at the moment. The reads for all clients are batched.
import type { IndexRef } from '../../../cluster/indexRef.js';
import { indexRouting } from '../../../cluster/indices/indexRouting.js';
import type { DocumentKey } from '../../../cluster/documents/multiGet.js';
import { TwindexError } from '../../../errors.js';
import { Confirmation } from '../../../protocol/confirm.js';
import { getDocs } from '../../../documents/getDocs.js';
import type { Doc } from '../../../documents/hits.js';

const KEYS_AT_ONCE = 100;
const TRIES = 5;

interface Waiting {
  readonly key: DocumentKey;
  readonly resolve: (doc: Doc) => void;
  readonly reject: (error: unknown) => void;
}

export class DocumentReader {
  readonly #queues = new Map<string, Waiting[]>();

  /** @param timeoutMs if set, there is only one attempt, with this limit @throws TwindexError */
  read(from: IndexRef, key: DocumentKey, timeoutMs?: number): Promise<Doc> {
    const name = `${from.index} ${timeoutMs}`;
    return new Promise((resolve, reject) => {
      let queue = this.#queues.get(name);
      if (!queue) {
        queue = [];
        this.#queues.set(name, queue);
        setImmediate(() => this.#send(from, name, timeoutMs));
      }
      queue.push({ key, resolve, reject });
    });
  }

  /**
   * Reads the document after an acknowledged operation. If a later operation has changed the document, that
   * operation is confirmed first, because it must not be copied while a fail-over can still undo it.
   */
  async readStored(
    from: IndexRef,
    key: DocumentKey,
    operation: { readonly seqNo: number; readonly term: number },
  ): Promise<Doc | undefined> {
    const { cluster, index } = from;
    const doc = await this.read(from, key);
    if (doc.found && doc.seqNo === operation.seqNo && doc.term === operation.term) return doc;
    const { shards } = await indexRouting(cluster, index);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const confirmation = await Confirmation.begin(cluster, { index, shards });
      const later = await this.read(from, key);
      if (await confirmation.confirm()) return later.found ? later : undefined;
    }
    throw new TwindexError('overloaded', `the primary shard of ${index} moves again and again`);
  }

  #send(from: IndexRef, name: string, timeoutMs: number | undefined): void {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.delete(name);
    for (let start = 0; start < queue.length; start += KEYS_AT_ONCE) {
      const part = queue.slice(start, start + KEYS_AT_ONCE);
      void this.#readPart(from, part, timeoutMs);
    }
  }

  async #readPart(
    { cluster, index }: IndexRef,
    part: readonly Waiting[],
    timeoutMs: number | undefined,
  ): Promise<void> {
    const keys = part.map(({ key }) => key);
    const once = timeoutMs === undefined ? {} : ({ timeoutMs, repeat: 'never' } as const);
    try {
      const docs = await getDocs(cluster, index, keys, { source: true, ...once });
      for (const [n, { resolve }] of part.entries()) resolve(docs[n] as Doc);
    } catch (error) {
      for (const { reject } of part) reject(error);
    }
  }
}
