// Search pipelines that come between a reader and the stored documents: twindex reads what is stored. Settings of the cluster
// that do so have cases in tests/cases, which run where no other test uses the engine.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { engineName, testCluster, uniqueName } from '../engine.js';
import { Subject } from '../migration/harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const KEYWORD = { properties: { t: { type: 'keyword' }, visible: { type: 'boolean' } } } as const;
const TEXT = { properties: { t: { type: 'text' }, visible: { type: 'boolean' } } } as const;

const FILTER = { filter_query: { query: { term: { visible: true } } } };
const RENAME = { rename_field: { field: 't', target_field: 'renamed', ignore_failure: true } };

async function createPipeline(body: object): Promise<string> {
  const name = uniqueName('altered');
  await cluster.connection.json({ method: 'PUT', path: `/_search/pipeline/${name}`, body });
  return name;
}

const DOCUMENTS = 40;

async function subjectWith(settings: object, route: 'server' | 'client'): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { mappings: TEXT, settings: settings as Record<string, string> },
    mappings: KEYWORD,
    route,
  });
  await subject.fill(DOCUMENTS, (n) => ({ t: `t${n}`, visible: n % 2 === 0 }));
  return subject;
}

/** By realtime GET: no setting of a search has a part in it. */
async function stored(index: string): Promise<Record<string, unknown>> {
  const ids = Array.from({ length: DOCUMENTS }, (_, n) => `d${n}`);
  const { docs } = await cluster.connection.json<{ docs: { _id: string; _source?: unknown }[] }>({
    method: 'POST',
    path: `/${index}/_mget`,
    body: { ids },
  });
  return Object.fromEntries(docs.map(({ _id, _source }) => [_id, _source]));
}

const expected = Object.fromEntries(
  Array.from({ length: DOCUMENTS }, (_, n) => [`d${n}`, { t: `t${n}`, visible: n % 2 === 0 }]),
);

describe.skipIf(engineName !== 'opensearch')('a search pipeline', () => {
  it.each([
    ['filters and renames', { request_processors: [FILTER], response_processors: [RENAME] }, 'server'],
    ['filters and renames', { request_processors: [FILTER], response_processors: [RENAME] }, 'client'],
    ['only renames', { response_processors: [RENAME] }, 'server'],
    ['only filters', { request_processors: [FILTER] }, 'client'],
  ] as const)('of the old index that %s is not read through (%j, route %s)', async (_, body, route) => {
    const pipeline = await createPipeline(body);
    const subject = await subjectWith({ 'index.search.default_pipeline': pipeline }, route);
    const { record } = await subject.run('switched');
    expect(await stored(subject.target)).toEqual(expected);
    expect(record.evidence.differences).toBe(0);
    expect(record.secondCheck).toMatchObject({ counts: 'equal', wrong: [] });
    expect(record.route).toBe('client');
  });

  it('of the new index is not read through', async () => {
    const pipeline = await createPipeline({ request_processors: [FILTER], response_processors: [RENAME] });
    const subject = await Subject.create(cluster, {
      before: { mappings: TEXT },
      mappings: KEYWORD,
      settings: { 'index.search.default_pipeline': pipeline },
      route: 'server',
    });
    await subject.fill(DOCUMENTS, (n) => ({ t: `t${n}`, visible: n % 2 === 0 }));
    const running = subject.start('switched');
    const { record } = await running.ended;
    expect(await stored(subject.target)).toEqual(expected);
    expect(record.evidence).toMatchObject({ differences: 0, repaired: 0 });
    expect(running.notes.filter((note) => note.includes('_reindex'))).toEqual([]);
  });
});
