import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Request } from '../../../src/cluster/request.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { parseBulkReply, printBulkReply } from '../../../src/writers/mirror/bulk/bulkReply.js';
import { type BulkOperation, parseBulk } from '../../../src/writers/mirror/bulk/bulkRequest.js';
import {
  parseDocumentReply,
  printDocumentReply,
} from '../../../src/writers/mirror/document/documentReply.js';
import { printDocument } from '../../../src/writers/mirror/document/documentRequest.js';
import { printBulk } from '../../../src/writers/mirror/bulk/printBulk.js';
import { readTarget } from '../../../src/writers/mirror/request/target.js';
import type { Write } from '../../../src/writers/mirror/request/clientRequest.js';
import { engineName, testCluster, uniqueName } from '../engine.js';

describe('requests and answers against the engine', () => {
  let cluster: Cluster;
  let index: string;
  let alias: string;

  beforeAll(async () => {
    cluster = await testCluster();
    index = uniqueName('wire');
    alias = `${index}-alias`;
    await cluster.connection.json({
      method: 'PUT',
      path: `/${index}`,
      body: {
        settings: { number_of_replicas: 0 },
        mappings: { dynamic: false, properties: { n: { type: 'integer' } } },
        aliases: { [alias]: {} },
      },
    });
  });

  const send = (method: Request['method'], path: string, body?: string | Buffer): Promise<Answer> =>
    cluster.connection.send({ method, path, ...(body === undefined ? {} : { body }) });
  const bulk = (body: string | Buffer, query = ''): Promise<Answer> =>
    send('POST', `/${index}/_bulk${query}`, body);

  it.each([
    '{"index":{"_id":"1"}}\r\n{"n":1}\r\n',
    '\n \r\n{"index":{"_id":"1"}}\n{"n":1}\n\n{"delete":{"_id":"1"}}\n \n',
    '\ufeff{"index":{"_id":"1"}}\n{"n":1}\n',
    '/*c*/{"index":{"_id":"1"}}//x\n{"n":1}\n',
    '{"index":{"_id":12}}\n{}\n{"index":{"_id":1.50}}\n{}\n{"index":{"_id":true}}\n{}\n',
    '{"index":{"_id":12345678901234567890}}\n{}\n{"delete":{"_id":"\\u00e9\\n"}}\n',
    '{"index":{"_id":""}}\n{}\n{"index":{"_index":null,"_id":"1"}}\n{}\n',
    '{"index":{"_id":"1"}}\n\n{"delete":{"_id":"1"}}\n',
    '{"index":{"_id":"1"}}\n{"n":1}\n{"index":{"_id":"2"}}\n',
    '{"index":{"_id":"1","op_type":"create"}}\n{}\n{"create":{"_id":"1","op_type":"index"}}\n{}\n',
    '{"index":{"_id":"1"}}\n{"n":"x"}\n{"index":{"_id":"2"}}\n{"n":1} x\n{"update":{"_id":"gone"}}\n{"doc":{}}\n',
    '{"index":{"_id":"1","version":9223372036854775806,"version_type":"external"}}\n{}\n',
    '{"index":{"_id":"1","if_seq_no":1,"if_primary_term":1}}\n{}\n',
    '{"index":{"_id":"1","pipeline":"nope"}}\n{}\n',
    '{"index":{"_index":"-x","_id":"1"}}\n{}\n',
    '{"delete":{"_id":"1","routing":"x"}}\n{"index":{"_id":"1"}}\n{"é":1}\n',
    '',
    '\n',
    '{"index":{}}\n',
    '{"index":{}}\n{}',
    '{"delete":{"_id":"1"}}',
    '{"delete":{"_id":"1"}}\n{"n":1}\n',
    '{"index":{}}\n\n{"n":1}\n',
    '{"INDEX":{}}\n{}\n',
    '{}\n',
    '[]\n',
    '{"index":null}\n{}\n',
    '{"index":{"_id":["1"]}}\n{}\n',
    '{"index":{"_id":"1","_id":"2"}}\n{}\n',
    "{'index':{}}\n{}\n",
  ])('reads %j as the engine does, and its answer', async (text) => {
    const answer = await bulk(text);
    const parsed = parseBulk(Buffer.from(text));
    if (parsed.type === 'malformed') {
      expect(answer.status).toBe(400);
      expect(parsed.reply.status).toBe(400);
      return;
    }
    expect(answer.status).toBe(200);
    expectSame(parsed.operations, answer);
  });

  /** What OpenSearch does not look at: ours is stricter, as Elasticsearch is. */
  it.each([
    '{"index":{"_id":"1"},"delete":{}}\n{}\n',
    '{"index":{"_id":"1"}} x\n{}\n',
    '{"index":{"_id":"1"}\n{}\n',
    '{"index":{"_id":"1"},\n{}\n',
  ])('refuses %j', async (text) => {
    expect(parseBulk(Buffer.from(text)).type).toBe('malformed');
    expect((await bulk(text)).status).toBe(engineName === 'opensearch' ? 200 : 400);
  });

  const id = fc.oneof(
    fc.constantFrom('a', 'b', 'é', '"', '\\', '\n', '/'),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const operation = fc.record({
    action: fc.constantFrom('index', 'create', 'update', 'delete'),
    _id: id,
    routing: fc.option(fc.constantFrom('r', 's'), { nil: undefined }),
    document: fc.constantFrom('{"n":1}', '{"n":"x"}', '{ "x" : [1, {}] }', ''),
  });

  it('prints what it has read so that the engine does the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 6 }), async (items) => {
        const text = items
          .map(({ action, document, ...meta }) => {
            const line = `{"${action}":${JSON.stringify(meta)}}\n`;
            if (action === 'delete') return line;
            return `${line}${action === 'update' ? `{"doc":${document || '{}'},"doc_as_upsert":true}` : document}\n`;
          })
          .join('');
        const parsed = parseBulk(Buffer.from(text));
        if (parsed.type === 'malformed') throw new Error('not read');
        const again = printBulk(parsed.operations.map((one) => ({ operation: one, index: alias })));
        const answer = await send('POST', '/_bulk', Buffer.concat(again));
        expectSame(parsed.operations, answer);
      }),
      { numRuns: 60 },
    );
  });

  /** The answer is that to these operations, and is read and printed again as it is. */
  function expectSame(operations: readonly BulkOperation[], answer: Answer): void {
    const { items, ...head } = parseBulkReply(answer.body);
    expect(items.map(({ action, id: given }) => [action, given])).toEqual(
      operations.map(({ action, id: given }, at) => [action, given ?? items[at]?.id]),
    );
    const shown = items.map((item) => ({ item, action: item.action, rename: undefined, withoutGet: false }));
    expect(printBulkReply(head, shown, {}).toString()).toBe(answer.body.toString());
  }

  it.each([
    ['PUT', '/_doc/1'],
    ['PUT', '/_doc/a+b?routing=a+b'],
    ['PUT', '/_doc/a%2Fb%20%C3%A9?routing=%C3%A9'],
    ['PUT', '/_doc/x//'],
    ['POST', '/_doc?id=query'],
    ['POST', '/_doc/path?id=query&index=other'],
    ['PUT', '/_doc/2?routing=a;refresh=true'],
    ['PUT', '/_doc/3?routing=a&routing=b'],
    ['PUT', '/_doc/4?%72outing=c=d&&'],
    ['PUT', '/_doc/path-5?op_type=CREATE'],
    ['PUT', '/_create/path-6?op_type=create'],
    ['PUT', '/_doc/_mapping'],
  ] as const)('reads %s %s as the engine does, and asks for the same', async (method, rest) => {
    const target = readTarget(method, `/${alias}${rest}`);
    if (target.type !== 'document') throw new Error(target.type);
    const { routing, ...params } = target.params;
    expect(await written(await send(method, `/${index}${rest}`, '{}'))).toEqual([target.id, routing]);
    const write: Write = {
      ...target,
      name: '',
      clientIndex: '',
      routing,
      version: undefined,
      body: Buffer.from('{}'),
      params,
    };
    const sent = printDocument({ ...write, action: 'index' }, { index: alias });
    expect(await written(await send(sent.method, sent.path, sent.body))).toEqual([target.id, routing]);
  });

  async function written(answer: Answer): Promise<[string, string | undefined]> {
    expect([200, 201]).toContain(answer.status);
    const { _id } = JSON.parse(answer.body.toString()) as { _id: string };
    const { docs } = await cluster.connection.json<{ docs: { _routing?: string }[] }>({
      method: 'POST',
      path: `/${index}/_mget`,
      body: { docs: ['a b', 'é', 'a', 'b', 'c=d', undefined].map((routing) => ({ _id, routing })) },
    });
    return [_id, docs.find(({ _routing }) => _routing !== undefined)?._routing];
  }

  it('takes the document out of the answer to an update, as if it had not been asked for', async () => {
    await send('PUT', `/${index}/_doc/u`, '{"n":1}');
    for (const query of ['', '?pretty', '?filter_path=result,_id', '?filter_path=-_shards&pretty']) {
      const plain = await send('POST', `/${index}/_update/u${query}`, '{"doc":{"n":1}}');
      const { body } = await send('POST', `/${index}/_update/u?_source=true`, '{"doc":{"n":1}}');
      const reply = parseDocumentReply(200, body);
      expect(reply.source?.toString()).toBe('{"n":1}');
      const params = Object.fromEntries(new URLSearchParams(query));
      expect(printDocumentReply(reply, { rename: undefined, withoutGet: true }, params).toString()).toBe(
        plain.body.toString(),
      );
    }
  });
});
