// The demo compares only after twindex has said that it is in sync: a coordinator that stands still is behind, and one that
// goes on arrives.
import { afterAll, expect, it } from 'vitest';
import { EngineHttp } from '../../src/demo/http.js';
import { type Lag, untilInSync } from '../../src/demo/inSync.js';
import { migrateMeanwhile, sourceOf, write } from './cli/migrating.js';
import { liveProject, type Project } from './cli/project.js';
import { engineUrls } from './engine.js';

const http = new EngineHttp(engineUrls[0] ?? '');
afterAll(() => http.close());

function arrivalOf(project: Project, longestMs: number, onWait: (lag: Lag) => void = () => {}) {
  const status = async (): Promise<string> => {
    const { stdout } = await project.run('status', 'NAME', '--json');
    return stdout.replaceAll('NAME', project.name);
  };
  return untilInSync({ http, status, longestMs, signal: new AbortController().signal, onWait });
}

it('says how far a paused migration is behind, and when it has everything, deletes too', async () => {
  const project = await liveProject();
  const { name } = project;
  await write(`${name}-write`, 'deleted', { price: '5' });
  await project.declare(2, { properties: { price: { type: 'double' } } });
  migrateMeanwhile(project);
  await expect.poll(() => project.phase(), { timeout: 300_000, interval: 500 }).toBe('ready');
  await project.run('pause', 'NAME');
  await write(`${name}-v1`, 'late', { price: '2' });
  await http.json('DELETE', `/${name}-v1/_doc/deleted`);

  const waits: Lag[] = [];
  expect(await arrivalOf(project, 15_000, (lag) => waits.push(lag))).toMatchObject({
    type: 'behind',
    operations: 2,
    deletesPending: true,
  });
  expect(waits.length).toBeGreaterThan(0);
  expect(await sourceOf(`${name}-v2`, 'late')).toBeUndefined();

  await project.run('resume', 'NAME');
  expect(await arrivalOf(project, 300_000)).toMatchObject({ type: 'inSync' });
  expect(await sourceOf(`${name}-v2`, 'late')).toEqual({ price: '2' });
  expect(await sourceOf(`${name}-v2`, 'deleted')).toBeUndefined();
}, 900_000);
