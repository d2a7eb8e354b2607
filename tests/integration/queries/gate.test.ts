// The application's searches decide whether its readers get the new index.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import type { Acceptance } from '../../../src/schema/acceptance.js';
import { testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const DOCUMENTS = 60;
const analyzer = (name: string) => ({
  analysis: { analyzer: { [name]: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } } },
});

/** An analyzer goes, and `maker` gets another name: neither makes a document wrong. */
async function renamed(searches: readonly object[], acceptance: Acceptance = {}): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: {
      settings: analyzer('house'),
      mappings: { properties: { title: { type: 'text', analyzer: 'house' }, maker: { type: 'keyword' } } },
    },
    settings: analyzer('new_house'),
    mappings: { properties: { title: { type: 'text', analyzer: 'new_house' }, brand: { type: 'keyword' } } },
    migrations: {
      2: {
        up: ({ maker, ...doc }) => ({ ...doc, brand: maker }),
        down: ({ brand, ...doc }) => ({ ...doc, maker: brand }),
      },
    },
  });
  await subject.fill(DOCUMENTS, (n) => ({ title: `Cup number ${n} of ${n % 7}`, maker: `m${n % 5}` }));
  const folder = await mkdtemp(join(tmpdir(), 'twindex-searches-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const queries = join(folder, 'searches.ndjson');
  await writeFile(queries, searches.map((search) => `${JSON.stringify(search)}\n`).join(''));
  // `maker` is to go, and not to be kept
  subject.definition = { ...subject.definition, queries, acceptance, undeclaredFields: 'dynamic' };
  return subject;
}

const GOOD = { query: { match: { title: 'number 3' } } };
const NO_ANALYZER = { query: { match: { title: { query: 'cup', analyzer: 'house' } } } };
const NO_FIELD = { query: { term: { maker: 'm1' } } };

const readersOn = async (subject: Subject, index: string): Promise<boolean> =>
  subject.definition.aliases.read in ((await indexAliases(cluster, index)) ?? {});

describe('the searches of an index', () => {
  it('stop the cut-over with the search that fails, until it is forced by name', async () => {
    const subject = await renamed([GOOD, NO_ANALYZER, NO_FIELD]);
    subject.start('cutover', { stay: true });
    const { record } = await subject.until('stopped', (status) =>
      status.record.message.includes('queryErrors'),
    );
    expect(record.message).toContain('queryErrors is 2, above 0');
    expect(record.message).toContain(`--force queryErrors`);
    expect(record.queries).toMatchObject({ requests: 3, errors: 2 });
    const [first, second] = [...(record.queries?.worst['queryErrors'] ?? [])].sort();
    expect(first).toMatch(/"analyzer":"house".*fails on .*analyzer \[house\]/);
    expect(second).toMatch(/"maker":"m1".*it uses maker, which .*-v2 does not have/);
    expect(await readersOn(subject, subject.source)).toBe(true);

    await subject.steer('cutover', { force: ['queryErrors'] });
    expect(await readersOn(subject, subject.target)).toBe(true);
    const { history } = (await subject.status()).record;
    expect(history.map(({ what }) => what).join('\n')).toContain('forced: queryErrors');
  });

  it('are sent again when the migration is resumed with others', async () => {
    const subject = await renamed([NO_ANALYZER]);
    const first = subject.start('cutover', { stay: true });
    await subject.until('stopped', (status) => status.record.message.includes('queryErrors'));
    await first.stop();
    const { queries: file = '' } = subject.definition;
    await writeFile(file, `${JSON.stringify(GOOD)}\n`);
    const { phase, record } = await subject.run('cutover');
    expect(phase).toBe('cutover');
    expect(record.queries).toMatchObject({ requests: 1, errors: 0 });
  });

  it('let the readers pass when all bounds are kept, and find the same', async () => {
    const bounds = {
      differences: 0,
      overlapAt10: 1,
      rankBiasedOverlap: 1,
      totalsDiffer: 0,
      aggregationsDiffer: 0,
    };
    const searches = [
      GOOD,
      { query: { match_all: {} } },
      { size: 0, aggs: { n: { value_count: { field: '_index' } } } },
    ];
    const subject = await renamed(searches, bounds);
    const { phase, record } = await subject.run('cutover');
    expect(phase).toBe('cutover');
    expect(record.queries).toMatchObject({ requests: 3, errors: 0, overlapAt10: 1, totalsDiffer: 0 });
  });

  it('are read before anything is changed', async () => {
    const subject = await renamed([{ path: '/x/_doc/1' }]);
    await expect(subject.run('cutover')).rejects.toThrow(/searches\.ndjson: line 1: path: expected/);
    expect((await subject.send('GET', `/${subject.target}`)).status).toBe(404);
  });

  it('are missed where a bound is set for them', async () => {
    const subject = await renamed([GOOD], { overlapAt10: 0.9 });
    const { queries: _, ...definition } = subject.definition;
    subject.definition = definition;
    subject.start('cutover', { stay: true });
    const { record } = await subject.until('stopped', (status) =>
      status.record.message.includes('overlapAt10'),
    );
    expect(record.message).toContain('no searches have been compared');
  });
});
