// The copy itself is killed, by each route: it goes on from what was confirmed, and nothing is lost or comes back.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { countDocuments } from '../../src/cluster/documents/countDocuments.js';
import { whyNoReindex } from '../../src/cluster/reindex/hasReindex.js';
import { findReindexTasks } from '../../src/cluster/reindex/reindexTasks.js';
import { refresh } from '../../src/cluster/indices/refresh.js';
import { loadRecord } from '../../src/journal/journal.js';
import { feedPrefix } from '../../src/protocol/names.js';
import type { Route } from '../../src/protocol/record.js';
import { engineUrls, testCluster, uniqueName } from '../integration/engine.js';
import { isNight } from '../nightly.js';
import { Project, type Running } from './project.js';
import { Workload } from './workload.js';
import { eventually } from '../eventually.js';

const DOCUMENTS = 15_000;
/** So that it takes some seconds. */
const RATE = '4000/s';
const KILLS = 2;
const WAIT_MS = 60_000;
const TO_NUMBER = {
  convert: { field: 'price', type: 'double', if: 'ctx.price instanceof String' },
};
/** `7,50 EUR` -> `7.50` */
const WITHOUT_UNIT = {
  gsub: { field: 'price', pattern: ',(\\d+) EUR', replacement: '.$1', if: 'ctx.price instanceof String' },
};

let cluster: Cluster;
let noReindex: string | undefined;
const projects: Project[] = [];

beforeAll(async () => {
  cluster = await testCluster();
  noReindex = await whyNoReindex(cluster);
});

afterAll(() => {
  for (const project of projects) project.close();
});

async function createProject(route: Route): Promise<Project> {
  const pipeline = uniqueName('prices');
  if (route === 'pipeline')
    await cluster.connection.json({
      method: 'PUT',
      path: `/_ingest/pipeline/${pipeline}`,
      body: { processors: [WITHOUT_UNIT, TO_NUMBER] },
    });
  const shape =
    route === 'server'
      ? { price: 'keyword' }
      : route === 'pipeline'
        ? { price: 'double', migrations: `{ 2: { up: { pipeline: '${pipeline}' } } }` }
        : undefined;
  const project = new Project(uniqueName('rkill'), engineUrls, shape);
  projects.push(project);
  await project.createFirst(cluster, DOCUMENTS);
  return project;
}

/** Until so much of it, or all, is copied. */
async function copied(project: Project, running: Running, share: number): Promise<void> {
  const isCopied = (): boolean => {
    const done = [...running.output().matchAll(/"task":"copy","done":(\d+)/g)].at(-1)?.[1];
    return Number(done ?? 0) >= DOCUMENTS * share || /"to":"restoring"/.test(running.output());
  };
  await eventually(() => `${project.name} is copied\n${running.output()}`, isCopied, WAIT_MS);
}

// On the route server, a task of the engine copies; a pipeline is one parameter more of the same.
const ROUTES = isNight ? (['server', 'client', 'pipeline'] as const) : (['server'] as const);

describe.each(ROUTES)('the route %s', (route) => {
  it(`goes on when twindex is killed ${KILLS} times while it copies`, async (context) => {
    context.skip(route !== 'client' && noReindex !== undefined, noReindex);
    const project = await createProject(route);
    const workload = new Workload(cluster, project.writeAlias, { documents: 30 }).start();
    onTestFinished(() => workload.stop());
    for (let kill = 1; kill <= KILLS; kill++) {
      const running = project.migrate('ready', {}, ['--max-docs', RATE]);
      await copied(project, running, kill / (KILLS + 2));
      running.child.kill('SIGKILL');
      await running.ended;
    }
    const last = await project.migrate('switched', {}, ['--no-stay']).ended;
    expect(last.output).toContain('"phase":"switched"');
    expect(last.code).toBe(0);
    await workload.stop();

    const found = await loadRecord(cluster, project.name);
    expect(found?.source).toMatchObject({ route, evidence: { differences: 0 } });
    expect(await findReindexTasks(cluster, feedPrefix(project.name))).toEqual([]);
    const target = `${project.name}-v2`;
    expect(await workload.compare(target)).toMatchObject({ lost: [], resurrected: [] });
    expect(workload.failures).toEqual([]);
    await refresh(cluster, target);
    expect(await countDocuments(cluster, target)).toBe(DOCUMENTS + (workload.live ?? Number.NaN));
  });
});
