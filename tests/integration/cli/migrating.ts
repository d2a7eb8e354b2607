// `twindex migrate` left running beside other commands, and the document API as an application uses it.
import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { testCluster } from '../engine.js';
import type { Project } from './project.js';

const MAIN = new URL('../../../dist/cli/main.js', import.meta.url).pathname;

/** Until the test ends. */
export function migrateMeanwhile({ name, folder }: Project): void {
  const times = ['--grace', '300ms', '--lease', '2s'];
  const args = [MAIN, 'migrate', name, '--yes', '--until', 'ready', ...times];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
}

export async function write(index: string, id: string, body: object): Promise<void> {
  const { connection } = await testCluster();
  await connection.json({ method: 'PUT', path: `/${index}/_doc/${id}`, query: { refresh: true }, body });
}

/** Undefined where it is not there. */
export async function sourceOf(index: string, id: string): Promise<unknown> {
  const { connection } = await testCluster();
  const { status, body } = await connection.send({ method: 'GET', path: `/${index}/_source/${id}` });
  return status === 404 ? undefined : JSON.parse(body.toString());
}
