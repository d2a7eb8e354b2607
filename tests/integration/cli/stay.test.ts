// Commands that coordinate by themselves, as processes of their own: when they end, and with which exit code.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadRecord } from '../../../src/journal/journal.js';
import type { CommandName, MigrationRecord } from '../../../src/protocol/record.js';
import { testCluster } from '../engine.js';
import { write } from './migrating.js';
import { liveProject, type Project } from './project.js';
import { eventually } from '../../eventually.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const QUICK = ['--grace', '300ms', '--max-write-pause', '20s', '--max-lag', '30s'];
const WAIT_MS = 120_000;

/** Version 2 is filled, and nobody coordinates. */
async function filled(type: 'text' | 'long' = 'text'): Promise<Project> {
  const project = await liveProject();
  if (type === 'long') await write(`${project.name}-write`, 'refused', { price: 'none' });
  await project.declare(2, { properties: { price: { type } } });
  const args = ['migrate', 'NAME', '--yes', '--until', 'ready', '--no-stay', ...QUICK];
  const { code, stderr } = await project.run(...args);
  // a rejected document waits for a person
  expect(code, stderr).toBe(type === 'text' ? 0 : 3);
  return project;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly output: () => string;
}

/** `twindex ...args`, until it ends by itself, or the test does. */
function start({ folder, name }: Project, ...args: string[]): Started {
  const named = args.map((arg) => arg.replaceAll('NAME', name));
  const child = spawn(process.execPath, [MAIN, ...named], { cwd: folder });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString().replaceAll(name, 'NAME')));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended, output: () => output };
}

async function recordOf({ name }: Project): Promise<MigrationRecord> {
  const found = await loadRecord(await testCluster(), name);
  if (!found) throw new Error(`the journal has no migration of ${name}`);
  return found.source;
}

async function until(what: string, running: Started, holds: () => Promise<boolean>): Promise<void> {
  const holdsWhileItRuns = async (): Promise<boolean> => {
    if (await holds()) return true;
    if (running.child.exitCode !== null) throw new Error(`it ended before ${what}:\n${running.output()}`);
    return false;
  };
  await eventually(() => `${what}\n${running.output()}`, holdsWhileItRuns, WAIT_MS);
}

const isDone = async (project: Project, command: CommandName): Promise<boolean> =>
  (await recordOf(project)).commands.ended.some(
    (each) => each.command === command && each.outcome === 'done',
  );

describe('where nobody coordinates', () => {
  it('cutover, switch, rollback and resume end with --no-stay when it is done', async () => {
    const project = await filled();
    for (const [command, phase] of [
      ['cutover', 'cutover'],
      ['switch', 'switched'],
      ['rollback', 'ready'],
    ] as const) {
      const { code, stdout, stderr } = await project.run(command, 'NAME', '--no-stay');
      expect(code, stderr).toBe(0);
      expect(stderr).toContain('this process coordinates the migration');
      expect(stdout).toMatch(/^NAME: \w+$/m);
      const { leader, readers } = await recordOf(project);
      expect([leader, readers], command).toEqual(
        {
          cutover: ['source', 'target'],
          switched: ['target', 'target'],
          ready: ['source', 'source'],
        }[phase],
      );
    }
    expect((await project.run('pause', 'NAME')).code).toBe(0);
    const resumed = await project.run('resume', 'NAME', '--no-stay');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(await recordOf(project)).toMatchObject({ paused: false, holder: null, clean: true });
  });

  it.each([
    ['cutover', 'SIGINT', 'NAME: cutover'],
    ['cutover', 'SIGTERM', 'NAME: cutover'],
    ['switch', 'SIGINT', 'NAME: switched'],
    ['switch', 'SIGTERM', 'NAME: switched'],
  ] as const)('%s stays until %s, and has done what it was asked for', async (command, signal, line) => {
    const project = await filled();
    const running = start(project, command, 'NAME');
    await until(`the ${command}`, running, () => isDone(project, command));
    // at once: the process may not have looked since
    running.child.kill(signal);
    expect(await running.ended, running.output()).toBe(0);
    expect(running.output()).toContain(line);
    expect(running.output()).not.toContain('error:');
    expect(running.output()).toContain(
      'NAME-v2 is not kept in sync now'.replace('v2', command === 'switch' ? 'v1' : 'v2'),
    );
    expect(await recordOf(project)).toMatchObject({ holder: null, clean: true });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('resume stays, too, and a %s ends it well', async (signal) => {
    const project = await filled();
    expect((await project.run('pause', 'NAME')).code).toBe(0);
    const running = start(project, 'resume', 'NAME');
    await until('going on', running, () => isDone(project, 'resume'));
    running.child.kill(signal);
    expect(await running.ended, running.output()).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('a %s before the move is an interruption', async (signal) => {
    const project = await filled('long');
    const running = start(project, 'cutover', 'NAME');
    await until('waiting', running, async () => {
      const { commands, message } = await recordOf(project);
      return commands.pending.length > 0 && message.includes('rejected');
    });
    running.child.kill(signal);
    expect(await running.ended, running.output()).toBe(130);
    expect(running.output()).toContain('error[interrupted]');
    expect(await recordOf(project)).toMatchObject({ readers: 'source', holder: null, clean: true });
    // it is asked for still, by name
    expect((await recordOf(project)).commands.pending.map(({ command }) => command)).toEqual(['cutover']);
  });
});
