// Many writers of the same documents, through two mirrors: what the follower has is what the leader has, whatever the
// order in which copies arrive.
import { describe, expect, it } from 'vitest';
import { stampOf } from '../../../src/protocol/stamp.js';
import { testCluster } from '../engine.js';
import { Stage } from './stage.js';

/** A sequence that is the same in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('concurrent writers of the same documents', () => {
  it.each([1, 2, 3])('leave both indexes the same (seed %i)', async (seed) => {
    const stage = await Stage.set(await testCluster(), { shards: 2 });
    const writers = [await stage.writer(), await stage.writer()];
    const { write } = stage.definition.aliases;
    const random = randomFrom(seed);
    const statuses = new Set<number>();
    const client = async (): Promise<void> => {
      for (let turn = 0; turn < 12; turn++) {
        const writer = writers[random(2)];
        const id = `d${random(3)}`;
        const n = random(1_000);
        const kind = random(5);
        if (kind === 0) statuses.add((await writer?.send('DELETE', `/${write}/_doc/${id}`))?.status ?? 0);
        else if (kind === 1)
          statuses.add((await writer?.send('PUT', `/${write}/_doc/${id}`, { n }))?.status ?? 0);
        else if (kind === 2) {
          const update = { doc: { m: n }, upsert: { m: n } };
          statuses.add(
            (await writer?.send('POST', `/${write}/_update/${id}?retry_on_conflict=9`, update))?.status ?? 0,
          );
        } else {
          const lines = [
            { index: { _id: id } },
            { n },
            { delete: { _id: `d${random(3)}` } },
            { index: { _id: id } },
            { n: n + 1 },
          ];
          statuses.add((await writer?.bulk(`/${write}/_bulk`, lines))?.status ?? 0);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
    expect([...statuses].filter((status) => ![200, 201, 404, 409].includes(status))).toEqual([]);
    const documents = await stage.documents(stage.source);
    expect(await stage.documents(stage.target)).toEqual(documents);
    for (const id of Object.keys(documents)) {
      const path = `/${stage.source}/_doc/${id}`;
      const { _seq_no, _primary_term } = await stage.cluster.connection.json<{
        _seq_no: number;
        _primary_term: number;
      }>({
        method: 'GET',
        path,
      });
      expect((await stage.get(stage.target, id))._version).toBe(Number(stampOf(1, _primary_term, _seq_no)));
    }
    for (const writer of writers)
      expect(writer.mirror.metrics().indexes[stage.name]).toMatchObject({
        unanswered: 0,
        refused: 0,
        inFlight: 0,
      });
  });
});
