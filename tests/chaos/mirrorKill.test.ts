// Gateways and coordinators are killed while clients write through gateways: nothing that was acknowledged is lost, and no
// deleted document comes back; a gateway that lives takes a migration over.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../src/cluster/cluster.js';
import { countDocuments } from '../../src/cluster/documents/countDocuments.js';
import { hasWriteBlock } from '../../src/cluster/indices/hasWriteBlock.js';
import { indexAliases } from '../../src/cluster/indices/indexAliases.js';
import { refresh } from '../../src/cluster/indices/refresh.js';
import { loadRecord } from '../../src/journal/journal.js';
import type { MigrationRecord } from '../../src/protocol/record.js';
import { phaseOf } from '../../src/protocol/states.js';
import { engineUrls, testCluster, uniqueName } from '../integration/engine.js';
import { openWritersGateway } from '../integration/mirror/application.js';
import { PRICES } from '../integration/migration/harness.js';
import { isNight } from '../nightly.js';
import { concurrently } from './concurrently.js';
import { GatewayProcess } from './gatewayProcess.js';
import { Project, type Running } from './project.js';
import { Workload } from './workload.js';
import { eventually } from '../eventually.js';

const DOCUMENTS = 100;
const KILLS = 6;
const WAIT_MS = 120_000;

let cluster: Cluster;
const projects: Project[] = [];

beforeAll(async () => {
  cluster = await testCluster();
});

afterAll(() => {
  for (const project of projects) project.close();
});

async function createProject(): Promise<Project> {
  const project = new Project(uniqueName('mkill'), engineUrls);
  projects.push(project);
  await project.createFirst(cluster, DOCUMENTS);
  return project;
}

/** An application that knows these gateways. */
async function write(project: Project, urls: readonly string[]): Promise<Workload> {
  const through = await connect({ nodes: urls });
  const workload = new Workload(through, project.writeAlias, { documents: 30, pauseMs: 15 }).start();
  onTestFinished(async () => {
    await workload.stop();
    await through.close();
  });
  return workload;
}

/** Up to the switch, and no further: it ends there. */
function migrate(project: Project, crashAt?: string): Running {
  return project.migrate('switched', crashAt === undefined ? {} : { TWINDEX_CRASH: crashAt }, ['--no-stay']);
}

async function untilSwitched(project: Project, more: () => string): Promise<void> {
  let record: MigrationRecord | undefined;
  const isSwitched = async (): Promise<boolean> => {
    record = (await loadRecord(cluster, project.name))?.source;
    return record !== undefined && phaseOf(record) === 'switched' && record.state === 'mirroring';
  };
  const found = () => `the switch; found ${record?.state} ${record?.message}\n${more()}`;
  await eventually(found, isSwitched, WAIT_MS);
}

/** What must hold once the writers are switched, whatever happened on the way. */
async function expectAllThere(project: Project, workload: Workload): Promise<void> {
  await workload.stop();
  const target = `${project.name}-v2`;
  await refresh(cluster, target);
  const findings = await workload.compare(project.writeAlias);
  expect(findings).toMatchObject({ lost: [], resurrected: [] });
  expect(findings.checked).toBeGreaterThan(10);
  if (workload.live !== undefined)
    expect(await countDocuments(cluster, target)).toBe(DOCUMENTS + workload.live);
  expect(await hasWriteBlock(cluster, target)).toBe(false);
  expect(Object.keys((await indexAliases(cluster, target)) ?? {})).toEqual(
    expect.arrayContaining([`${project.name}-read`, project.writeAlias]),
  );
}

describe('a migration with gateways', () => {
  it('goes on while they are killed and started again, and nothing is lost', async () => {
    const project = await createProject();
    const gateways = [await GatewayProcess.start(project), await GatewayProcess.start(project)] as const;
    const workload = await write(
      project,
      gateways.map(({ url }) => url),
    );
    const migration = migrate(project);
    const over = migration.ended.then(() => true);
    let kills = 0;
    for (; kills < KILLS && !(await Promise.race([over, sleep(1_000, false)])); kills++) {
      const gateway = gateways[kills % 2 === 0 ? 0 : 1];
      await gateway.kill();
      await sleep(200);
      await gateway.start();
    }
    const { code, output } = await migration.ended;
    expect(code, output).toBe(0);
    await untilSwitched(project, () => output);
    await expectAllThere(project, workload);
    expect(kills).toBeGreaterThan(2);
    // only what was on its way through the one that died
    const others = workload.failures.filter((failure) => !failure.includes('was not answered'));
    expect(others).toEqual([]);
    expect(workload.failures.length).toBeLessThanOrEqual(2 * kills);
    expect(workload.refused).toBe(0);
    expect(await gateways[0].stop(), gateways[0].output).toBe(0);
    expect(await gateways[1].stop(), gateways[1].output).toBe(0);
  }, 240_000);

  it('is taken over by a gateway when its coordinator dies', async () => {
    const project = await createProject();
    const gateway = await GatewayProcess.start(project);
    const workload = await write(project, [gateway.url]);
    const killed = await migrate(project, 'after:closeGenerations').ended;
    expect(killed.signal, killed.output).toBe('SIGKILL');
    await untilSwitched(project, () => gateway.output);
    await expectAllThere(project, workload);
    expect(workload.failures).toEqual([]);
    expect(workload.refused).toBe(0);
    expect(gateway.output).toContain('taking over');
    expect(await gateway.stop(), gateway.output).toBe(0);
    const record = (await loadRecord(cluster, project.name))?.source;
    expect(record).toMatchObject({ holder: null });
  }, 240_000);

  it('goes on when its coordinator is killed around what it does for them, and nothing is lost', async () => {
    const effects = ['createLedger', 'openGeneration', 'closeGenerations', 'dropLedger'];
    const all = ['saveGeneration', 'forgetEntries', ...effects];
    // `npm run test:nightly`: each of them takes some seconds, and a rotation more than ten
    const cases = isNight
      ? all.flatMap((name) => [`before:${name}`, `after:${name}`])
      : effects.map((name) => `after:${name}`);
    await concurrently(cases, (crashAt) => `killed ${crashAt}`, playKill);
  }, 600_000);
});

async function playKill(crashAt: string): Promise<void> {
  const project = await createProject();
  const { name } = project;
  const gateway = await openWritersGateway(cluster, {
    name,
    version: 2,
    aliases: { read: `${name}-read`, write: `${name}-write` },
    settings: {},
    mappings: PRICES.after,
    migrations: PRICES.migrations,
    file: 'index.mjs',
  });
  const workload = await write(project, [gateway.url]);
  const killed = await migrate(project, crashAt).ended;
  expect(killed.signal, killed.output).toBe('SIGKILL');
  const { code, output } = await migrate(project).ended;
  expect(code, output).toBe(0);
  await untilSwitched(project, () => output);
  await expectAllThere(project, workload);
  expect(workload.failures).toEqual([]);
  expect(workload.refused).toBe(0);
  project.close();
}
