import { describe, expect, it } from 'vitest';
import { searchPipelineFindings } from '../plan/checks/sourceField.js';
import type { Cluster, Engine } from './cluster.js';
import type { Answer, Request } from './request.js';
import { getMany, search, whatIsMissing } from './guardedReads.js';

const engine = (name: Engine['name'], version: string): Engine => ({
  name,
  version,
  major: Number(version.split('.')[0]),
});

/** Returns the request that is sent to an engine of this version. */
async function sentTo(of: Engine, read: (cluster: Cluster) => Promise<unknown>): Promise<Request> {
  const sent: Request[] = [];
  const body = Buffer.from(
    '{"timed_out":false,"_shards":{"total":1,"successful":1,"failed":0},"hits":{"hits":[]}}',
  );
  const send = (request: Request): Promise<Answer> => {
    sent.push(request);
    return Promise.resolve({ status: 200, headers: {}, body });
  };
  await read({ engine: of, connection: { send } } as unknown as Cluster);
  return sent[0] as Request;
}

const searching = (cluster: Cluster) => search(cluster, { index: 'v1', body: { size: 1 }, source: true });

describe('a search', () => {
  it.each([
    ['opensearch', '2.0.1', { cancel_after_time_interval: -1 }, true],
    ['opensearch', '2.6.0', { cancel_after_time_interval: -1 }, true],
    ['opensearch', '2.8.0', { cancel_after_time_interval: -1 }, true],
    ['opensearch', '2.9.0', { cancel_after_time_interval: -1, search_pipeline: '_none' }, true],
    ['opensearch', '3.8.0', { cancel_after_time_interval: -1, search_pipeline: '_none' }, true],
    ['elasticsearch', '7.17.28', {}, true],
    ['elasticsearch', '9.1.4', {}, true],
    ['elasticsearch', '9.2.0', {}, { exclude_vectors: false }],
    ['elasticsearch', '10.0.0', {}, { exclude_vectors: false }],
  ] as const)('of %s %s has the guards that it knows, and no other', async (name, version, query, source) => {
    const { query: sent, body } = await sentTo(engine(name, version), searching);
    expect(sent).toEqual({ allow_partial_search_results: false, ...query });
    expect(body).toEqual({ size: 1, stats: ['twindex'], timeout: '-1', _source: source });
  });

  it('requests neither documents nor fields that the caller did not name', async () => {
    const none = await sentTo(engine('elasticsearch', '9.2.0'), (cluster) =>
      search(cluster, { index: 'v1', body: {}, source: false }),
    );
    expect(none.body).toMatchObject({ _source: false });
    const named = await sentTo(engine('elasticsearch', '9.2.0'), (cluster) =>
      search(cluster, { index: 'v1', body: {}, source: ['a'] }),
    );
    expect(named.body).toMatchObject({ _source: ['a'] });
  });
});

it.each([
  ['9.1.0', { _source: true }],
  ['9.2.0', { _source: true, _source_exclude_vectors: false }],
])('documents by their ids from Elasticsearch %s', async (version, query) => {
  const read = (cluster: Cluster) => getMany(cluster, { index: 'v1', docs: [], source: true });
  expect((await sentTo(engine('elasticsearch', version), read)).query).toEqual(query);
});

describe('an answer', () => {
  const answer = (head: string): Buffer =>
    Buffer.from(`{"took":1,${head},"hits":{"hits":[{"_source":{"timed_out":true}}]}}`);
  const shards = (failed: number, more = ''): string =>
    `"_shards":{"total":2,"successful":${2 - failed},"skipped":0,"failed":${failed}${more}}`;

  it('is complete when it did not time out and all shards answered', () => {
    expect(whatIsMissing(answer(`"timed_out":false,${shards(0)}`))).toBeUndefined();
    expect(
      whatIsMissing(answer(`"timed_out":false,"terminated_early":false,${shards(0)}`), 2),
    ).toBeUndefined();
    expect(whatIsMissing(Buffer.from(`{"timed_out":false,${shards(0)}}`), 2)).toBeUndefined();
  });

  it.each([
    [/search.default_search_timeout/, `"timed_out":true,${shards(0)}`],
    [/search.default_search_timeout/, shards(0)],
    [/ended the search/, `"timed_out":false,"terminated_early":true,${shards(0)}`],
    [/how many shards/, '"timed_out":false'],
    [/sent to 2 shards instead of 1/, `"timed_out":false,${shards(0)}`],
    [
      /1 of 2 shards failed \(x_exception: too much\)/,
      `"timed_out":false,${shards(1, ',"failures":[{"shard":0,"reason":{"type":"x_exception","reason":"too much"}}]')}`,
    ],
  ])('is not, and says why: %s', (why, head) => {
    expect(whatIsMissing(answer(head), 1)).toMatch(why);
  });
});

it('a search pipeline that can not be left out blocks the plan', () => {
  const side = { index: 'v1', settings: { index: { search: { default_pipeline: 'p' } } }, mappings: {} };
  expect(searchPipelineFindings(engine('opensearch', '2.8.0'), side)).toMatchObject([{ level: 'block' }]);
  expect(searchPipelineFindings(engine('opensearch', '2.9.0'), side)).toEqual([]);
});
