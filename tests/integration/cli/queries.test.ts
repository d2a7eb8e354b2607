// `twindex queries`: what the application's searches find on both indexes.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { liveProject, Project } from './project.js';

const SEARCHES = [
  { query: { term: { price: '1' } } },
  { query: { prefix: { price: '1' } } },
  { path: '/NAME-read/_count', body: { query: { match_all: {} } } },
];

describe('twindex queries', () => {
  it('shows what fails on the new index, and keeps what was found', async () => {
    const project = await liveProject();
    await project.declare(2, { properties: { price: { type: 'double' } } });
    await project.run('migrate', 'NAME', '--yes', '--until', 'ready', '--no-stay', '--grace', '300ms');
    await project.write('searches.ndjson', SEARCHES.map((search) => `${JSON.stringify(search)}\n`).join(''));
    const args = ['queries', 'NAME', '--file', 'searches.ndjson'];
    const { code, stdout } = await project.run(...args, '--out', 'found.ndjson');
    expect(stdout).toContain('3 searches on NAME-v1 and NAME-v2');
    expect(stdout).toContain('1 only on NAME-v2');
    expect(stdout).toMatch(/"prefix".*\n {2}fails on NAME-v2: query_shard_exception/);
    expect(code).toBe(1);
    const lines = (await readFile(join(project.folder, 'found.ndjson'), 'utf8')).trim().split('\n');
    const found = lines.map((line) => JSON.parse(line) as { error?: string; totalBefore?: number });
    expect(found).toHaveLength(3);
    expect(found[0]?.error).toContain('query_shard_exception');
    expect(found.slice(1)).toMatchObject([
      { totalBefore: 1, totalAfter: 1 },
      { totalBefore: 1, totalAfter: 1 },
    ]);
    const result = JSON.parse(
      (await project.run(...args, '--json')).stdout.trim().split('\n').at(-1) ?? '',
    ) as object;
    expect(result).toMatchObject({ event: 'result', requests: 3, errors: 1 });
  });

  it('says what is missing', async () => {
    const project = await Project.create();
    expect((await project.run('queries', 'NAME')).stderr).toContain(
      'there are no searches of NAME: add a file',
    );
    await project.write('searches.ndjson', '{"path":"/x/_doc/1"}\n');
    const wrong = await project.run('queries', 'NAME', '--file', 'searches.ndjson');
    expect(wrong.stderr).toContain('searches.ndjson: line 1: path: expected a path such as');
    await project.write('searches.ndjson', '{}\n');
    const none = await project.run('queries', 'NAME', '--file', 'searches.ndjson');
    expect(none.stderr).toContain('no migration of NAME is under way');
  });
});
