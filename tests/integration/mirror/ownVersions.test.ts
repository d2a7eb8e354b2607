// Writes whose clients bring the versions of their documents: refused in every phase, and nothing of them is done.
import { describe, expect, it } from 'vitest';
import { testCluster } from '../engine.js';
import { Stage, type Writer } from './stage.js';

const TYPES = ['external', 'external_gt', 'external_gte', 'force'];
const KEYS = ['version_type', '_version_type', 'versionType', '_versionType'];

async function refusals(writer: Writer, index: string): Promise<string[]> {
  const failures: string[] = [];
  const check = (what: string, { status, text }: { status: number; text: string }): void => {
    if (status !== 400 || !text.includes('is managed by twindex'))
      failures.push(`${what}: ${status} ${text}`);
  };
  for (const type of TYPES) {
    const query = `?version=7&version_type=${type}`;
    check(`index ${type}`, await writer.send('PUT', `/${index}/_doc/a${query}`, { n: 1 }));
    check(`create ${type}`, await writer.send('PUT', `/${index}/_create/b${query}`, { n: 1 }));
    check(`update ${type}`, await writer.send('POST', `/${index}/_update/a${query}`, { doc: { n: 1 } }));
    check(`delete ${type}`, await writer.send('DELETE', `/${index}/_doc/a${query}`));
  }
  for (const key of KEYS) {
    const own = { _id: 'c', version: 7, [key]: 'external' };
    const lines = [{ index: own }, { n: 1 }, { delete: own }, { update: own }, { doc: { n: 1 } }];
    const { items } = await writer.bulk(`/${index}/_bulk`, lines);
    for (const item of items) check(`bulk ${key}`, { status: item.status, text: JSON.stringify(item) });
    expect(items).toHaveLength(3);
  }
  return failures;
}

describe.each(['mirror', 'none', 'no migration'] as const)('a managed index (%s)', (phase) => {
  it('takes no versions of its clients', async () => {
    const mode = phase === 'mirror' ? 'mirror' : 'none';
    const stage = await Stage.set(await testCluster(), {
      mappings: { dynamic: false },
      record: { writers: { mode, generation: 1, pruned: 0, version: 1, moves: 0 } },
    });
    if (phase === 'no migration') await stage.save({ state: 'aborted' });
    const writer = await stage.writer();
    for (const index of [stage.definition.aliases.write, stage.source])
      expect(await refusals(writer, index)).toEqual([]);
    expect([await stage.documents(stage.source), await stage.documents(stage.target)]).toEqual([{}, {}]);
    const { write } = stage.definition.aliases;
    const mixed = await writer.bulk(`/${write}/_bulk`, [
      { index: { _id: 'd' } },
      { n: 1 },
      { index: { _id: 'e', version: 3, version_type: 'external' } },
      { n: 1 },
    ]);
    expect(mixed.items.map(({ status }) => status)).toEqual([201, 400]);
    const internal = await writer.send('PUT', `/${write}/_doc/f?version_type=internal`, { n: 1 });
    expect(internal.status).toBe(201);
    expect(Object.keys(await stage.documents(stage.source))).toEqual(['d', 'f']);
  });
});

it('is not reindexed into with versions of another index', async () => {
  const stage = await Stage.set(await testCluster(), { mappings: { dynamic: false } });
  const writer = await stage.writer();
  const { write } = stage.definition.aliases;
  const reply = await writer.send('POST', '/_reindex', {
    source: { index: 'elsewhere' },
    dest: { index: write, version_type: 'external' },
  });
  expect([reply.status, reply.text.includes('is managed by twindex')]).toEqual([400, true]);
});
