// What twindex keeps in the cluster is not changed through a gateway, whether or not a migration runs; and whatever else the
// engine accepts is handed on.
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { getDocument } from '../../../src/cluster/documents/getDocument.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { putDocument } from '../../../src/cluster/documents/putDocument.js';
import { refresh } from '../../../src/cluster/indices/refresh.js';
import { createJournal } from '../../../src/journal/journal.js';
import { JOURNAL } from '../../../src/protocol/names.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import { engineUrls, testCluster, uniqueName } from '../engine.js';
import { get, openGateway, RawClient } from './harness.js';

const direct = engineUrls[0] as string;
const json = { 'content-type': 'application/json' };
const id = `attacked:${randomUUID()}`;
const logs = uniqueName('own-logs');
let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
  await createJournal(cluster);
  await putDocument(cluster, { index: JOURNAL, id }, { kind: 'test' }, 'any');
  await cluster.connection.json({
    method: 'PUT',
    path: `/${logs}/_doc/1`,
    query: { refresh: true },
    body: { n: 1 },
  });
  await refresh(cluster, JOURNAL);
});

/** With everything that a gateway does, in front of the engine of the tests, and no migration. */
async function open(): Promise<string> {
  const mirror = await Mirror.start({ cluster, definitions: [], type: 'gateway' });
  onTestFinished(() => mirror.stop());
  const { url } = await openGateway({
    mirror: {
      decide: (...given) => mirror.decide(...given),
      perform: (...given) => mirror.perform(...given),
      metrics: () => mirror.metrics(),
    },
  });
  return url;
}

const query = { query: { ids: { values: [id] } } };
const line = (value: object): string => `${JSON.stringify(value)}\n`;
const item = line({ index: { _index: JOURNAL, _id: id } }) + line({ kind: 'changed' });
const harmless = line({ index: { _index: logs, _id: '2' } }) + line({ n: 2 });

interface Attack {
  readonly method: string;
  readonly path: string;
  readonly body?: string | Buffer | object;
  readonly headers?: Record<string, string>;
}

const ATTACKS: readonly Attack[] = [
  { method: 'PUT', path: `/${JOURNAL}/_doc/${id}`, body: { kind: 'changed' } },
  { method: 'PUT', path: `/%74windex-journal/_doc/${id}`, body: { kind: 'changed' } },
  { method: 'PUT', path: `/%3Ctwindex-journal%3E/_doc/${id}`, body: { kind: 'changed' } },
  { method: 'DELETE', path: `/${JOURNAL}/_doc/${id}` },
  { method: 'POST', path: `/${JOURNAL}/_update/${id}`, body: { doc: { kind: 'changed' } } },
  { method: 'POST', path: `/${JOURNAL}/_delete_by_query`, body: query },
  { method: 'POST', path: `/twindex-*/_delete_by_query`, body: query },
  { method: 'POST', path: `/*/_delete_by_query?expand_wildcards=all`, body: query },
  { method: 'POST', path: `//_delete_by_query?expand_wildcards=all`, body: query },
  { method: 'POST', path: `/${logs},${JOURNAL}/_update_by_query`, body: query },
  { method: 'POST', path: '/_bulk', body: item },
  { method: 'POST', path: '//_bulk', body: item },
  { method: 'PUT', path: `/${logs}/_bulk`, body: harmless + item },
  { method: 'POST', path: `/${JOURNAL}/_bulk`, body: line({ delete: { _id: id } }) },
  { method: 'POST', path: '/_bulk', body: item.replace('twindex', '\\u0074windex') },
  // date math makes the name: quoted text of a format, and wildcards beside a date
  { method: 'POST', path: '/_bulk', body: item.replace(JOURNAL, "<twi{now{'ndex'}}-journal>") },
  { method: 'POST', path: "/%3Ctwi%7Bnow%7B'ndex'%7D%7D-journal%3E/_delete_by_query", body: query },
  ...["t*-{now{'journal'}}", "twindex-j*{now{'nal'}}", 'twindex-j*{now{[]}}', 't*nal{now{[]}}'].map(
    (name) => ({
      method: 'POST',
      path: `/${encodeURIComponent(`<${name}>`)}/_delete_by_query?expand_wildcards=all`,
      body: query,
    }),
  ),
  { method: 'POST', path: '/_bulk', body: gzipSync(item), headers: { 'content-encoding': 'gzip' } },
  { method: 'POST', path: '/_bulk', body: item, headers: { 'content-type': 'application/smile' } },
  { method: 'POST', path: '/_reindex', body: { source: { index: logs }, dest: { index: JOURNAL } } },
  {
    method: 'POST',
    path: '/_reindex',
    body: {
      source: { index: logs },
      dest: { index: logs },
      script: { source: `ctx._index = '${JOURNAL}'; ctx._id = '${id}'` },
    },
  },
  { method: 'POST', path: '/_aliases', body: { actions: { remove_index: { index: JOURNAL } } } },
  { method: 'POST', path: '/_aliases', body: { actions: [{ remove_index: { indices: [JOURNAL] } }] } },
  { method: 'POST', path: '/_aliases', body: { actions: [{ add: { index: JOURNAL, alias: 'x' } }] } },
  { method: 'PUT', path: `/${JOURNAL}/_alias/x` },
  { method: 'PUT', path: `/${logs}/_alias/twindex.own.Feed.1` },
  { method: 'DELETE', path: `/${JOURNAL}` },
  { method: 'DELETE', path: '/twindex-*' },
  { method: 'POST', path: `/${JOURNAL}/_close` },
  { method: 'PUT', path: `/${JOURNAL}/_settings`, body: { 'index.blocks.write': true } },
  { method: 'PUT', path: `/${JOURNAL}/_mapping`, body: { properties: { x: { type: 'long' } } } },
  { method: 'PUT', path: `/${JOURNAL}/_block/write` },
  { method: 'PUT', path: '/twindex-ledger-own-1' },
];

