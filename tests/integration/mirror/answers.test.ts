// What a client is told when the leader has its write and the follower does not answer, or refuses it: what was done
// is not answered as if it might be sent again.
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { TwindexError } from '../../../src/errors.js';
import { testCluster } from '../engine.js';
import { intercepted, Stage, type StageOptions } from './stage.js';

const PRICES = {
  mappings: { dynamic: false },
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number(doc['price']) }),
      down: (doc) => ({ ...doc, price: Number(doc['price']).toFixed(2) }),
    },
  },
} satisfies StageOptions;

const OLD = { 'x-twindex-version': '1' };
const NEW = { 'x-twindex-version': '2' };
const LIMITS = { copyLimits: { unawaited: 1_000, followerNotReadMs: 100, readMs: 1_500 } };

/** As when the cluster of the follower has gone: no copy is answered. */
function withoutCopies(cluster: Cluster): Cluster {
  return intercepted(cluster, async (request, send) => {
    if (!request.path.includes('.Mirror.')) return await send();
    throw new TwindexError('unanswered', 'it has gone');
  });
}

describe('the follower does not answer', () => {
  it('after the switch: a write of the old shape is done, and its client is told so', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    await stage.exchange();
    const writer = await stage.writer({ cluster: withoutCopies(stage.cluster), ...LIMITS });
    const { write } = stage.definition.aliases;
    const put = await writer.send('PUT', `/${write}/_doc/a`, { price: '1.00' }, OLD);
    expect([put.status, put.json.result]).toEqual([201, 'created']);
    expect(put.headers['warning']).toContain(`299 twindex "document a is written to ${stage.target}`);

    // a compare-and-set meets no answer that makes a client send it again, against itself
    const { _seq_no: seqNo, _primary_term: term } = put.json;
    const condition = `if_seq_no=${seqNo}&if_primary_term=${term}`;
    const set = await writer.send('PUT', `/${write}/_doc/a?${condition}`, { price: '2.00' }, OLD);
    expect([set.status, set.json.result]).toEqual([200, 'updated']);

    const update = await writer.send('POST', `/${write}/_update/a`, { doc: { n: 1 } }, OLD);
    expect(update.status).toBe(200);
    expect(update.headers['warning']).toContain(stage.source);
    const body = `{"index":{"_id":"b"}}\n{"price":"3.00"}\n{"update":{"_id":"a"}}\n{"doc":{"n":2}}\n`;
    const bulk = await writer.send('POST', `/${write}/_bulk`, body, OLD);
    expect(bulk.json.items.flatMap((item) => Object.values(item).map(({ status }) => status))).toEqual([
      201, 200,
    ]);
    expect(bulk.headers['warning']).toContain('(and 1 more)');
    expect(await stage.documents(stage.target)).toEqual({ a: { price: 2, n: 2 }, b: { price: 3 } });
  });

  it('before the switch: what the old shape has no room for is an error that no client repeats by itself', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writer = await stage.writer({ cluster: withoutCopies(stage.cluster), ...LIMITS });
    const { write } = stage.definition.aliases;
    const put = await writer.send('PUT', `/${write}/_doc/a`, { price: 1 }, NEW);
    expect([put.status, put.json.error.type]).toEqual([500, 'twindex_copy_unanswered']);
    const bulk = await writer.bulk(`/${write}/_bulk`, [{ index: { _id: 'b' } }, { price: 2 }], NEW);
    expect(bulk.items[0]?.status).toBe(500);
    expect(await stage.documents(stage.source)).toEqual({ a: { price: '1.00' }, b: { price: '2.00' } });
  });

  it('while readers are on it: a write is done, and its client is told that they do not see it yet', async () => {
    const stage = await Stage.set(await testCluster(), { ...PRICES, record: { readers: 'target' } });
    const writer = await stage.writer({ cluster: withoutCopies(stage.cluster), ...LIMITS });
    const { write } = stage.definition.aliases;
    const put = await writer.send('PUT', `/${write}/_doc/a`, { price: '1.00' });
    expect(put.status).toBe(201);
    expect(put.headers['warning']).toContain(`${stage.target} does not have it yet`);
    const gone = await writer.send('DELETE', `/${write}/_doc/a`);
    expect([gone.status, gone.headers['warning'] === undefined]).toEqual([200, false]);
    expect(writer.mirror.metrics().indexes[stage.name]?.unanswered).toBe(2);
  });

  it('while nobody reads it: nothing is said, as nobody misses it', async () => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writer = await stage.writer({ cluster: withoutCopies(stage.cluster), ...LIMITS });
    const put = await writer.send('PUT', `/${stage.definition.aliases.write}/_doc/a`, { price: '1.00' });
    expect([put.status, put.headers['warning']]).toEqual([201, undefined]);
  });
});

describe('the follower refuses a document', () => {
  const STRICT = { dynamic: 'strict', properties: { price: { type: 'keyword' } } };

  it('after the switch: it is done on the new one, and its client is told', async () => {
    const stage = await Stage.set(await testCluster(), {
      ...PRICES,
      mappings: STRICT,
      targetMappings: { dynamic: false },
    });
    await stage.exchange();
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    const put = await writer.send('PUT', `/${write}/_doc/a`, { price: '1.00', more: 'ä "x"' }, OLD);
    expect(put.status).toBe(201);
    expect(put.headers['warning']).toMatch(
      /^299 twindex "[\x20-\x21\x23-\x7e]+has refused it[\x20-\x21\x23-\x7e]+"$/,
    );
    expect(await stage.documents(stage.target)).toEqual({ a: { price: 1, more: 'ä "x"' } });
  });

  it('before the switch: says that the old one has it', async () => {
    const stage = await Stage.set(await testCluster(), { ...PRICES, targetMappings: STRICT });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    const put = await writer.send('PUT', `/${write}/_doc/a`, { price: 1, more: 1 }, NEW);
    expect(put.status).toBe(400);
    expect(put.text).toContain(`is written to ${stage.source}`);
  });
});
