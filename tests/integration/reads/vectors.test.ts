// Elasticsearch from 9.2 leaves vectors out of `_source`: they are copied all the same, whichever side has them.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { engineName, testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

async function whole(subject: Subject, index: string, id: string): Promise<unknown> {
  return await subject.json('GET', `/${index}/_source/${id}?_source_exclude_vectors=false`);
}

const dense = (more: JsonObject = {}): JsonObject => ({ type: 'dense_vector', dims: 2, ...more });
const SPARSE: JsonObject = { type: 'sparse_vector' };
const of = (properties: JsonObject): JsonObject => ({ properties });
const STORED = { 'index.mapping.exclude_source_vectors': 'false' };

const CASES: [
  name: string,
  before: JsonObject,
  after: JsonObject,
  document: JsonObject,
  settings?: JsonObject,
][] = [
  ['sparse', of({ sp: SPARSE }), of({ sp: SPARSE }), { sp: { foo: 0.5 } }],
  ['dense, not indexed', of({ d: dense({ index: false }) }), of({ d: dense() }), { d: [0.5, 2] }],
  [
    'bytes',
    of({ d: dense({ element_type: 'byte' }) }),
    of({ d: dense({ element_type: 'byte' }) }),
    { d: [1, -2] },
  ],
  ['rank', of({ r: { type: 'rank_vectors' } }), of({ r: { type: 'rank_vectors' } }), { r: [[1, 2]] }],
  [
    'in an object',
    of({ o: of({ d: dense() }) }),
    of({ o: of({ d: dense() }) }),
    { o: { d: [1, 2], k: 'a' } },
  ],
  [
    'in nested documents',
    of({ n: { type: 'nested', properties: { d: dense() } } }),
    of({ n: { type: 'nested', properties: { d: dense() } } }),
    { n: [{ d: [1, 2] }, { d: [3, 4] }, { k: 'none' }] },
  ],
  ['that was an object', of({ sp: { type: 'object' } }), of({ sp: SPARSE }), { sp: { foo: 0.5 } }],
  [
    'that becomes an object',
    of({ sp: SPARSE }),
    of({ sp: of({ foo: { type: 'keyword' } }) }),
    { sp: { foo: 0.5 } },
  ],
  ['that was a list of numbers', of({ d: { type: 'float' } }), of({ d: dense() }), { d: [0.5, 2] }],
  ['that was stored whole', of({ d: dense() }), of({ d: dense() }), { d: [0.5, 2] }, STORED],
];

describe.skipIf(engineName !== 'elasticsearch')('a vector', () => {
  it.each(CASES)('%s, arrives', async (name, before, after, document, settings = {}) => {
    if (name === 'rank' && !(await hasRankVectors())) return;
    const subject = await Subject.create(cluster, {
      before: { mappings: before, settings },
      mappings: after,
    });
    await subject.fill(30, (n) => ({ n, ...document }));
    const { record } = await subject.run('switched');
    expect(await whole(subject, subject.target, 'd7')).toEqual({ n: 7, ...document });
    expect(record.evidence).toMatchObject({ differences: 0 });
    expect(record.secondCheck?.wrong).toEqual([]);
  });

  it('is seen by the transform, and may move', async () => {
    const subject = await Subject.create(cluster, {
      before: { mappings: of({ sp: SPARSE }) },
      mappings: of({ weights: SPARSE, tokens: { type: 'keyword' } }),
      migrations: {
        2: {
          up: ({ sp, ...doc }) => ({ ...doc, weights: sp, tokens: Object.keys(sp as object) }),
          down: ({ weights, tokens: _tokens, ...doc }) => ({ ...doc, sp: weights }),
        },
      },
    });
    await subject.fill(10, (n) => ({ n, sp: { [`t${n}`]: 2 } }));
    const { record } = await subject.run('switched');
    expect(await whole(subject, subject.target, 'd3')).toEqual({ n: 3, weights: { t3: 2 }, tokens: ['t3'] });
    expect(record.evidence.differences).toBe(0);
  });

  it('that the engine rounds is no difference, and what was written otherwise is', async () => {
    const mappings = of({ sp: SPARSE, d: dense(), x: { type: 'double' } });
    const subject = await Subject.create(cluster, { before: { mappings, settings: STORED }, mappings });
    await subject.fill(50, (n) => ({
      x: 0.3,
      sp: { foo: 0.3 + n / 77 },
      d: [Math.PI * (n + 1), 1 / (n + 3)],
    }));
    const { record } = await subject.run('ready');
    expect(record.evidence).toMatchObject({ differences: 0, repaired: 0 });
    expect(record.secondCheck?.wrong).toEqual([]);
    await subject.json('PUT', `/${subject.target}/_doc/d1`, { x: 0.3, sp: { foo: 0.9 }, d: [1, 2] });
    const running = subject.start('ready', { stay: true });
    await subject.until('coordinated', ({ record: { holder } }) => holder !== null);
    await subject.steer('verify');
    await running.stop();
    expect((await subject.status()).record.evidence.firstDifferences[0]).toMatch(/^d1: .*/);
  });
});

async function hasRankVectors(): Promise<boolean> {
  const answer = await cluster.connection.send({
    method: 'POST',
    path: '/_index_template/_simulate',
    body: { index_patterns: ['none-*'], template: { mappings: of({ r: { type: 'rank_vectors' } }) } },
  });
  return answer.status < 300;
}