const bodyOf = ({ body }: Attack): string | Buffer | null =>
  body === undefined ? null : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);

describe('what twindex keeps', () => {
  it('is not changed through a gateway', async () => {
    const url = await open();
    const aliases = await indexAliases(cluster, JOURNAL);
    for (const attack of ATTACKS) {
      const { method, path, headers } = attack;
      const answer = await get(url + path, {
        method,
        headers: { ...json, ...headers },
        body: bodyOf(attack),
      });
      const name = `${method} ${path} ${String(bodyOf(attack)).slice(0, 80)}`;
      // a bulk that is read whole is answered operation by operation
      const refused = answer.status === 200 ? answer.text.includes('"errors":true') : answer.status;
      expect([400, 406, true], `${name}: ${answer.text}`).toContain(refused);
      expect(answer.text, name).toMatch(/twindex|ctx\._index/);
      const found = await getDocument<object>(cluster, JOURNAL, id);
      expect(found?.source, name).toEqual({ kind: 'test' });
    }
    expect(Object.keys((await indexAliases(cluster, JOURNAL)) ?? {})).not.toContain('x');
    expect(Object.keys(aliases ?? {})).not.toContain('x');
  });

  it('is not changed by a bulk that comes in pieces', async () => {
    const url = await open();
    const client = RawClient.open(url);
    client.send(
      `POST /_bulk HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    for (const piece of (harmless + item).match(/.{1,7}\n?/gs) ?? [])
      client.send(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    expect(await client.untilClosed()).toMatch(/^HTTP\/1\.1 400 .*belongs to twindex/s);
    expect((await getDocument<object>(cluster, JOURNAL, id))?.source).toEqual({ kind: 'test' });
  });

  it('can be read', async () => {
    const url = await open();
    expect((await get(`${url}/${JOURNAL}/_doc/${id}`)).status).toBe(200);
    expect(
      (await get(`${url}/twindex-*/_search`, { method: 'POST', headers: json, body: '{}' })).status,
    ).toBe(200);
  });
});

describe('a request that is about nothing of ours', () => {
  const bulk = (n: number): string => line({ index: { _index: logs, _id: `b${n}` } }) + line({ n });

  it('is answered as the engine answers it, however its path is written', async () => {
    const url = await open();
    const requests: readonly Attack[] = [
      { method: 'GET', path: `/%3C${logs}%3E/_search` },
      { method: 'GET', path: `/%3C${logs}-%7Bnow%2FM%7D%3E/_search` },
      { method: 'GET', path: `/%3C${logs}-%7Bnow%2FM%7D%3E/_search?ignore_unavailable=true` },
      { method: 'GET', path: `/%3C${logs}-%7Bnow%2Fd-1M%2Fd%7Byyyy.MM.dd%7CUTC%7D%7D%3E,${logs}/_count` },
      { method: 'PUT', path: `/%3C${logs}-%7Bnow%2FM%7D%3E/_doc/1`, body: { n: 1 } },
      { method: 'GET', path: '//_refresh' },
      { method: 'POST', path: '//_refresh' },
      { method: 'GET', path: `//${logs}/_search` },
      { method: 'GET', path: `/${logs}//_search` },
      { method: 'GET', path: `/${logs}/_search//` },
      { method: 'PUT', path: `//${logs}/_doc/2`, body: { n: 2 } },
      { method: 'PUT', path: `/${logs}//_doc/2`, body: { n: 2 } },
      { method: 'PUT', path: `/${logs}/_doc//2`, body: { n: 2 } },
      { method: 'PUT', path: `/${logs}/_doc/2//`, body: { n: 2 } },
      { method: 'PUT', path: '//_doc/2', body: { n: 2 } },
      { method: 'POST', path: '//_bulk', body: bulk(1) },
      { method: 'POST', path: `/${logs}/_bulk/`, body: bulk(2) + line({ delete: { _id: 'b1' } }) },
      { method: 'POST', path: '/_bulk', body: gzipSync(bulk(3)), headers: { 'content-encoding': 'gzip' } },
      { method: 'POST', path: '/_bulk', body: `${bulk(4)}{"index":{}}` },
      { method: 'POST', path: '/_aliases', body: { actions: { add: { index: logs, alias: `${logs}-a` } } } },
      {
        method: 'POST',
        path: '/_reindex',
        body: {
          source: { index: logs },
          dest: { index: logs, version_type: 'external' },
          script: 'ctx._source.n = 3',
        },
      },
    ];
    const without = (text: string): string =>
      text.replaceAll(
        /"(?:took|ingest_took|_version|_seq_no|_primary_term|result|status|updated|created|version_conflicts)":[^,}]+,?/g,
        '',
      );
    const compare = async (request: Attack): Promise<void> => {
      const { method, path, headers } = request;
      const init = { method, headers: { ...json, ...headers }, body: bodyOf(request) };
      const there = await get(direct + path, init);
      const here = await get(url + path, init);
      const [first, second] = [there, here].map(({ status }) => (status === 201 ? 200 : status));
      expect(second, `${method} ${path}: ${here.text}`).toBe(first);
      if (there.status < 300 && !path.includes('_search') && !path.includes('_reindex'))
        expect(without(here.text), path).toBe(without(there.text));
    };
    for (const request of requests) {
      // of all indexes: other tests may make one between the two requests, so they are sent again until they are answered alike
      if (request.path === '//_refresh') await vi.waitFor(() => compare(request), { timeout: 30_000 });
      else await compare(request);
    }
  });

  it('is answered after one whose head the engine does not read to its end', async () => {
    const url = await open();
    const statuses = new Set<number>();
    for (let size = 15_600; size <= 16_384; size += 48) {
      const client = RawClient.open(url);
      const start = 'GET /_cluster/health HTTP/1.1\r\nhost: a\r\n';
      client.send(`${start}x: ${'y'.repeat(size - start.length - 7)}\r\n\r\n`);
      const answer = await client.until((text) => text.includes('\r\n\r\n'));
      statuses.add(Number(answer.slice(9, 12)));
      const next = await get(`${url}/_cluster/health`, { signal: AbortSignal.timeout(10_000) });
      expect(next.status).toBe(200);
    }
    // some were read, and some were not
    expect(statuses).toEqual(new Set([200, 400]));
  });
});
