import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { searchPage } from '../../src/cluster/documents/searchPage.js';
import { multiGet } from '../../src/cluster/documents/multiGet.js';
import {
  type BulkOutcome,
  bulkSucceeded,
  parseBulkAnswer,
  sortOutcome,
} from '../../src/documents/bulkAnswer.js';
import { BulkBody } from '../../src/documents/bulkBody.js';
import { parseDocs, parseHits } from '../../src/documents/hits.js';
import { sameContent } from '../../src/json/json.js';
import { testCluster, uniqueName } from './engine.js';

describe('what the items of a bulk answer mean', () => {
  let cluster: Cluster;
  let name: string;
  let alias: string;

  beforeAll(async () => {
    cluster = await testCluster();
  });

  beforeEach(() => {
    name = uniqueName('outcomes');
    alias = `${name}-alias`;
  });

  const put = (path: string, body: object) =>
    cluster.connection.json({ method: 'PUT', path: `/${path}`, body });

  async function createIndex(mappings: object = {}, settings: object = {}): Promise<void> {
    const aliases = { [alias]: { is_write_index: true } };
    await put(name, { mappings, settings: { number_of_replicas: 0, ...settings }, aliases });
  }

  /** Sends what `fill` writes through the alias. */
  async function bulk(
    fill: (body: BulkBody) => void,
    target = alias,
  ): Promise<{ body: Buffer; outcomes: BulkOutcome[] }> {
    const bulkBody = new BulkBody();
    fill(bulkBody);
    const { status, body } = await cluster.connection.send({
      method: 'POST',
      path: `/${target}/_bulk`,
      query: { refresh: true },
      body: bulkBody.take(),
      repeat: 'always',
    });
    expect(status).toBe(200);
    const outcomes = parseBulkAnswer(body).map(sortOutcome);
    expect(bulkSucceeded(body)).toBe(outcomes.every((outcome) => outcome === 'done'));
    return { body, outcomes };
  }

  const index = (id: string, version: bigint, source: string) => (body: BulkBody) =>
    body.index({ id, routing: undefined, version, source: Buffer.from(source) });
  const remove = (id: string, version: bigint) => (body: BulkBody) =>
    body.delete({ id, routing: undefined, version });

  it('done: an index, a delete, and the delete of what was never there', async () => {
    await createIndex();
    const { outcomes } = await bulk((body) => {
      index('1', 4n, '{"a":1}')(body);
      remove('1', 6n)(body);
      remove('never', 8n)(body);
    });
    expect(outcomes).toEqual(['done', 'done', 'done']);
  });

  it('conflict: an older version, the same version, and an index older than a delete', async () => {
    await createIndex();
    await bulk(index('1', 6n, '{"a":1}'));
    await bulk(remove('2', 6n));
    const { outcomes } = await bulk((body) => {
      index('1', 4n, '{}')(body);
      index('1', 6n, '{}')(body);
      remove('1', 4n)(body);
      index('2', 4n, '{}')(body);
      index('3', 4n, '{}')(body);
    });
    expect(outcomes).toEqual(['conflict', 'conflict', 'conflict', 'conflict', 'done']);
  });

  it('done: the same version, when asked for external_gte', async () => {
    await createIndex();
    await bulk(index('1', 6n, '{"a":1}'));
    const body = new BulkBody({ versionType: 'external_gte' });
    index('1', 6n, '{"a":2}')(body);
    remove('2', 6n)(body);
    const answer = await cluster.connection.send({
      method: 'POST',
      path: `/${alias}/_bulk`,
      body: body.take(),
    });
    expect(parseBulkAnswer(answer.body).map(sortOutcome)).toEqual(['done', 'done']);
  });

  it('refused: a document that the mapping does not take, while the others are done', async () => {
    await createIndex({ dynamic: 'strict', properties: { n: { type: 'long' }, k: { type: 'keyword' } } });
    const { outcomes, body } = await bulk((bulkBody) => {
      index('1', 1n, '{"n":"twelve"}')(bulkBody);
      index('2', 1n, '{"unknown":1}')(bulkBody);
      index('3', 1n, JSON.stringify({ k: 'x'.repeat(40_000) }))(bulkBody);
      index('4', 1n, '{"n":1,"n":2}')(bulkBody);
      index('5', 1n, '{"n":12}')(bulkBody);
    });
    expect(outcomes).toEqual(['refused', 'refused', 'refused', 'refused', 'done']);
    expect(parseBulkAnswer(body)[0]?.reason).toContain('twelve');
  });

  it('refused: one field too many, and a routing that is missing; nothing to delete where no document can be', async () => {
    await createIndex({ _routing: { required: true } }, { 'index.mapping.total_fields.limit': 2 });
    const { outcomes } = await bulk((body) => {
      body.index({ id: '1', routing: 'r', version: 1n, source: Buffer.from('{"a":{"b":{"c":1}}}') });
      body.index({ id: '2', routing: undefined, version: 1n, source: Buffer.from('{}') });
      body.delete({ id: '3', routing: undefined, version: 1n });
    });
    expect(outcomes).toEqual(['refused', 'refused', 'done']);
  });

  it('blocked: a write block', async () => {
    await createIndex();
    await cluster.connection.json({ method: 'PUT', path: `/${name}/_block/write` });
    const { outcomes } = await bulk((body) => {
      index('1', 1n, '{}')(body);
      remove('2', 1n)(body);
    });
    expect(outcomes).toEqual(['blocked', 'blocked']);
  });

  it('blocked: the read-only-allow-delete block of a full disk', async () => {
    await createIndex();
    await put(`${name}/_settings`, { 'index.blocks.read_only_allow_delete': true });
    expect((await bulk(index('1', 1n, '{}'))).outcomes).toEqual(['blocked']);
  });

  it('blocked: a closed index', async () => {
    await createIndex();
    await cluster.connection.json({ method: 'POST', path: `/${name}/_close` });
    const { outcomes } = await bulk((body) => {
      index('1', 1n, '{}')(body);
      remove('2', 1n)(body);
    });
    expect(outcomes).toEqual(['blocked', 'blocked']);
  });

  it('fenced: a closed alias', async () => {
    await createIndex();
    const add = { index: name, alias, is_write_index: false };
    await cluster.connection.json({ method: 'POST', path: '/_aliases', body: { actions: [{ add }] } });
    const { outcomes } = await bulk((body) => {
      index('1', 1n, '{}')(body);
      remove('2', 1n)(body);
    });
    expect(outcomes).toEqual(['fenced', 'fenced']);
  });

  it('fenced: an alias that is gone; no index comes into being in its place', async () => {
    const { outcomes } = await bulk((body) => {
      index('1', 1n, '{}')(body);
      remove('2', 1n)(body);
    });
    expect(outcomes).toEqual(['fenced', 'fenced']);
    const { status } = await cluster.connection.send({ method: 'HEAD', path: `/${alias}` });
    expect(status).toBe(404);
  });

  it('fenced: an index in the place of the alias', async () => {
    await createIndex();
    expect((await bulk(index('1', 1n, '{}'), name)).outcomes).toEqual(['fenced']);
  });

  it('reads documents as their clients wrote them, and copies all of them but their layout', async () => {
    await createIndex({ enabled: false });
    const documents: Record<string, string> = {
      'quote"\\': '{"n":12345678901234567890.50,\r\n\t"huge":1e400,"text":"\\u0041\\n \\"} ]" }',
      'tür/ü 😀': '{ "url":"http://x/*" , // it\'s "here" }\n "b": 2 /* " */ }',
      '\u2028': '{"__proto__":{},"deep":[[{"a":[{}]}]]}',
    };
    const ids = Object.keys(documents);
    for (const [id, document] of Object.entries(documents)) await putRaw(id, document);
    const { hits } = parseHits(
      await searchPage(cluster, {
        index: name,
        shard: 0,
        after: -1,
        upTo: undefined,
        size: 10,
        fields: 'source',
      }),
    );
    expect(Object.fromEntries(hits.map(({ id, source }) => [id, source?.toString()]))).toEqual(documents);
    expect(hits.map(({ seqNo, term, routing }) => ({ seqNo, term, routing }))).toEqual(
      ids.map((routing, seqNo) => ({ seqNo, term: 1, routing })),
    );

    const version = 9007199254740993n;
    const { outcomes } = await bulk((body) => {
      for (const { id, routing, source } of hits)
        body.index({ id, routing, version, source: source as Buffer });
    });
    expect(outcomes).toEqual(['done', 'done', 'done']);
    const keys = [...ids.map((id) => ({ id, routing: id })), { id: 'none', routing: undefined }];
    const docs = parseDocs(await multiGet(cluster, name, keys, { source: true }));
    expect(docs.map(({ id, found }) => [id, found])).toEqual([
      ...ids.map((id) => [id, true]),
      ['none', false],
    ]);
    for (const [n, { source, ...doc }] of docs.slice(0, -1).entries()) {
      expect(doc).toMatchObject({ routing: ids[n], version });
      expect(sameContent(source as Buffer, hits[n]?.source as Buffer)).toBe(true);
    }
  });

  /** A single document, with its layout, which `connection` would not keep. */
  async function putRaw(id: string, body: string): Promise<void> {
    const routing = encodeURIComponent(id);
    const url = `${cluster.connection.urls[0]}/${name}/_doc/${encodeURIComponent(id)}?routing=${routing}&refresh=true`;
    const { status } = await fetch(url, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(201);
  }
});
