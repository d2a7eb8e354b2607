// While nobody reads the follower no client waits for a copy; before somebody does, all do again.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listWriters } from '../../../src/journal/writerDocuments.js';
import { testCluster } from '../engine.js';
import { intercepted, Stage, type Writer } from './stage.js';

/** A writer whose copies are on their way until they are let go. */
async function withHeldCopies(stage: Stage, copyLimits: object = {}) {
  let [letGo, isHeld] = [(): void => undefined, true];
  const gate = new Promise<void>((resolve) => {
    letGo = () => {
      isHeld = false;
      resolve();
    };
  });
  const cluster = intercepted(stage.cluster, async ({ path }, send) => {
    if (isHeld && path.includes('.Mirror.')) await gate;
    return await send();
  });
  return { writer: await stage.writer({ cluster, copyLimits }), letGo };
}

/** Whether it ends within a moment, in ms. */
async function endsSoon(work: Promise<unknown>, moment = 300): Promise<boolean> {
  return await Promise.race([work.then(() => true), sleep(moment).then(() => false)]);
}

async function awaitsCopies(stage: Stage, { mirror }: Writer): Promise<number | undefined> {
  const writers = await listWriters(stage.cluster);
  return writers.find(({ id }) => id === mirror.id)?.migrations[stage.name]?.awaitsCopies;
}

describe('a write while nobody reads the follower', () => {
  it('is acknowledged without its copy, which comes all the same', async () => {
    const stage = await Stage.set(await testCluster());
    const { writer, letGo } = await withHeldCopies(stage, { unawaitedMs: 60_000 });
    const { write } = stage.definition.aliases;
    expect((await writer.send('PUT', `/${write}/_doc/a`, { n: 1 })).status).toBe(201);
    expect(await stage.documents(stage.target)).toEqual({});
    // nothing of its generation is closed before the copy has ended
    expect(writer.mirror.metrics().indexes[stage.name]).toMatchObject({ inFlight: 1, mirrored: 0 });
    const stopping = writer.mirror.stop();
    expect(await endsSoon(stopping)).toBe(false);
    letGo();
    await stopping;
    expect(await stage.documents(stage.target)).toEqual({ a: { n: 1 } });
  });

  it('waits when many copies are on their way', async () => {
    const stage = await Stage.set(await testCluster());
    const { writer, letGo } = await withHeldCopies(stage, {
      unawaited: 2,
      followerNotReadMs: 60_000,
      unawaitedMs: 60_000,
    });
    const { write } = stage.definition.aliases;
    for (const id of ['a', 'b']) await writer.send('PUT', `/${write}/_doc/${id}`, { n: 1 });
    const third = writer.send('PUT', `/${write}/_doc/c`, { n: 1 });
    expect(await endsSoon(third)).toBe(false);
    letGo();
    expect((await third).status).toBe(201);
    expect(writer.mirror.metrics().indexes[stage.name]).toMatchObject({ mirrored: 3 });
  });

  it('waits again before the readers come, and its writer says so when no other copy is on its way', async () => {
    const stage = await Stage.set(await testCluster());
    const { writer, letGo } = await withHeldCopies(stage, { unawaitedMs: 60_000 });
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    await stage.save({ state: 'movingReaders', writers: { ...stage.record.writers, moves: 7 } });
    // the writer looks at the journal every now and then; an engine that is slow is not yet one who waits
    let second: Promise<unknown> | undefined;
    const ends = async (): Promise<boolean> => {
      second = writer.send('PUT', `/${write}/_doc/b`, { n: 1 });
      return await endsSoon(second, 2_000);
    };
    await expect.poll(ends, { timeout: 30_000 }).toBe(false);
    expect(await awaitsCopies(stage, writer)).toBe(0);
    letGo();
    await second;
    await expect.poll(() => awaitsCopies(stage, writer), { timeout: 5_000 }).toBe(7);
    await stage.save({ state: 'mirroring' });
    await expect.poll(() => awaitsCopies(stage, writer), { timeout: 5_000 }).toBe(0);
  });
});
