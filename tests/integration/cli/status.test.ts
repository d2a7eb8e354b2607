// `twindex status`, and the events that a real migration prints.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { z } from 'zod';
import { eventSchema } from '../../../src/cli/eventSchema.js';
import { eventually } from '../../eventually.js';
import { testCluster } from '../engine.js';
import { liveProject, type Project } from './project.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const DOCUMENTS = 1_200;
const WAIT_MS = 60_000;

type Event = z.infer<typeof eventSchema>;

async function fill({ name }: Project): Promise<void> {
  const { connection } = await testCluster();
  const lines = Array.from({ length: DOCUMENTS }, (_, n) => `{"index":{"_id":"n${n}"}}\n{"price":"${n}"}\n`);
  const path = `/${name}-v1/_bulk`;
  await connection.json({
    method: 'POST',
    path,
    query: { refresh: true },
    body: lines.join(''),
    repeat: 'never',
  });
}

/** `migrate --until ready --json` as a process of its own. Every line has to be an event. */
function migrate({ name, folder }: Project, ...args: string[]) {
  const child = spawn(
    process.execPath,
    [MAIN, 'migrate', name, '--yes', '--json', '--until', 'ready', '--no-stay', '--grace', '300ms', ...args],
    { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const events = (): Event[] =>
    output
      .split('\n')
      .slice(0, -1)
      .map((line) => eventSchema.parse(JSON.parse(line)));
  return { child, closed, events };
}

/** The progress of a task, as it was printed. */
const progressOf = (events: readonly Event[], task: string): number[] =>
  events.flatMap((event) => (event.event === 'progress' && event.task === task ? [event.done] : []));

it('progress goes on after a kill where it was, and all events are as their schema says', async () => {
  const project = await liveProject();
  await fill(project);
  await project.declare(2, { properties: { price: { type: 'double' } } });

  const first = migrate(project, '--max-docs', '300/s');
  const isHalfDone = () => Promise.resolve((progressOf(first.events(), 'copy').at(-1) ?? 0) > DOCUMENTS / 2);
  await eventually('half of the copy', isHalfDone, WAIT_MS);
  const isInTable = async () => /NAME +copying +\[#+-+\] +\d+%/.test((await project.run('status')).stdout);
  await eventually('a line of the table', isInTable, WAIT_MS);
  first.child.kill('SIGKILL');
  await first.closed;
  const seen = Math.max(...progressOf(first.events(), 'copy'));

  const second = migrate(project, '--no-throttle');
  expect(await second.closed).toBe(0);
  for (const { events } of [first, second]) {
    const done = progressOf(events(), 'copy');
    expect(done).toEqual([...done].sort((a, b) => a - b));
  }
  expect(progressOf(second.events(), 'copy')[0]).toBeGreaterThanOrEqual(seen);
  expect(second.events().at(-1)).toMatchObject({ event: 'result', phase: 'ready' });
  const kinds = new Set(second.events().map(({ event }) => event));
  expect([...kinds]).toEqual(
    expect.arrayContaining(['plan', 'reached', 'progress', 'state', 'lag', 'effect']),
  );

  const { code, stdout } = await project.run('status', 'NAME');
  expect(code).toBe(0);
  expect(stdout).toContain('NAME: ready, NAME-v1 -> NAME-v2\n');
  expect(stdout).toContain('\n  next          twindex cutover NAME  (moves the readers to NAME-v2)');

  const misspelt = await project.run('status', 'NAMEx');
  expect(misspelt).toMatchObject({ code: 1, stdout: '' });
  expect(misspelt.stderr).toContain(
    'the journal of this cluster has no migration of NAMEx. Did you mean NAME?',
  );
}, 180_000);
