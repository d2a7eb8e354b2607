// The searches of an index say no where the new index finds something else, and yes where only chance differs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { MigrationRecord } from '../../../src/protocol/record.js';
import type { Acceptance } from '../../../src/schema/acceptance.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { testCluster } from '../engine.js';
import { type Declaration, Subject } from '../migration/harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const SAME: Acceptance = { overlapAt10: 1, rankBiasedOverlap: 1, totalsDiffer: 0 };
const FLAGS = {
  properties: { n: { type: 'long' }, active: { type: 'boolean' }, group: { type: 'keyword' } },
};
const INVERTED: Declaration = {
  before: { mappings: FLAGS },
  mappings: FLAGS,
  migrations: {
    2: {
      up: (doc) => ({ ...doc, active: !(doc['active'] as boolean) }),
      down: (doc) => ({ ...doc, active: !(doc['active'] as boolean) }),
    },
  },
};

interface Given {
  readonly declaration: Declaration;
  readonly documents: number;
  readonly make: (n: number) => object;
  readonly searches: readonly object[];
  readonly acceptance?: Acceptance;
}

async function subjectWith({
  declaration,
  documents,
  make,
  searches,
  acceptance = SAME,
}: Given): Promise<Subject> {
  const subject = await Subject.create(cluster, declaration);
  await subject.fill(documents, make);
  const folder = await mkdtemp(join(tmpdir(), 'twindex-evidence-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const queries = join(folder, 'searches.ndjson');
  await writeFile(queries, searches.map((search) => `${JSON.stringify(search)}\n`).join(''));
  subject.definition = { ...subject.definition, queries, acceptance };
  return subject;
}

async function foundBy(given: Given): Promise<NonNullable<MigrationRecord['queries']>> {
  const { record } = await (await subjectWith(given)).run('ready');
  if (!record.queries) throw new Error('no searches have been compared');
  return record.queries;
}

const flagged = (n: number): object => ({ n, active: n % 2 === 0, group: `g${n % 3}` });
const ACTIVE = { query: { bool: { filter: { term: { active: true } } } } };
/** Version 1 divides titles at white space only, version 2 at hyphens, too. */
const WORDS = {
  declaration: {
    before: { mappings: { properties: { title: { type: 'text', analyzer: 'whitespace' } } } },
    mappings: { properties: { title: { type: 'text' } } },
  },
  // all titles have the same length, so all that are found have the same score
  documents: 75,
  make: (n: number) => ({ title: n < 30 ? 'running shoe' : 'running-shoe' }),
} as const;

describe('searches that find something else', () => {
  it('keep the readers where they are when none of 300 hits of a filter is in common', async () => {
    const subject = await subjectWith({
      declaration: INVERTED,
      documents: 600,
      make: flagged,
      searches: [ACTIVE],
    });
    await expect(subject.run('cutover')).rejects.toMatchObject({
      code: 'unsafe',
      message: expect.stringMatching(
        /overlapAt10 is 0, below 1[^]*rankBiasedOverlap is 0, below 1/,
      ) as string,
    });
    const { record } = await subject.status();
    expect(record).toMatchObject({ readers: 'source', goal: 'ready' });
    expect(subject.definition.aliases.read in ((await indexAliases(cluster, subject.source)) ?? {})).toBe(
      true,
    );
    expect(record.queries).toMatchObject({ overlapAt10: 0, rankBiasedOverlap: 0, totalsDiffer: 0 });
  });

  it('have no overlap whatever they are sorted by, and whichever page they ask for', async () => {
    const searches = [
      { query: { constant_score: { filter: { term: { active: true } } } } },
      { ...ACTIVE, from: 10 },
      { ...ACTIVE, size: 3 },
      { ...ACTIVE, sort: [{ group: 'asc' }] },
      { ...ACTIVE, sort: ['_doc'] },
      { ...ACTIVE, collapse: { field: 'group' } },
      { ...ACTIVE, track_total_hits: false },
      { path: '/x/_search?q=active:true&size=5' },
    ];
    const found = await foundBy({ declaration: INVERTED, documents: 90, make: flagged, searches });
    expect(found).toMatchObject({ requests: 8, overlapAt10: 0, rankBiasedOverlap: 0, undecided: 0 });
  });

  it('count as 4 of 10 where another analyzer finds 75 in one tie instead of 30', async () => {
    const found = await foundBy({ ...WORDS, searches: [{ query: { match: { title: 'running' } } }] });
    expect(found).toMatchObject({ overlapAt10: 0.4, totalsDiffer: 1 });
    const [line] = found.worst['totalsDiffer'] ?? [];
    expect(line).toMatch(
      /"running".*30 hits before, 75 after.*only .*-v2 has d[3-7]\d, d[3-7]\d, d[3-7]\d, \.\.\./,
    );
  });

  it('are not excused where a divided tie has one hit more, nor where the engine stops counting before it', async () => {
    const found = await foundBy({
      declaration: {
        before: { mappings: FLAGS },
        mappings: FLAGS,
        migrations: {
          2: { up: (doc) => (doc['n'] === 7 ? { ...doc, active: true } : doc), down: (doc) => doc },
        },
      },
      documents: 60,
      make: flagged,
      searches: [ACTIVE, { ...ACTIVE, size: 0, track_total_hits: 10 }],
    });
    // 30 hits before, the same and one more after: 30 of them are shown by 10 / 31 at least
    expect(found.overlapAt10).toBeCloseTo(30 / 31, 12);
    expect(found.totalsDiffer).toBe(2);
    expect(found.worst['totalsDiffer']?.join()).toMatch(/"track_total_hits":10.*30 hits before, 31 after/);
  });
});

describe('searches that find the same in another order', () => {
  it('are the same where only the order within ties differs', async () => {
    // the engines break ties by shard, then by the order of the documents in it: three shards have another order than one
    const subject = await subjectWith({
      declaration: { before: { mappings: FLAGS }, mappings: FLAGS, settings: { number_of_shards: 3 } },
      documents: 90,
      make: flagged,
      searches: [
        ACTIVE,
        { ...ACTIVE, from: 10, size: 5 },
        { ...ACTIVE, size: 100 },
        { query: { match_all: {} } },
        { ...ACTIVE, sort: [{ group: 'desc' }] },
        { ...ACTIVE, sort: [{ n: 'asc' }] },
        { ...ACTIVE, sort: ['_doc'] },
        { size: 0, aggs: { groups: { terms: { field: 'group' } } } },
      ],
    });
    const { record } = await subject.run('cutover');
    const shownBy = async (index: string): Promise<string> => {
      const { hits } = await subject.json<{ hits: { hits: { _id: string }[] } }>(
        'POST',
        `/${index}/_search`,
        ACTIVE,
      );
      return hits.hits.map(({ _id }) => _id).join();
    };
    expect(await shownBy(subject.source)).not.toBe(await shownBy(subject.target));
    expect(record.queries).toMatchObject({
      requests: 8,
      overlapAt10: 1,
      rankBiasedOverlap: 1,
      totalsDiffer: 0,
    });
  });

  it('can not be judged where a tie is longer than can be read', async () => {
    const found = await foundBy({
      declaration: {
        before: { mappings: FLAGS, settings: { max_result_window: 40 } },
        mappings: FLAGS,
        settings: { max_result_window: 40 },
      },
      documents: 60,
      make: flagged,
      searches: [{ query: { match_all: {} } }],
    });
    expect(found).toMatchObject({ overlapAt10: 0, undecided: 1, totalsDiffer: 0 });
    expect(found.worst['overlapAt10']?.[0]).toContain("can't be decided");
  });
});

describe('a move of the readers that is asked for', () => {
  const given: Given = {
    ...WORDS,
    searches: [
      { query: { match: { title: 'running' } } },
      { query: { match: { title: 'nothing' } }, size: 0 },
    ],
    acceptance: { overlapAt10: 0.9, rankBiasedOverlap: 0.1, totalsDiffer: 0 },
  };

  it('is refused with all thresholds that are not kept, withdrawn, and made when it is forced', async () => {
    const subject = await subjectWith(given);
    subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    for (const command of ['cutover', 'finalize'] as const)
      await expect(subject.steer(command)).rejects.toMatchObject({
        code: 'unsafe',
        message: expect.stringMatching(
          new RegExp(
            'overlapAt10 is 0.4, below 0.9. Worst: _search .*running[^]*totalsDiffer is 1, above 0. Worst: _search .*running' +
              `[^]*twindex queries ${subject.name}[^]*cutover ${subject.name} --force overlapAt10 totalsDiffer$`,
          ),
        ) as string,
      });
    const { record, phase } = await subject.status();
    expect({ phase, goal: record.goal, readers: record.readers }).toEqual({
      phase: 'ready',
      goal: 'ready',
      readers: 'source',
    });
    // one of the two is not enough
    await expect(subject.steer('cutover', { force: ['overlapAt10'] })).rejects.toThrow(
      /--force totalsDiffer$/,
    );
    expect(await subject.steer('cutover', { force: ['totalsDiffer'] })).toMatchObject({ type: 'done' });
    expect((await subject.status()).record.readers).toBe('target');
  });

  it('is refused for one name, where the writers would move with the readers', async () => {
    const subject = await subjectWith({
      ...given,
      declaration: { ...given.declaration, layout: 'one-alias' },
    });
    subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    await expect(subject.steer('switch')).rejects.toMatchObject({
      code: 'unsafe',
      message: expect.stringContaining(`twindex switch ${subject.name} --force`) as string,
    });
    expect((await subject.status()).record).toMatchObject({ goal: 'ready', leader: 'source' });
  });
});
