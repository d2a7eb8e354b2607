// Guards of the reads taken out one at a time: the copy and its verification are then wrong together, and the second check must
// notice before readers are moved.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, connect, type GuardName } from '../../../src/cluster/cluster.js';
import { startFront } from '../../front.js';
import { engineName, engineUrls, testCluster, uniqueName } from '../engine.js';
import { Subject } from '../migration/harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const without = (...unguarded: GuardName[]): Cluster => ({ ...cluster, unguarded });
const FIELDS = { properties: { t: { type: 'keyword' }, visible: { type: 'boolean' } } } as const;
const DOCUMENTS = 40;

async function filled(settings: Record<string, string> = {}): Promise<Subject> {
  const subject = await Subject.create(cluster, { before: { mappings: FIELDS, settings }, mappings: FIELDS });
  await subject.fill(DOCUMENTS, (n) => ({ t: `t${n}`, visible: n % 2 === 0 }));
  return subject;
}

/** It is said, the readers stay where they are, and `status` has it. */
async function expectNoticed(subject: Subject, run: Promise<unknown>, wrong: RegExp): Promise<void> {
  await expect(run).rejects.toThrow(/the second check has found a difference/);
  const { record } = await subject.status();
  expect(record).toMatchObject({ readers: 'source', leader: 'source' });
  expect(record.secondCheck?.wrong.join('\n')).toMatch(wrong);
  expect(record.stoppedBy).toContain('search pipelines');
}

describe('without a guard, the second check finds', () => {
  it.skipIf(engineName !== 'opensearch').each([
    [
      'documents that a search pipeline filters out',
      { request_processors: [{ filter_query: { query: { term: { visible: true } } } }] },
      /40 live documents in .* and 20 in [^]*missing/,
    ],
    [
      'fields that a search pipeline renames',
      { response_processors: [{ rename_field: { field: 't', target_field: 'r', ignore_failure: true } }] },
      /content, .*(?:t|r):/,
    ],
  ])('%s', async (_, body, wrong) => {
    const pipeline = uniqueName('ablation');
    await cluster.connection.json({ method: 'PUT', path: `/_search/pipeline/${pipeline}`, body });
    const subject = await filled({ 'index.search.default_pipeline': pipeline });
    await expectNoticed(subject, subject.start('cutover', {}, without('searchPipeline')).ended, wrong);
  });

  it.skipIf(engineName !== 'elasticsearch')('vectors that are left out', async () => {
    const mappings = { properties: { sp: { type: 'sparse_vector' } } } as const;
    const subject = await Subject.create(cluster, { before: { mappings }, mappings });
    await subject.fill(DOCUMENTS, (n) => ({ n, sp: { foo: 0.5 } }));
    await expectNoticed(subject, subject.start('cutover', {}, without('vectors')).ended, /content, sp: /);
  });

  it('documents that a search did not reach in its time', async () => {
    const subject = await filled();
    // as a default time-out of the cluster does where nothing lifts it: a part of the hits, and it says so
    const front = await startFront({
      upstream: engineUrls[0],
      intercept: ({ path, body }) =>
        path.startsWith(`/${subject.source}/_search`) && !body.includes('"timeout"')
          ? { type: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: PARTIAL }
          : undefined,
    });
    const through = await connect({ nodes: [front.url] });
    try {
      const blind: Cluster = { ...through, unguarded: ['timeout', 'partialResults'] };
      await expectNoticed(subject, subject.start('cutover', {}, blind).ended, /40 live documents in/);
    } finally {
      await through.close();
      await front.close();
    }
  });
});

const PARTIAL =
  '{"took":1,"timed_out":true,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"total":{"value":0,"relation":"eq"},"max_score":null,"hits":[]}}';

it('with the guards, it finds nothing, and the readers are moved', async () => {
  const { record } = await (await filled()).run('cutover');
  expect(record).toMatchObject({
    readers: 'target',
    secondCheck: { sampled: DOCUMENTS, counts: 'equal', wrong: [] },
  });
});

it('a partial answer with the guards is asked for again, and then an error that names the setting', async () => {
  const subject = await filled();
  const front = await startFront({
    upstream: engineUrls[0],
    // the look at its versions, which comes first, would end the migration before it has begun
    intercept: ({ path, body }) =>
      path.startsWith(`/${subject.source}/_search`) && !body.includes('unmapped_type')
        ? { type: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: PARTIAL }
        : undefined,
  });
  const through = await connect({ nodes: [front.url] });
  try {
    const running = subject.start('ready', {}, through);
    await subject.until('stuck', ({ record }) => record.message.includes('search.default_search_timeout'));
    await running.stop();
    expect((await subject.documents(subject.target)).size).toBe(0);
  } finally {
    await through.close();
    await front.close();
  }
});
