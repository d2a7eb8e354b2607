// The route `pipeline`: an ingest pipeline of the engine changes the documents, for `_reindex` and for every write alike.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { makePlan } from '../../../src/plan/makePlan.js';
import { engineName, testCluster, uniqueName } from '../engine.js';
import { pathOf, PRICES, Subject } from './harness.js';

const DOCUMENTS = 1_200;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

async function created(processors: readonly object[], down?: readonly object[]): Promise<Subject> {
  const put = async (list: readonly object[]): Promise<{ pipeline: string }> => {
    const name = uniqueName('pipeline');
    await cluster.connection.json({
      method: 'PUT',
      path: `/_ingest/pipeline/${name}`,
      body: { processors: list },
    });
    return { pipeline: name };
  };
  const subject = await Subject.create(cluster, {
    before: { settings: { number_of_shards: 2 }, mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: { 2: { up: await put(processors), ...(down ? { down: await put(down) } : {}) } },
    route: 'pipeline',
  });
  await subject.fill(DOCUMENTS, (n) => ({ n, price: `${n}.50` }));
  return subject;
}

const toNumber = { convert: { field: 'price', type: 'double', if: 'ctx.price instanceof String' } };
const toText = { convert: { field: 'price', type: 'string', if: '!(ctx.price instanceof String)' } };

// the minimal builds of Elasticsearch have no processors at all
describe.skipIf(engineName === 'elasticsearch')('a migration through an ingest pipeline', () => {
  it('changes what _reindex copies and what is written later, in the same way', async () => {
    const subject = await created([toNumber], [toText]);
    await subject.put('routed', { n: 7, price: '7.25' }, 'somewhere');
    await subject.run('ready');
    const { body } = await subject.send('GET', pathOf(subject.target, '_doc', 'd0'));
    expect(body.toString()).toContain('"_version":1,'); // by _reindex
    await subject.put('d3', { n: 3, price: '3.75' });
    await subject.delete('d4');
    const { record } = await subject.run('switched');
    expect(record.route).toBe('pipeline');
    expect(record.evidence.differences).toBe(0);
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(DOCUMENTS);
    expect(documents.get('d5')).toEqual({ n: 5, price: 5.5 });
    expect(documents.get('d3')).toEqual({ n: 3, price: 3.75 });
    expect(documents.get('routed somewhere')).toEqual({ n: 7, price: 7.25 });

    await subject.put('d6', { n: 6, price: 6.25 });
    const running = subject.start('switched', { stay: true });
    await subject.until('coordinated', ({ record: { holder } }) => holder !== null);
    await subject.steer('rollback');
    await running.stop();
    expect((await subject.documents(subject.source)).get('d6')).toEqual({ n: 6, price: '6.25' });
  });

  it('leaves out what the pipeline drops, and keeps what it fails at', async () => {
    const subject = await created([
      toNumber,
      { drop: { if: 'ctx.n == 8' } },
      { fail: { if: 'ctx.n == 9', message: 'nine is refused' } },
    ]);
    const running = subject.startPatient('cutover');
    const { record, rejected } = await subject.until(
      'held back',
      (now) => /rejected/.test(now.record.message) && now.rejected.count > 0,
    );
    expect(record.route).toBe('client');
    expect(rejected.first).toMatchObject([
      { id: 'd9', reason: expect.stringContaining('nine is refused') as string },
    ]);
    await subject.put('d9', { n: 99, price: '9.50' });
    const { record: end } = await running.ended;
    expect(end.drops).toBe(true);
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(DOCUMENTS - 1);
    expect(documents.has('d8')).toBe(false);
    expect(documents.get('d9')).toEqual({ n: 99, price: 9.5 });
  });

  it('says when the pipeline makes something else of a document each time', async () => {
    const subject = await created([toNumber, { set: { field: 'seenAt', value: '{{_ingest.timestamp}}' } }]);
    const running = subject.start('ready');
    const { record } = await running.ended;
    expect(running.notes.join('\n')).toMatch(/the transform is not deterministic: for document d\d+/);
    expect(record.evidence.differences).toBe(0);
  });

  it.each([
    ['that is missing', 'nonesuch', undefined, /nonesuch .* does not exist/],
    ['that changes ids', undefined, { set: { field: '_id', value: 'x' } }, /changes _id/],
  ] as const)('is blocked before it begins by a pipeline %s', async (_, name, processor, message) => {
    const subject = await created(processor ? [processor] : [toNumber]);
    if (name) subject.definition = { ...subject.definition, migrations: { 2: { up: { pipeline: name } } } };
    const plan = await makePlan(cluster, subject.definition);
    expect(plan.kind).toBe('blocked');
    expect(plan.findings.find(({ check }) => check === 'transform-pipelines')?.message).toMatch(message);
  });
});
