// Questions on a terminal: a real one, from `script` of util-linux.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { testCluster } from '../engine.js';
import { liveProject, Project } from './project.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const ENTER = '\r';
const CTRL_C = '\u0003';

interface Terminal {
  press(keys: string): void;
  /** What has been shown, when it holds this. */
  until(text: string): Promise<string>;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

/** `twindex ...args` as a person runs it. */
function open({ folder, name }: Project, ...args: string[]): Terminal {
  const command = [process.execPath, MAIN, ...args]
    .map((arg) => `'${arg.replaceAll('NAME', name)}'`)
    .join(' ');
  const child = spawn('script', ['-qefc', `stty cols 200 rows 50; exec ${command}`, '/dev/null'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1', CI: '' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let shown = '';
  child.stdout.on('data', (bytes: Buffer) => (shown += stripVTControlCharacters(bytes.toString())));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    press: (keys) => child.stdin.write(keys),
    until: async (text) => {
      await expect.poll(() => shown.replaceAll(name, 'NAME'), { timeout: 30_000 }).toContain(text);
      return shown;
    },
    ended,
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function filled(): Promise<Project> {
  const project = await liveProject();
  await project.declare(2, { properties: { price: { type: 'text' } } });
  const { code, stderr } = await project.run('migrate', 'NAME', '--yes', '--until', 'ready', '--no-stay');
  expect(code, stderr).toBe(0);
  return project;
}

const names = async (project: Project): Promise<string[]> =>
  (await project.state()).map(({ index }) => index.replace(project.name, 'NAME'));

describe.runIf(process.platform === 'linux')('a question', () => {
  it('is not answered by keys that were pressed before it was there', async () => {
    const project = await Project.create();
    const terminal = open(project, 'migrate', 'NAME');
    for (const keys of [ENTER, 'y', ENTER, '\n', `y${ENTER}`]) {
      terminal.press(keys);
      await pause(100);
    }
    await terminal.until('carry out this plan?');
    await pause(1_000);
    expect(await names(project)).toEqual([]);
    terminal.press('y');
    expect(await terminal.ended).toBe(0);
    expect(await names(project)).toEqual(['NAME-v1']);
  });

  it('that is left with Ctrl-C ends the process', async () => {
    const project = await Project.create();
    const terminal = open(project, 'migrate', 'NAME');
    await terminal.until('carry out this plan?');
    await pause(300);
    terminal.press(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(await names(project)).toEqual([]);
  });

  it('about what can not be undone is answered with the name of the index only', async () => {
    const project = await filled();
    const declined = open(project, 'abort', 'NAME');
    for (const keys of [ENTER, `y${ENTER}`]) declined.press(keys);
    await declined.until('Type NAME-v2 to agree');
    await pause(300);
    declined.press(ENTER);
    expect(await declined.ended).toBe(0);
    expect(await names(project)).toEqual(['NAME-v1', 'NAME-v2']);

    const agreed = open(project, 'abort', 'NAME');
    await agreed.until('Type NAME-v2 to agree');
    await pause(300);
    agreed.press(`y${ENTER}`);
    await agreed.until('That is not NAME-v2');
    agreed.press(`\u007f${project.name}-v2${ENTER}`);
    expect(await agreed.ended).toBe(0);
    expect(await names(project)).toEqual(['NAME-v1']);
  });
});

it('--yes alone never deletes an index that is used, nor switches one that has no way back', async () => {
  const project = await liveProject();
  await project.declare(2, { properties: { price: { type: 'text' } } });
  const done = await project.run(
    'migrate',
    'NAME',
    '--yes',
    '--no-stay',
    '--grace',
    '300ms',
    '--max-write-pause',
    '20s',
  );
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('NAME: switched') as string });
  expect(done.stdout).toContain('Step 7 deletes NAME-v1. After it, no rollback is possible.');
  expect(await names(project)).toEqual(['NAME-v1', 'NAME-v2']);
  expect((await project.run('finalize', 'NAME', '--yes')).code).toBe(0);
  expect(await names(project)).toEqual(['NAME-v2']);
});

it('--yes alone does not switch an index that is used by its own name: there is no way back', async () => {
  const project = await Project.create();
  const { name } = project;
  const cluster = await testCluster();
  const settings = { number_of_shards: 1, number_of_replicas: 0 };
  const content = { name, version: 2, aliases: { read: name, write: name }, settings };
  const mappings = { properties: { price: { type: 'text' } } };
  await createIndex(cluster, name, { settings, mappings: { properties: { price: { type: 'keyword' } } } });
  await project.write('index.json', JSON.stringify({ ...content, mappings }));
  const quick = ['--no-stay', '--grace', '300ms', '--max-write-pause', '20s'];
  const refused = await project.run('migrate', 'NAME', '--yes', ...quick);
  expect(refused).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('--allow-no-way-back') as string,
  });
  expect(refused.stdout).toContain('Step 4 deletes NAME. There is no rollback after this step.');
  expect(await names(project)).toEqual(['NAME']);
  const copied = await project.run('migrate', 'NAME', '--yes', '--until', 'ready', ...quick);
  expect(copied.code, copied.stderr).toBe(0);
  const again = await project.run('migrate', 'NAME', '--yes', '--until', 'switched', ...quick);
  expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining('--allow-no-way-back') as string });
  const done = await project.run('migrate', 'NAME', '--yes', '--allow-no-way-back', ...quick);
  expect(done.code, done.stderr).toBe(0);
  expect(await names(project)).toEqual(['NAME-v2']);
});
