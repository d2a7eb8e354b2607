// Partial updates in the shape of the follower, which are several requests: answered as the engine answers them, and
// refused as a whole where it would refuse them.
import { describe, expect, it } from 'vitest';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { engineName, engineUrls, testCluster, uniqueName } from '../engine.js';
import { Stage, type StageOptions, type Writer } from './stage.js';

const PRICES = {
  mappings: { dynamic: false },
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number(doc['price']) }),
      down: (doc) => ({ ...doc, price: String(doc['price']) }),
    },
  },
} satisfies StageOptions;

const NEW = { 'x-twindex-version': '2' };
const DOCUMENT = { price: 7, deep: { a: 1, b: [{ c: 1, d: 2 }] }, name: 'x' };

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A bare index, and one that is being migrated; both hold a document `a`. */
async function prepare(): Promise<{ stage: Stage; writer: Writer; both: typeof Both.prototype.send }> {
  const cluster = await testCluster();
  const stage = await Stage.set(cluster, PRICES);
  const writer = await stage.writer();
  const bare = uniqueName('imb');
  await createIndex(cluster, `${bare}-v1`, {
    settings: { number_of_replicas: 0, number_of_shards: 1 },
    mappings: { dynamic: false },
    aliases: { [`${bare}-write`]: {} },
  });
  const sides = new Both(stage, writer, bare);
  await sides.send('PUT', '/WRITE/_doc/a', JSON.stringify(DOCUMENT));
  return { stage, writer, both: (...request) => sides.send(...request) };
}

class Both {
  readonly #stage: Stage;
  readonly #writer: Writer;
  readonly #bare: string;

  constructor(stage: Stage, writer: Writer, bare: string) {
    this.#stage = stage;
    this.#writer = writer;
    this.#bare = bare;
  }

