// The process is killed before and after every effect of the machine, by the names that a run without a kill recorded.
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { countDocuments } from '../../src/cluster/operations/countDocuments.js';
import { hasWriteBlock } from '../../src/cluster/operations/hasWriteBlock.js';
import { indexAliases } from '../../src/cluster/operations/indexAliases.js';
import { refresh } from '../../src/cluster/operations/refresh.js';
import { loadRecord } from '../../src/journal/journal.js';
import { steer } from '../../src/migration/steer.js';
import { engineUrls, testCluster, uniqueName } from '../integration/engine.js';
import { Project } from './project.js';
import { Workload } from './workload.js';

const DOCUMENTS = 600;

let cluster: Cluster;
let project: Project;

beforeAll(async () => {
  cluster = await testCluster();
});

afterEach(() => project.close());

async function begin(): Promise<Workload> {
  project = new Project(uniqueName('kill'), engineUrls);
  await project.createFirst(cluster, DOCUMENTS);
  return new Workload(cluster, project.writeAlias).start();
}

/** What must hold at the end, whatever happened on the way. */
async function expectAllThere(workload: Workload): Promise<void> {
  await workload.stop();
  const target = `${project.name}-v2`;
  await refresh(cluster, target);
  const findings = await workload.compare(project.writeAlias);
  expect(findings).toMatchObject({ lost: [], resurrected: [] });
  expect(findings.checked).toBeGreaterThan(10);
  expect(workload.failures).toEqual([]);
  expect(await countDocuments(cluster, target)).toBe(DOCUMENTS + (workload.live ?? Number.NaN));
  expect(await hasWriteBlock(cluster, target)).toBe(false);
  expect(Object.keys((await indexAliases(cluster, target)) ?? {}).sort()).toEqual([
    `${project.name}-read`,
    `${project.name}-write`,
  ]);
  expect(await indexAliases(cluster, `${project.name}-v1`)).toBeUndefined();
}

/** The names of the effects of an undisturbed run, in the order of their first appearance. */
async function recordEffects(run: (file: string) => Promise<void>): Promise<string[]> {
  const workload = await begin();
  const file = project.file('effects');
  await run(file);
  await expectAllThere(workload);
  const names = readFileSync(file, 'utf8').trim().split('\n');
  project.close();
  return [...new Set(names)];
}

describe('a migration that is killed', () => {
  it('before or after any effect on the way forth, goes on when it is run again, and nothing is lost', async () => {
    const effects = await recordEffects(async (file) => {
      const { code, output } = await project.migrate('finalized', { TWINDEX_EFFECTS: file }).ended;
      expect(code, output).toBe(0);
    });
    expect(effects).toEqual(
      expect.arrayContaining([
        'createTarget',
        'feed',
        'moveReaders',
        'blockWrites',
        'moveWriters',
        'deleteSource',
      ]),
    );

    for (const name of effects) {
      for (const moment of ['before', 'after']) {
        const workload = await begin();
        const killed = await project.migrate('finalized', { TWINDEX_CRASH: `${moment}:${name}` }).ended;
        expect(killed.signal, `${moment} ${name}: ${killed.output}`).toBe('SIGKILL');
        const { code, output } = await project.migrate('finalized').ended;
        expect(code, `after a kill ${moment} ${name}: ${output}`).toBe(0);
        await expectAllThere(workload).catch((error: unknown) => {
          throw new Error(`after a kill ${moment} ${name}`, { cause: error });
        });
        project.close();
      }
    }
  }, 900_000);

  it('on the way back goes back all the same, and forth again', async () => {
    const names = ['moveReaders', 'closeWriters', 'blockWrites', 'saveProof', 'moveWriters', 'unblockOld'];
    for (const name of names) {
      for (const moment of ['before', 'after']) {
        const workload = await begin();
        // the first time it is passed is on the way forth
        const env = { TWINDEX_CRASH: `${moment}:${name}`, TWINDEX_CRASH_SKIP: '1' };
        const running = project.migrate('switched', env);
        await reach('switch', () => undefined);
        await reach('rollback', () => project.migrate('switched'));
        expect((await running.ended).signal, `${moment} ${name}: ${running.output()}`).toBe('SIGKILL');
        expect(Object.keys((await indexAliases(cluster, `${project.name}-v1`)) ?? {})).toEqual(
          expect.arrayContaining([`${project.name}-read`, `${project.name}-write`]),
        );
        await reach('finalize', () => project.migrate('ready'));
        await expectAllThere(workload).catch((error: unknown) => {
          throw new Error(`after a kill ${moment} ${name} on the way back`, { cause: error });
        });
        project.close();
      }
    }
  }, 900_000);
});

/** Asks for it until it has happened; a coordinator that died meanwhile is started again. */
async function reach(wish: 'switch' | 'rollback' | 'finalize', restart: () => unknown): Promise<void> {
  const signal = AbortSignal.timeout(90_000);
  for (;;) {
    while (!(await loadRecord(cluster, project.name)))
      await new Promise((resolve) => setTimeout(resolve, 100));
    const steered = await steer(cluster, project.name, wish, { signal });
    if (steered.type === 'done') return;
    restart();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
}
