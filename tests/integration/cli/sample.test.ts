// `twindex plan --sample` as a user runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { getIndexes } from '../../../src/cluster/indices/getIndex.js';
import { testCluster } from '../engine.js';
import { liveProject, printed, Project } from './project.js';

const DOUBLE = { properties: { price: { type: 'double' } } };
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** Version 1 is live, with prices `1` to `3` and one that is no number; version 2 is declared with this `up`. */
async function withTransform(up: string): Promise<Project> {
  const project = await liveProject();
  const { connection } = await testCluster();
  for (const [id, price] of [
    ['2', '2'],
    ['3', '3'],
    ['4', 'free'],
  ])
    await connection.json({
      method: 'PUT',
      path: `/${project.name}-write/_doc/${id}`,
      query: { refresh: true },
      body: { price },
    });
  await project.write(
    'index.mjs',
    `export default ${JSON.stringify({ name: project.name, version: 2, settings: { number_of_replicas: 0 }, mappings: DOUBLE }).slice(0, -1)}, migrations: { 2: { up: ${up} } } };`,
  );
  const config = await readFile(join(project.folder, 'twindex.config.json'), 'utf8');
  await project.write('twindex.config.json', config.replace('./index.json', './index.mjs'));
  return project;
}

async function everything({ name }: Project): Promise<string[]> {
  const found = await getIndexes(await testCluster(), `${name}*`, { hidden: true });
  return found.map(({ index }) => index.replace(name, 'NAME'));
}

test('before and after are shown, and what would be rejected with what to do next; the exit code stays', async () => {
  const project = await withTransform(
    '(doc) => ({ price: doc.price === "free" ? doc.price : Number(doc.price) })',
  );
  const { code, stdout } = await project.run('plan', 'NAME', '--sample', '1000');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /\n {2}sample {6}all 4 documents: 3 taken, 0 dropped, 1 would be rejected; 3 changed by the transform \(/,
  );
  expect(stdout).toMatch(
    /\n {14}1 x .*failed to parse field \[price\] of type \[double\].* \(document 4\)\n/,
  );
  expect(stdout).toContain('\n              document 1: price "1" -> 1\n');
  expect(stdout).toContain(
    '\n  next        correct the transform or the mapping, then run again: twindex plan NAME --sample 1000' +
      '\n  next        or continue without the documents that are rejected: twindex migrate NAME --drop-rejected\n',
  );
  expect(await everything(project)).toEqual(['NAME-v1']);
});

test('with --json the sample is in the plan, with --out it is not in the file', async () => {
  const project = await withTransform(
    '(doc) => (doc.price === "free" ? null : { price: Number(doc.price) })',
  );
  const { stdout } = await project.run('plan', '--sample', '2', '--json', '--out', 'plan.json');
  expect(JSON.parse(stdout)).toMatchObject({
    plans: [
      { name: 'NAME', kind: 'new-version', sample: { asked: 2, documents: 2, rejected: { count: 0 } } },
    ],
  });
  const kept = await readFile(join(project.folder, 'plan.json'), 'utf8');
  expect(kept).toContain('"new-version"');
  expect(kept).not.toContain('sample');
});

test('a transform that uses a clock is warned of', async () => {
  const project = await withTransform('(doc) => ({ at: performance.now() })');
  expect(await project.run('plan', '--sample', '10')).toMatchObject({
    stderr: '',
    stdout: expect.stringContaining(
      '\n  warn        the transform is not deterministic: a second run returned another result for 4 documents (1: at ',
    ) as string,
  });
});

test('where no documents are copied there is nothing to sample', async () => {
  const project = await liveProject();
  expect(await project.run('plan', '--sample', '10')).toEqual({
    code: 0,
    stdout:
      'NAME: nothing to do, NAME-v1 is as declared\n\n  sample      nothing to sample, as documents stay where they are\n\n' +
      'Plan: 0 to replace, 0 in place, 0 to create, 1 unchanged; 0 indexes will be deleted.\n',
    stderr: '',
  });
});

test.each(['0', '-1', '1.5', '100001', 'all'])('--sample %s is refused', async (size) => {
  const project = await Project.create();
  expect(await project.run('plan', `--sample=${size}`)).toEqual({
    code: 1,
    stdout: '',
    stderr: printed('usage', `--sample: "${size}" is not a whole number of documents from 1 to 100,000`),
  });
});

test('SIGINT ends it with 130, and the index that the sample was put into goes', async () => {
  const project = await withTransform('() => new Promise((resolve) => setTimeout(resolve, 600_000))');
  const child = spawn(process.execPath, [MAIN, 'plan', '--sample', '10'], { cwd: project.folder });
  const ended = once(child, 'exit');
  await expect.poll(() => everything(project), { timeout: 30_000 }).toHaveLength(2);
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(await everything(project)).toEqual(['NAME-v1']);
});
