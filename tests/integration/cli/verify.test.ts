// `twindex verify`: the exit code, the file, and the coordinator that repairs.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { migrateMeanwhile, write } from './migrating.js';
import { liveProject } from './project.js';

it('verify compares, says what differs in the exit code and a file, and repairs only with --repair', async () => {
  const project = await liveProject();
  expect(await project.run('verify', 'NAME')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no migration of NAME is under way') as string,
  });
  await project.declare(2, { properties: { price: { type: 'double' } } });
  migrateMeanwhile(project);
  const phase = async () => (await project.run('status', 'NAME')).stdout;
  await expect.poll(phase, { timeout: 30_000, interval: 500 }).toContain('NAME: ready');

  const equal = await project.run('verify', 'NAME');
  expect(equal).toMatchObject({ code: 0, stdout: expect.stringContaining('NAME: no difference') as string });
  await write(`${project.name}-v2`, '1', { price: 99 });
  for (let tries = 0; tries < 2; tries++) {
    const found = await project.run('verify', 'NAME', '--out', 'found.ndjson', '--json');
    expect(found.code).toBe(1);
    const last = JSON.parse(found.stdout.trim().split('\n').at(-1) ?? '') as object;
    expect(last).toMatchObject({ event: 'result', compared: 1, different: 1, missing: 0, extra: 0 });
    const lines = (await readFile(join(project.folder, 'found.ndjson'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { id: '1', routing: null, kind: 'content', fields: ['price: 99 -> "1"'] },
    ]);
  }
  expect((await project.run('verify', 'NAME', '--repair')).stdout).toContain('1 difference, 1 repaired');
  expect((await project.run('verify', 'NAME')).code).toBe(0);
  expect((await project.run('verify', 'NAME', '--sample', '0')).stderr).toContain('--sample: "0"');
});
