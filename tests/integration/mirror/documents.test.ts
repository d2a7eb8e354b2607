// Writes of single documents through a mirror: what the client is answered, and what both indexes have then.
import { describe, expect, it } from 'vitest';
import { testCluster, uniqueName } from '../engine.js';
import { Stage } from './stage.js';

describe('a write while the indexes are kept in sync', () => {
  it('is on both indexes when it is acknowledged', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;

    const put = await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    expect(put.status).toBe(201);
    expect(put.json).toMatchObject({ _index: stage.source, _id: 'a', result: 'created', _seq_no: 0 });
    expect(await stage.get(stage.target, 'a')).toMatchObject({ found: true, _source: { n: 1 } });

    const created = await writer.send('PUT', `/${write}/_create/a`, { n: 2 });
    expect(created.status).toBe(409);
    expect(created.json.error.type).toBe('version_conflict_engine_exception');

    const updated = await writer.send('POST', `/${write}/_update/a`, { doc: { m: 2 } });
    expect(updated.json).toMatchObject({ result: 'updated' });
    expect(updated.json.get).toBeUndefined();
    expect((await stage.get(stage.target, 'a'))._source).toEqual({ n: 1, m: 2 });

    const deleted = await writer.send('DELETE', `/${write}/_doc/a`);
    expect(deleted.json).toMatchObject({ result: 'deleted' });
    expect(await stage.get(stage.target, 'a')).toMatchObject({ found: false });
    expect(await stage.ledger()).toEqual([{ g: 1, id: 'a', routing: null }]);

    const again = await writer.send('DELETE', `/${write}/_doc/a`);
    expect(again.status).toBe(404);
    expect(writer.mirror.metrics().indexes[stage.name]).toMatchObject({
      mirrored: 4,
      refused: 0,
      unanswered: 0,
    });
  });

  it('has the same id on both indexes when the engine was to make it', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer();
    const { status, json } = await writer.send('POST', `/${stage.definition.aliases.write}/_doc`, { n: 1 });
    expect(status).toBe(201);
    expect(json._id).toMatch(/^[\w-]{20}$/);
    expect(await stage.documents(stage.source)).toEqual({ [json._id]: { n: 1 } });
    expect(await stage.documents(stage.target)).toEqual({ [json._id]: { n: 1 } });
  });

  it('gives the document of an update to whoever asked for it', async () => {
    const stage = await Stage.set(await testCluster());
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { n: 1, m: 1 });
    const whole = await writer.send('POST', `/${write}/_update/a?_source=true`, { doc: { n: 2 } });
    expect(whole.json.get._source).toEqual({ n: 2, m: 1 });
    const part = await writer.send('POST', `/${write}/_update/a?_source_includes=n`, { doc: { n: 3 } });
    expect(part.json.get._source).toEqual({ n: 3 });
    const inBody = await writer.send('POST', `/${write}/_update/a`, { doc: { n: 4 }, _source: ['m'] });
    expect(inBody.json.get._source).toEqual({ m: 1 });
    expect((await stage.get(stage.target, 'a'))._source).toEqual({ n: 4, m: 1 });
    const noop = await writer.send('POST', `/${write}/_update/a`, { doc: { n: 4 } });
    expect(noop.json).toMatchObject({ result: 'noop' });
  });

  it('answers errors in the names that its client used', async () => {
    const stage = await Stage.set(await testCluster(), {
      mappings: { dynamic: 'strict', properties: { n: { type: 'long' } } },
    });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    const missing = await writer.send('POST', `/${write}/_update/none`, { doc: { n: 1 } });
    expect(missing.status).toBe(404);
    expect(missing.text).not.toContain('twindex.');
    const refused = await writer.send('PUT', `/${write}/_doc/a`, { other: 1 });
    expect(refused.status).toBe(400);
    expect(refused.text).not.toContain('twindex.');
    expect(await stage.documents(stage.target)).toEqual({});
  });

  it('carries routing, of the request and of the alias', async () => {
    const stage = await Stage.set(await testCluster(), { shards: 2, writeAlias: { index_routing: 'north' } });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    await writer.send('PUT', `/${stage.source}/_doc/b?routing=south`, { n: 2 });
    expect(await stage.documents(stage.source)).toEqual({ 'a north': { n: 1 }, 'b south': { n: 2 } });
    expect(await stage.documents(stage.target)).toEqual({ 'a north': { n: 1 }, 'b south': { n: 2 } });
    const other = await writer.send('PUT', `/${write}/_doc/c?routing=south`, { n: 3 });
    expect(other.status).toBe(400);
    await writer.send('DELETE', `/${write}/_doc/a`);
    expect(await stage.ledger()).toEqual([{ g: 1, id: 'a', routing: 'north' }]);
    expect(await stage.documents(stage.target)).toEqual({ 'b south': { n: 2 } });
  });

  it('is not failed by a follower that refuses its document', async () => {
    const stage = await Stage.set(await testCluster(), {
      targetMappings: { dynamic: 'strict', properties: { n: { type: 'long' } } },
    });
    const writer = await stage.writer();
    const put = await writer.send('PUT', `/${stage.definition.aliases.write}/_doc/a`, { other: 1 });
    expect(put.status).toBe(201);
    expect(writer.mirror.metrics().indexes[stage.name]).toMatchObject({ mirrored: 0, refused: 1 });
  });

  it('holds after a pipeline has changed it', async () => {
    const cluster = await testCluster();
    const stage = await Stage.set(cluster);
    const pipeline = `${stage.name}-pipeline`;
    const made = await cluster.connection.send({
      method: 'PUT',
      path: `/_ingest/pipeline/${pipeline}`,
      body: { processors: [{ set: { field: 'stamped', value: true } }] },
    });
    if (made.status >= 300) return; // a build without processors
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a?pipeline=${pipeline}`, { n: 1 });
    const { items } = await writer.bulk(`/${write}/_bulk?pipeline=${pipeline}`, [
      { index: { _id: 'b' } },
      { n: 2 },
    ]);
    expect(items[0]?.status).toBe(201);
    const expected = { a: { n: 1, stamped: true }, b: { n: 2, stamped: true } };
    expect(await stage.documents(stage.target)).toEqual(expected);
    await cluster.connection.send({ method: 'DELETE', path: `/_ingest/pipeline/${pipeline}` });
  });

  it("holds after the index's own pipeline has changed it, of which the answer to an update says nothing", async () => {
    const cluster = await testCluster();
    const pipeline = uniqueName('imi-pipeline');
    const made = await cluster.connection.send({
      method: 'PUT',
      path: `/_ingest/pipeline/${pipeline}`,
      body: { processors: [{ set: { field: 'stamped', value: true } }] },
    });
    if (made.status >= 300) return; // a build without processors
    const stage = await Stage.set(cluster, { settings: { default_pipeline: pipeline } });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a?pipeline=_none`, { n: 1 });
    const update = await writer.send('POST', `/${write}/_update/a?_source=true`, { doc: { n: 2 } });
    expect(update.json.get._source).toEqual({ n: 2 });
    await writer.send('POST', `/${write}/_update/b`, { doc: { n: 3 }, doc_as_upsert: true });
    await writer.bulk(`/${write}/_bulk`, [{ update: { _id: 'c' } }, { doc: { n: 4 }, doc_as_upsert: true }]);
    const expected = { a: { n: 2, stamped: true }, b: { n: 3, stamped: true }, c: { n: 4, stamped: true } };
    expect(await stage.documents(stage.source)).toEqual(expected);
    expect(await stage.documents(stage.target)).toEqual(expected);
    await cluster.connection.send({ method: 'DELETE', path: `/_ingest/pipeline/${pipeline}` });
  });
});

describe('a write before anything is mirrored', () => {
  it('enters deletes in the ledger, and leaves the follower alone', async () => {
    const stage = await Stage.set(await testCluster(), {
      record: { writers: { mode: 'prepare', generation: 4, pruned: 3, version: 1, moves: 0 } },
    });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    await writer.send('PUT', `/${write}/_doc/b`, { n: 1 });
    await writer.send('DELETE', `/${write}/_doc/a`);
    expect(await stage.ledger()).toEqual([{ g: 4, id: 'a', routing: null }]);
    expect(await stage.documents(stage.source)).toEqual({ b: { n: 1 } });
    expect(await stage.documents(stage.target)).toEqual({});
  });
});
