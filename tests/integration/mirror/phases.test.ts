// Holds, rotations and the switch, as writers see them: nothing fails, and nothing is sent under a generation that is closed.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { getDocument } from '../../../src/cluster/documents/getDocument.js';
import { JOURNAL, writerId } from '../../../src/protocol/names.js';
import type { WriterDocument } from '../../../src/journal/writerDocuments.js';
import { testCluster } from '../engine.js';
import { Direct, intercepted, Stage, type Writer } from './stage.js';
import { eventually } from '../../eventually.js';

/** Writes, updates and deletes ten documents, one after the other, until it is told to stop. */
class Load {
  readonly statuses = new Map<number, number>();
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(writer: Writer, alias: string, seed: number) {
    this.#done = this.#run(writer, alias, seed);
  }

  async #run(writer: Writer, alias: string, seed: number): Promise<void> {
    for (let n = seed; !this.#stopped; n++) {
      const id = `d${n % 10}`;
      const { status } = await (n % 3 === 0
        ? writer.send('DELETE', `/${alias}/_doc/${id}`)
        : n % 3 === 1
          ? writer.send('PUT', `/${alias}/_doc/${id}`, { n })
          : writer.send('POST', `/${alias}/_update/${id}`, { doc: { n }, upsert: { n } }));
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    }
  }

  async stop(): Promise<number[]> {
    this.#stopped = true;
    await this.#done;
    return [...this.statuses.keys()];
  }
}

async function viewOf(
  stage: Stage,
  writer: Writer,
): Promise<WriterDocument['migrations'][string] | undefined> {
  const found = await getDocument<WriterDocument>(stage.cluster, JOURNAL, writerId(writer.mirror.id));
  return found?.source.migrations[stage.name];
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  await eventually(() => holds.toString(), holds, 60_000);
}

describe('a writer of ours', () => {
  it('is registered, says what it acts on, and hands its lease back', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer({ leaseMs: 2_000 });
    expect(await viewOf(stage, writer)).toMatchObject({ generation: 1, holds: false, mirrored: 0 });
    await stage.rotate();
    await until(async () => (await viewOf(stage, writer))?.generation === 2);
    await stage.hold();
    await until(async () => (await viewOf(stage, writer))?.holds === true);
    await stage.goBack();
    await until(async () => (await viewOf(stage, writer))?.generation === 3);
    await writer.mirror.stop();
    expect(await viewOf(stage, writer)).toBeUndefined();
  });

  it('waits in a hold, and writes under the next generation', async () => {
    const stage = await Stage.set(await testCluster());
    const upstream = new Direct();
    const writer = await stage.writer({}, upstream);
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/old`, { n: 0 });
    await stage.hold();
    let answered = 0;
    const count = <T>(reply: T): T => {
      answered++;
      return reply;
    };
    const put = writer.send('PUT', `/${write}/_doc/a`, { n: 1 }).then(count);
    const removed = writer.send('DELETE', `/${write}/_doc/old`).then(count);
    const bulk = writer
      .bulk('/_bulk', [
        { index: { _index: write, _id: 'b' } },
        { n: 2 },
        { delete: { _index: write, _id: 'none' } },
        { index: { _index: stage.name, _id: 'foreign', require_alias: true } },
        { n: 3 },
      ])
      .then(count);
    await until(async () => (await viewOf(stage, writer))?.holds === true);
    expect(answered).toBe(0);
    await stage.goBack();
    expect((await put).status).toBe(201);
    expect((await removed).status).toBe(200);
    expect((await bulk).items.map(({ status }) => status)).toEqual([201, 404, 404]);
    expect(await stage.documents(stage.target)).toEqual({ a: { n: 1 }, b: { n: 2 } });
    const underNext = (await stage.ledger()).filter(({ g }) => g === 2).map(({ id }) => id);
    expect(underNext.sort()).toEqual(['none', 'old']);
  });

  it('fails no write while generations are rotated, held and exchanged under load', async () => {
    const stage = await Stage.set(await testCluster());
    const { write } = stage.definition.aliases;
    const writers = [await stage.writer(), await stage.writer()];
    onTestFinished(async () => {
      for (const load of loads) await load.stop();
    });
    const loads = writers.flatMap((writer) => [0, 1, 2].map((seed) => new Load(writer, write, seed * 7)));
    for (let turn = 0; turn < 2; turn++) {
      await sleep(300);
      await stage.rotate();
      await sleep(300);
      await stage.hold();
      await sleep(200);
      await stage.goBack();
    }
    await stage.hold();
    // the barrier that a block is in a real hold: nothing of the closed generation is under way
    await until(async () => (await viewOf(stage, writers[0] as Writer))?.holds === true);
    await until(async () => (await viewOf(stage, writers[1] as Writer))?.holds === true);
    expect((await stage.follow()).type).toBe('confirmed');
    await stage.resyncLedger();
    expect(await stage.documents(stage.target)).toEqual(await stage.documents(stage.source));
    await stage.exchange();
    expect(stage.leader).toBe(stage.target);
    await sleep(500);
    const statuses = new Set<number>();
    for (const load of loads) for (const status of await load.stop()) statuses.add(status);
    expect([...statuses].filter((status) => status >= 400 && status !== 404 && status !== 409)).toEqual([]);
    await stage.follow();
    await stage.resyncLedger();
    expect(await stage.documents(stage.source)).toEqual(await stage.documents(stage.target));
  });

  it('admits nothing when its lease has run out, and says when to come again', async () => {
    const stage = await Stage.set(await testCluster());
    let cut = false;
    const cluster = intercepted(stage.cluster, async (_request, send) => {
      if (cut) throw new Error('cut off');
      return await send();
    });
    const writer = await stage.writer({ cluster, leaseMs: 600, leaseExpiredMs: 400 });
    const { write } = stage.definition.aliases;
    cut = true;
    await until(async () => !writer.mirror.metrics().leaseIsValid);
    const put = await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    expect(put.status).toBe(503);
    expect(put.headers['retry-after']).toBe('1');
    expect(put.json.error.root_cause[0]?.type).toBe('twindex_lease_expired');
    expect(await stage.documents(stage.source)).toEqual({});
    cut = false;
    expect((await writer.send('PUT', `/${write}/_doc/a`, { n: 1 })).status).toBe(201);
  });

  it('tells its client of a block that is not a hold', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await stage.cluster.connection.json({ method: 'PUT', path: `/${stage.source}/_block/write` });
    const put = await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    expect(put.status).toBe(403);
    const { items } = await writer.bulk(`/${write}/_bulk`, [{ delete: { _id: 'a' } }]);
    expect(items[0]?.status).toBe(403);
  });
});
