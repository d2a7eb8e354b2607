// The demo's own instruments, without a migration: they must find nothing where nothing is wrong, and what is wrong.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productOf } from '../../src/demo/catalogue.js';
import { compareWithRecord } from '../../src/demo/comparison.js';
import { directWay } from '../../src/demo/gateways.js';
import { EngineHttp } from '../../src/demo/http.js';
import { WriteRecord } from '../../src/demo/writeRecord.js';
import { documentOf, type Features, SCHEMA_V1, schemaV2 } from '../../src/demo/schemas.js';
import { createCatalogue, fillCatalogue, findFeatures } from '../../src/demo/seed.js';
import { Workload } from '../../src/demo/workload.js';
import { Writer, WriteTally } from '../../src/demo/writer.js';
import { engineUrls, uniqueName } from './engine.js';
import { eventually } from '../eventually.js';

const DOCUMENTS = 1_000;
const { signal } = new AbortController();
const http = new EngineHttp(engineUrls[0] ?? '');
let features: Features;

beforeAll(async () => {
  features = await findFeatures(http);
});
afterAll(() => http.close());

describe('four readers and four writers on an index that nobody migrates', () => {
  const name = uniqueName('demo-plain');
  const index = `${name}-v1`;
  let workload: Workload;

  beforeAll(async () => {
    await createCatalogue(http, name);
    await fillCatalogue(http, { name, documents: DOCUMENTS, onProgress: () => {}, signal });
    const scripts = features.painless;
    workload = new Workload({ http, name, documents: DOCUMENTS, scripts, rate: 400, seed: 3 });
    workload.start();
    const hasWorked = (): boolean => workload.writes.acknowledged >= 800 && workload.reads.served >= 200;
    await eventually('800 writes and 200 reads', hasWorked, 120_000);
    await workload.stop();
  });

  it('are all served', () => {
    expect(workload.reads).toMatchObject({ failed: 0, empty: 0, examples: [] });
    expect(workload.writes).toMatchObject({ failed: 0, retried: 0, examples: [] });
    const kinds = ['create', 'delete', 'index', 'update', ...(features.painless ? ['sell'] : [])];
    expect(Object.keys(workload.writes.byKind).sort()).toEqual(kinds.sort());
  });

  it('leave exactly what the record expects', async () => {
    const found = await compareWithRecord(http, index, workload.record, 1);
    expect(found).toMatchObject({ lost: 0, resurrected: 0, examples: [] });
    expect(found.documents).toBeGreaterThan(0);
  });

  it('cannot be told that all is well when a document is taken away, changed or brought back behind their back', async () => {
    const of = (wanted: 'live' | 'gone') =>
      [...workload.record.keys()].filter((key) => {
        const states = workload.record.possibleStates(key);
        return key.routing === undefined && states.every((state) => (state === null) === (wanted === 'gone'));
      });
    const [taken, changed] = of('live').map(({ id }) => encodeURIComponent(id));
    const [broughtBack] = of('gone').map(({ id }) => encodeURIComponent(id));
    await http.json('DELETE', `/${index}/_doc/${taken}`);
    await http.json('POST', `/${index}/_update/${changed}`, { doc: { sku: 'changed' } });
    await http.json('PUT', `/${index}/_doc/${broughtBack}`, documentOf(productOf(0), 1));
    await http.json('PUT', `/${index}/_doc/never-written`, documentOf(productOf(0), 1));
    const found = await compareWithRecord(http, index, workload.record, 1);
    expect(found).toMatchObject({ lost: 2, resurrected: 2 });
    expect(found.examples).toHaveLength(4);
  });
});

describe('a writer that meets the switch', () => {
  const name = uniqueName('demo-switch');
  const alias = `${name}-write`;
  const key = { id: 'a/b ☕', routing: 'Händler' };
  const product = { money: { cents: 1250, currency: 'EUR' }, fields: { title: 'chair', stock: 3 } };
  const write = { item: { key, change: { kind: 'index', product }, shared: false }, before: null } as const;

  const setAlias = (actions: object[]) => http.json('POST', '/_aliases', { actions });
  const newWriter = () => {
    const tally = new WriteTally();
    const release = { version: 1, way: directWay(http), byGateway: false };
    const record = new WriteRecord();
    return { tally, release, writer: new Writer({ alias, number: 0, record, tally, release }) };
  };
  const inIndex = (version: number) =>
    http.json<{ _source: unknown }>(
      'GET',
      `/${name}-v${version}/_doc/${encodeURIComponent(key.id)}?routing=${encodeURIComponent(key.routing)}`,
    );

  beforeAll(async () => {
    const v2 = schemaV2(features);
    await http.json('PUT', `/${name}-v1`, { ...SCHEMA_V1, aliases: { [alias]: {} } });
    const mappings = { ...v2.mappings, _meta: { twindex: { version: 2 } } };
    await http.json('PUT', `/${name}-v2`, { settings: v2.settings, mappings });
  });

  it('waits at the closed alias, and goes on with the documents of the version that is then behind it', async () => {
    const { writer, tally, release } = newWriter();
    await writer.write([write]);
    expect((await inIndex(1))._source).toEqual(documentOf(product, 1));

    await setAlias([{ add: { index: `${name}-v1`, alias, is_write_index: false } }]);
    const waiting = writer.write([write]);
    await sleep(100);
    expect(tally.acknowledged).toBe(1);
    await setAlias([
      { remove: { index: `${name}-v1`, alias } },
      { add: { index: `${name}-v2`, alias, is_write_index: true } },
    ]);
    await waiting;
    expect((await inIndex(2))._source).toEqual(documentOf(product, 2));
    expect(release.version).toBe(2);
    expect(tally).toMatchObject({ acknowledged: 2, retried: 1, failed: 0 });
  });

  it('that slept through it is refused by the mapping, and changes its release all the same', async () => {
    const { writer, tally, release } = newWriter();
    await writer.write([write]);
    expect(release.version).toBe(2);
    expect(tally).toMatchObject({ acknowledged: 1, retried: 1, failed: 0 });
  });

  it('waits at the write block in the same way', async () => {
    const { writer, tally } = newWriter();
    await http.json('PUT', `/${name}-v2/_block/write`);
    const waiting = writer.write([write]);
    await sleep(100);
    expect(tally.acknowledged).toBe(0);
    await http.json('PUT', `/${name}-v2/_settings`, { 'index.blocks.write': null });
    await waiting;
    expect(tally).toMatchObject({ acknowledged: 1, retried: 1, failed: 0 });
  });
});
