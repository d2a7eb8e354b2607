import { describe, expect, it } from 'vitest';
import { type Batch, DocumentQueue } from './documentQueue.js';
import type { IngestedDocument } from '../../protocol/ingestedVersion.js';

const documentOf = (n: number, bytes = 10): IngestedDocument => ({
  key: { id: String(n), routing: undefined },
  source: Buffer.alloc(bytes),
  version: undefined,
  cursor: undefined,
});

const idsOf = (batch: unknown): string[] => (batch as Batch).documents.map(({ key }) => key.id);

async function takeAll(queue: DocumentQueue): Promise<string[][]> {
  const batches: string[][] = [];
  for (let next = await queue.next(1_000); next !== 'end'; next = await queue.next(1_000)) {
    if (next === 'waiting') continue;
    batches.push(idsOf(next));
    queue.done();
  }
  return batches;
}

describe('documents of the source of truth', () => {
  it('come in batches, in their order, up to the end', async () => {
    const queue = new DocumentQueue(
      (async function* () {
        for (let n = 0; n < 2_500; n++) yield documentOf(n);
      })(),
    );
    const batches = await takeAll(queue);
    expect(batches.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
    expect(batches.flat()).toEqual(Array.from({ length: 2_500 }, (_, n) => String(n)));
  });

  it('come in smaller batches when they are large', async () => {
    const queue = new DocumentQueue(
      (async function* () {
        for (let n = 0; n < 5; n++) yield documentOf(n, 1 << 20);
      })(),
    );
    expect((await takeAll(queue)).map(({ length }) => length)).toEqual([2, 2, 1]);
  });

  it('are read ahead by no more than a batch, and stay the same until they are done', async () => {
    let given = 0;
    const queue = new DocumentQueue(
      (async function* () {
        for (;;) yield documentOf(given++);
      })(),
    );
    const first = await queue.next(1_000);
    expect(await queue.next(1_000)).toBe(first);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(given).toBe(2_000);
    queue.done();
    expect(idsOf(await queue.next(1_000))[0]).toBe('1000');
    await queue.close();
  });

  it('that came before an error are given before it', async () => {
    const queue = new DocumentQueue(
      (async function* () {
        yield documentOf(1);
        throw new Error('gone');
      })(),
    );
    expect(idsOf(await queue.next(1_000))).toEqual(['1']);
    queue.done();
    await expect(queue.next(1_000)).rejects.toThrow('gone');
  });

  it('are not waited for longer than asked, and are not kept back by a slow source', async () => {
    const queue = new DocumentQueue(
      (async function* () {
        yield documentOf(1);
        await new Promise(() => undefined);
      })(),
    );
    expect(await queue.next(1)).toBe('waiting');
    expect(idsOf(await queue.next(5_000))).toEqual(['1']);
    queue.done();
    expect(await queue.next(1)).toBe('waiting');
  });

  it('are no longer read when nobody wants them, and their source cleans up', async () => {
    let cleaned = false;
    const queue = new DocumentQueue(
      (async function* () {
        try {
          for (let n = 0; ; n++) yield documentOf(n);
        } finally {
          cleaned = true;
        }
      })(),
    );
    await queue.next(1_000);
    await queue.close();
    expect(cleaned).toBe(true);
  });
});
