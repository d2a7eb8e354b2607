// The layouts of names that a migration finds, and what is left of them at its end.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { getIndexes } from '../../../src/cluster/indices/getIndex.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { testCluster } from '../engine.js';
import { type Declaration, PRICES, Subject } from './harness.js';

const DOCUMENTS = 200;
const document = (n: number) => ({ n, price: `${n},50 EUR` });

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

function declared(declaration: Declaration): Promise<Subject> {
  return Subject.create(cluster, {
    mappings: PRICES.after,
    migrations: PRICES.migrations,
    ...declaration,
    before: { mappings: PRICES.before, ...declaration.before },
  });
}

async function expectMigrated(subject: Subject): Promise<void> {
  const documents = await subject.documents(subject.target);
  expect(documents.size).toBe(DOCUMENTS);
  expect(documents.get('d7')).toEqual({ n: 7, price: 7.5 });
  const [target] = await getIndexes(cluster, subject.target);
  expect(target?.mappings['_meta']).toMatchObject({ twindex: { name: subject.name, version: 2 } });
  expect(Object.keys(target?.aliases ?? {}).filter((alias) => alias.startsWith('twindex.'))).toEqual([]);
}

describe('a migration to the end', () => {
  it('moves the readers, then the writers, where each has an alias', async () => {
    const subject = await declared({});
    await subject.fill(DOCUMENTS, document);
    const { phase, record } = await subject.run('finalized');
    expect(phase).toBe('finalized');
    await expectMigrated(subject);
    expect(await indexAliases(cluster, subject.target)).toEqual({
      [`${subject.name}-read`]: {},
      [`${subject.name}-write`]: {},
    });
    expect(await indexAliases(cluster, subject.source)).toBeUndefined();
    const moves = record.history.map(({ what }) => what);
    expect(moves.indexOf('movingReaders -> mirroring')).toBeGreaterThan(-1);
    expect(moves.indexOf('movingReaders -> mirroring')).toBeLessThan(moves.indexOf('holding -> settling'));
  });

  it('moves readers and writers together where they have one alias', async () => {
    const subject = await declared({ layout: 'one-alias' });
    await subject.fill(DOCUMENTS, document);
    expect((await subject.run('finalized')).phase).toBe('finalized');
    await expectMigrated(subject);
    expect(await indexAliases(cluster, subject.target)).toEqual({ [subject.name]: {} });
    expect(await indexAliases(cluster, subject.source)).toBeUndefined();
  });

  it('makes an alias of the name of a bare index', async () => {
    const subject = await declared({ layout: 'bare-index' });
    await subject.fill(DOCUMENTS, document);
    expect((await subject.run('finalized')).phase).toBe('finalized');
    await expectMigrated(subject);
    expect(await indexAliases(cluster, subject.target)).toEqual({ [subject.name]: {} });
    await subject.put('later', { n: 1, price: 1 });
    expect((await subject.documents(subject.name)).size).toBe(DOCUMENTS + 1);
  });

  it('takes the other aliases along at the switch, with their filter, routing and visibility', async () => {
    const subject = await declared({});
    const { name } = subject;
    const filter = { range: { n: { lt: 10 } } };
    const others = [
      { alias: `${name}-few`, filter },
      { alias: `${name}-routed`, index_routing: '1', search_routing: '1,2' },
      { alias: `${name}-hidden`, is_hidden: true },
      { alias: `${name}-writes`, is_write_index: true },
    ];
    const actions = others.map((other) => ({ add: { index: subject.source, ...other } }));
    await subject.json('POST', '/_aliases', { actions });
    await subject.fill(DOCUMENTS, document);
    const before = await indexAliases(cluster, subject.source);
    expect(before?.[`${name}-hidden`]).toEqual({ is_hidden: true });

    await subject.run('cutover');
    const onSource = (await indexAliases(cluster, subject.source)) ?? {};
    expect(Object.keys(onSource)).toEqual(expect.arrayContaining(others.map(({ alias }) => alias)));
    await subject.run('finalized');
    expect(await indexAliases(cluster, subject.target)).toEqual(before);
    await expectMigrated(subject);
    expect((await subject.documents(`${name}-few`)).size).toBe(10);
  });

  it('leaves the settings as they are declared', async () => {
    const settings = {
      number_of_shards: 2,
      number_of_replicas: 0,
      refresh_interval: '7s',
      gc_deletes: '33s',
    };
    const subject = await declared({ settings });
    await subject.fill(DOCUMENTS, document);
    await subject.run('finalized');
    const [target] = await getIndexes(cluster, subject.target);
    expect(target?.settings['index']).toMatchObject({
      ...settings,
      number_of_shards: '2',
      number_of_replicas: '0',
    });
    expect(target?.settings['index']).not.toHaveProperty('blocks');
  });

  it('leaves no setting that was not declared', async () => {
    const subject = await declared({});
    await subject.fill(DOCUMENTS, document);
    await subject.run('finalized');
    const [target] = await getIndexes(cluster, subject.target);
    for (const own of ['refresh_interval', 'gc_deletes', 'blocks'])
      expect(target?.settings['index']).not.toHaveProperty(own);
  });
});
