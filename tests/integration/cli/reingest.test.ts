// `migrate --from`: the documents come as NDJSON, from a file or stdin.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { liveDocuments, testCluster } from '../engine.js';
import { liveProject, type Project, type Ran } from './project.js';

const AFTER = { properties: { price: { type: 'double' } } };
const MIGRATE = ['migrate', 'NAME', '--yes', '--until', 'finalized', '--grace', '300ms'] as const;

async function declared(): Promise<Project> {
  const project = await liveProject();
  const { connection } = await testCluster();
  await connection.json({
    method: 'PUT',
    path: `/${project.name}-write/_doc/2`,
    query: { refresh: true },
    body: { price: '2' },
  });
  await project.declare(2, AFTER);
  return project;
}

const documentsOf = async ({ name }: Project): Promise<Record<string, unknown>> =>
  Object.fromEntries(await liveDocuments(await testCluster(), `${name}-read`));

const TWO = '{"_id":"1","_source":{"price":1.5}}\n{"id":"3","version":7,"source":{"price":3.5}}\n';

describe('migrate --from', () => {
  it('fills the new index from a file, says what only the old one has, and keeps that', async () => {
    const project = await declared();
    await project.write('all.ndjson', TWO);
    const { code, stdout, stderr } = await project.run(...MIGRATE, '--from', 'all.ndjson');
    expect(`${stdout}${stderr}`).toMatch(
      /1 document of NAME-v1 is not in the source of truth, and is kept.*: 2\n/,
    );
    expect(stdout).toMatch(/route +reingest/);
    expect(stdout).toMatch(/re-ingested +2 documents, 1 of them not in the old index/);
    expect(code).toBe(0);
    expect(await documentsOf(project)).toEqual({ 1: { price: 1.5 }, 2: { price: '2' }, 3: { price: 3.5 } });
  });

  it('reads stdin, and leaves out with --prune what only the old one has', async () => {
    const project = await declared();
    const { code, stdout } = await piped(project, TWO, '--from', '-', '--prune', '--json');
    expect(code).toBe(0);
    const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { reingest: object };
    expect(result.reingest).toMatchObject({ read: 2, onlyTruth: 1, onlySource: 1, onlySourceFirst: ['2'] });
    expect(await documentsOf(project)).toEqual({ 1: { price: 1.5 }, 3: { price: 3.5 } });
  });

  it('names the line that is wrong, and goes on from there when it is corrected', async () => {
    const project = await declared();
    await project.write('all.ndjson', `${TWO}{"_id":"4","_source":{"price":4.5}\n`);
    const failed = await project.run(...MIGRATE, '--from', 'all.ndjson');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/error\[source_failed\]: .*all\.ndjson, line 3: it is not one JSON object/);
    const forgotten = await project.run(...MIGRATE);
    expect(forgotten.code).toBe(1);
    expect(forgotten.stderr).toMatch(/was begun with --from/);
    const text = await readFile(join(project.folder, 'all.ndjson'), 'utf8');
    await project.write('all.ndjson', `${text.trim()}}\n`);
    const { code, stdout } = await project.run(...MIGRATE, '--from', 'all.ndjson');
    expect(code).toBe(0);
    expect(stdout).toMatch(/re-ingested +3 documents, 2 of them/);
  });

  it('is refused before anything is begun when it can not be', async () => {
    const project = await declared();
    const missing = await project.run(...MIGRATE, '--from', 'nonesuch');
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nonesuch can't be read") as string,
    });
    await project.write('all.ndjson', TWO);
    const other = await project.run(...MIGRATE, '--from', 'all.ndjson', '--route', 'client');
    expect(other.stderr).toContain('--route client was asked for');
    const several = await project.run('migrate', '--all', '--yes', '--from', 'all.ndjson');
    expect(several.stderr).toContain('name that one');
    const prune = await project.run(...MIGRATE, '--prune');
    expect(prune.stderr).toContain('--from and --prune are for a migration from the source of truth');
    const undeclared = await project.run(...MIGRATE, '--route', 'reingest');
    expect(undeclared).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('declare reingest') as string,
    });
    expect((await project.state()).map(({ index }) => index)).toEqual([`${project.name}-v1`]);
  });
});

async function piped(project: Project, input: string, ...args: string[]): Promise<Ran> {
  const main = new URL('../../../dist/cli/main.js', import.meta.url).pathname;
  const named = [...MIGRATE, ...args].map((arg) => arg.replaceAll('NAME', project.name));
  const child = spawn(process.execPath, [main, ...named], { cwd: project.folder });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  child.stdin.end(input);
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)));
  return { code, stdout, stderr };
}