  /** `WRITE` becomes the write alias. */
  async send(method: string, url: string, body: string): Promise<{ ours: Answer; bare: Answer }> {
    const { write } = this.#stage.definition.aliases;
    const named = (text: string, alias: string): string => text.replaceAll('WRITE', alias);
    const ours = await this.#writer.send(method, named(url, write), named(body, write), NEW);
    const alias = `${this.#bare}-write`;
    const answer = await fetch(engineUrls[0] + named(url, alias), {
      method,
      headers: { 'content-type': url.includes('_bulk') ? 'application/x-ndjson' : 'application/json' },
      body: named(body, alias),
    });
    return {
      ours: { status: ours.status, text: masked(ours.text, this.#stage.name) },
      bare: { status: answer.status, text: masked(await answer.text(), this.#bare) },
    };
  }
}

/** Fields of a filtered document come in any order. */
function masked(text: string, name: string): string {
  const plain = text
    .replaceAll(name, 'NAME')
    .replaceAll('},{', '},\n{')
    .replaceAll(/("(?:ingest_)?took"\s*:\s*)\d+/g, '$10')
    .replaceAll(/("index_uuid"\s*:\s*)"[^"]*"/g, '$1"uuid"');
  return plain.replaceAll(/"_source":(\{.*?\})(?=\}|\n)/g, (_, json: string) => `"_source":${sorted(json)}`);
}

function sorted(json: string): string {
  const value = JSON.parse(json) as Record<string, unknown>;
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
}

const lines = (...all: readonly object[]): string => all.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('a partial update in the other shape', () => {
  it('is answered as the engine answers', async () => {
    const { both } = await prepare();
    const requests: [string, object][] = [
      ['/WRITE/_update/a', { doc: { price: 8 } }],
      ['/WRITE/_update/a', { doc: { price: 8 } }],
      ['/WRITE/_update/a?_source=true&refresh=true', { doc: { price: 8 } }],
      ['/WRITE/_update/a?_source=name,deep.b.c', { doc: { price: 9 } }],
      ['/WRITE/_update/a?_source_excludes=deep', { doc: { price: 9 } }],
      ['/WRITE/_update/a', { doc: { price: 9 }, _source: ['n*'] }],
      ['/WRITE/_update/a?_source=true&pretty', { doc: { price: 10 } }],
      ['/WRITE/_update/none', { doc: { price: 8 } }],
      ['/WRITE/_update/none?pretty', { doc: { price: 8 } }],
      ['/WRITE/_update/none?if_seq_no=3&if_primary_term=1', { doc: { price: 8 } }],
      ['/WRITE/_update/a?if_seq_no=1000&if_primary_term=1', { doc: { price: 8 } }],
      ['/WRITE/_update/b?_source=true', { doc: { price: 8 }, upsert: { price: 1, name: 'y' } }],
      ['/WRITE/_update/c?_source=price', { doc: { price: 8 }, doc_as_upsert: true }],
      // refused, with nothing done
      ['/WRITE/_update/a?timeout=soon', { doc: { price: 11 } }],
      ['/WRITE/_update/none?timeout=soon', { doc: { price: 8 } }],
      ['/WRITE/_update/a?pipeline=p', { doc: { price: 11 } }],
      ['/WRITE/_update/a?require_alias=perhaps', { doc: { price: 11 } }],
      ['/WRITE/_update/a', { doc: { price: 11 }, other: 1 }],
      ['/WRITE/_update/a', { upsert: { price: 11 } }],
      ['/WRITE/_update/a?if_seq_no=1&if_primary_term=1', { doc: { price: 11 }, upsert: {} }],
      ['/WRITE/_update/a?if_seq_no=1&if_primary_term=1', { doc: { price: 11 }, doc_as_upsert: true }],
    ];
    for (const [url, body] of requests) {
      const { ours, bare } = await both('POST', url, JSON.stringify(body));
      expect(ours, `${url} ${JSON.stringify(body)}`).toEqual(bare);
    }
  });

  it('is answered as an item of a bulk is', async () => {
    const { both } = await prepare();
    const requests: [string, string][] = [
      [
        '/WRITE/_bulk',
        lines(
          { update: { _id: 'a', _source: true } },
          { doc: { price: 8 } },
          { update: { _id: 'a', _source: true } },
          { doc: { price: 8 } },
          { update: { _id: 'none' } },
          { doc: { price: 8 } },
          { update: { _id: 'a', if_seq_no: 1_000, if_primary_term: 1 } },
          { doc: { price: 8 } },
          { update: { _id: 'c', pipeline: 'missing' } },
          { doc: { price: 8 }, doc_as_upsert: true },
          { index: { _id: 'd' } },
          { price: 1 },
        ),
      ],
      [
        '/_bulk?_source=name',
        lines(
          { update: { _index: 'WRITE', _id: 'a' } },
          { doc: { price: 9 }, _source: true },
          { update: { _index: 'WRITE', _id: 'a', _source: 'price,name' } },
          { doc: { price: 10 } },
        ),
      ],
      [
        '/WRITE/_bulk?pretty&refresh=true',
        lines({ update: { _id: 'a', _source: true } }, { doc: { price: 11 } }),
      ],
    ];
    for (const [url, body] of requests) {
      const { ours, bare } = await both('POST', url, body);
      expect(ours, body).toEqual(bare);
    }
  });

  it('is not done where the engine refuses its bulk as a whole', async () => {
    const { stage, both } = await prepare();
    const update = lines({ update: { _id: 'a' } }, { doc: { price: 99 } });
    const requests: [string, string][] = [
      ['?refresh=perhaps', update],
      ['?timeout=soon', update],
      ['', update + lines({ index: { _id: 'b', version: 3, version_type: 'internal' } }, {})],
      ['', update + lines({ create: { _id: 'b', if_seq_no: 1, if_primary_term: 1 } }, {})],
      ['', lines({ index: { _id: 'b' } }, {}, { update: { _id: 'a', _source_includes: 'n' } }, { doc: {} })],
      ['', lines({ index: { _id: 'b' } }, {}) + lines({ update: { _id: 'a' } }, { doc: {}, other: 1 })],
      ['', lines({ delete: { _id: 'a' } }) + lines({ update: { _id: 'a' } }, { upsert: {} })],
      [
        '',
        lines(
          { index: { _id: 'b' } },
          {},
          { update: { _id: 'a', if_seq_no: 1, if_primary_term: 1 } },
          { doc: {}, doc_as_upsert: true },
        ),
      ],
      ['?pretty', update + lines({ update: { _id: 'a', version: 3 } }, { doc: {} })],
    ];
    for (const [query, body] of requests) {
      const { ours, bare } = await both('POST', `/WRITE/_bulk${query}`, body);
      expect(ours, query + body).toEqual(bare);
      expect(ours.status).toBe(400);
    }
    const expected = { a: { ...DOCUMENT, price: '7' } };
    expect(await stage.documents(stage.source)).toEqual(expected);
    expect(await stage.documents(stage.target)).toEqual({ a: DOCUMENT });
  });

  it.runIf(engineName === 'opensearch')('goes through pipelines where the engine uses them', async () => {
    const { stage, both } = await prepare();
    const pipeline = uniqueName('imp');
    const cluster = await testCluster();
    await cluster.connection.json({
      method: 'PUT',
      path: `/_ingest/pipeline/${pipeline}`,
      body: { processors: [{ set: { field: 'name', value: 'piped' } }] },
    });
    const { ours, bare } = await both(
      'POST',
      `/WRITE/_bulk?pipeline=${pipeline}&_source=true`,
      lines(
        { update: { _id: 'a' } },
        { doc: { price: 8 } },
        { update: { _id: 'b' } },
        { doc: { price: 8 }, upsert: { price: 9 } },
        { update: { _id: 'c' } },
        { doc: { price: 8 }, doc_as_upsert: true },
      ),
    );
    await cluster.connection.send({ method: 'DELETE', path: `/_ingest/pipeline/${pipeline}` });
    expect(ours).toEqual(bare);
    const documents = { a: { ...DOCUMENT, price: 8 }, b: { price: 9, name: 'piped' }, c: { price: 8 } };
    expect(await stage.documents(stage.target)).toEqual(documents);
  });
});
