// Bulks through a mirror: mixed actions, items for other indexes, and what the client is answered.
import { describe, expect, it } from 'vitest';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { testCluster, uniqueName } from '../engine.js';
import { Direct, Stage } from './stage.js';

describe('a bulk while the indexes are kept in sync', () => {
  it('brings every item that the leader has taken', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.bulk(`/${write}/_bulk`, [
      { index: { _id: 'gone' } },
      { n: 0 },
      { index: { _id: 'changed' } },
      { n: 0, m: 0 },
    ]);
    const { json, items } = await writer.bulk('/_bulk', [
      { index: { _index: write, _id: 'a' } },
      { n: 1 },
      { create: { _index: write, _id: 'changed' } },
      { n: 2 },
      { update: { _index: write, _id: 'changed' } },
      { doc: { n: 3 } },
      { delete: { _index: write, _id: 'gone' } },
      { delete: { _index: write, _id: 'never' } },
      { index: { _index: write } },
      { n: 4 },
      { update: { _index: write, _id: 'new' } },
      { doc: { n: 5 }, doc_as_upsert: true },
    ]);
    expect(json.errors).toBe(true);
    expect(json.items.map((item) => Object.keys(item)[0])).toEqual([
      'index',
      'create',
      'update',
      'delete',
      'delete',
      'index',
      'update',
    ]);
    expect(items.map(({ status }) => status)).toEqual([201, 409, 200, 200, 404, 201, 201]);
    expect(items[2]?.get).toBeUndefined();
    const expected = { a: { n: 1 }, changed: { n: 3, m: 0 }, [items[5]?._id ?? '']: { n: 4 }, new: { n: 5 } };
    expect(await stage.documents(stage.source)).toEqual(expected);
    expect(await stage.documents(stage.target)).toEqual(expected);
    expect((await stage.ledger()).map(({ id }) => id).sort()).toEqual(['gone', 'never']);
  });

  it('takes items for indexes that are not ours along', async () => {
    const cluster = await testCluster();
    const stage = await Stage.set(cluster);
    const foreign = uniqueName('imif');
    await createIndex(cluster, foreign, { settings: { number_of_replicas: 0 } });
    const upstream = new Direct();
    const writer = await stage.writer({}, upstream);
    const { items } = await writer.bulk(`/${foreign}/_bulk?refresh=true`, [
      { index: { _id: 'x' } },
      { n: 1 },
      { index: { _index: stage.definition.aliases.write, _id: 'a' } },
      { n: 2 },
      { delete: { _id: 'y' } },
    ]);
    expect(items.map(({ status }) => status)).toEqual([201, 201, 404]);
    expect(await stage.documents(foreign)).toEqual({ x: { n: 1 } });
    expect(await stage.documents(stage.target)).toEqual({ a: { n: 2 } });
    expect(upstream.requests).toHaveLength(1);

    const other = await writer.bulk(`/${foreign}/_bulk`, [{ delete: { _id: 'x' } }]);
    expect(other.items[0]?.status).toBe(200);
    expect(upstream.requests[1]?.path).toBe(`/${foreign}/_bulk`);
  });

  it('shows what is asked for of the answer, and the names that its client used', async () => {
    const stage = await Stage.set(await testCluster(), {
      mappings: { dynamic: 'strict', properties: { n: { type: 'long' } } },
    });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    const { json } = await writer.bulk(`/${write}/_bulk?filter_path=items.*.status`, [
      { index: {} },
      { n: 1 },
    ]);
    expect(json).toEqual({ items: [{ index: { status: 201 } }] });
    const { json: failing } = await writer.bulk(`/${write}/_bulk`, [{ index: { _id: 'a' } }, { other: 1 }]);
    expect(failing.items[0]?.['index']?.status).toBe(400);
    expect(JSON.stringify(failing)).not.toContain('twindex.');
    const { json: whole } = await writer.bulk(`/${write}/_bulk`, [
      { update: { _id: 'b', _source: true } },
      { doc: { n: 1 }, doc_as_upsert: true },
    ]);
    expect(whole.items[0]?.['update']?.get._source).toEqual({ n: 1 });
  });

  it('puts items that have failed in their pipelines in their places', async () => {
    const cluster = await testCluster();
    const stage = await Stage.set(cluster);
    const foreign = uniqueName('imif');
    await createIndex(cluster, foreign, { settings: { number_of_replicas: 0 } });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    const pipelines = ['', 'missing-p', '', '', 'missing-q', 'missing-p', 'missing-q'];
    const lines = pipelines.flatMap((pipeline, n) => [
      { index: { _index: n % 2 ? write : foreign, _id: `${n}`, ...(pipeline && { pipeline }) } },
      { n },
    ]);
    const { items, json } = await writer.bulk('/_bulk', lines);
    expect(items.map(({ _id }) => _id)).toEqual(pipelines.map((_, n) => `${n}`));
    expect(items.map(({ status }) => status)).toEqual(pipelines.map((one) => (one ? 400 : 201)));
    for (const [n, { error }] of items.entries()) {
      if (pipelines[n]) expect(JSON.stringify(error)).toContain(`[${pipelines[n]}]`);
    }
    expect(JSON.stringify(json)).not.toContain('twindex.');
    expect(await stage.documents(stage.target)).toEqual({ '3': { n: 3 } });
  });

  it('goes through with ten thousand documents', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer();
    const lines = Array.from({ length: 10_000 }, (_, n) => [{ index: {} }, { n }]).flat();
    const { json } = await writer.bulk(`/${stage.definition.aliases.write}/_bulk?refresh=true`, lines);
    expect(json.errors).toBe(false);
    const counts = writer.mirror.metrics().indexes[stage.name];
    expect(counts).toMatchObject({ mirrored: 10_000, unanswered: 0, refused: 0, inFlight: 0 });
  });
});
