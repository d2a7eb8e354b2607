// A migration with a writing application, to be killed and gone on with; and what must hold at the end.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { countDocuments } from '../../src/cluster/documents/countDocuments.js';
import { hasWriteBlock } from '../../src/cluster/indices/hasWriteBlock.js';
import { indexAliases } from '../../src/cluster/indices/indexAliases.js';
import { refresh } from '../../src/cluster/indices/refresh.js';
import { loadRecord } from '../../src/journal/journal.js';
import { engineUrls, testCluster, uniqueName } from '../integration/engine.js';
import { isNight } from '../nightly.js';
import { concurrently } from './concurrently.js';
import { Project } from './project.js';
import { Workload } from './workload.js';

const DOCUMENTS = 600;

export let cluster: Cluster;
const projects: Project[] = [];

beforeAll(async () => {
  cluster = await testCluster();
});

afterAll(() => {
  for (const project of projects) project.close();
});

export interface Scene {
  readonly project: Project;
  readonly workload: Workload;
}

async function begin(): Promise<Scene> {
  const project = new Project(uniqueName('kill'), engineUrls);
  projects.push(project);
  await project.createFirst(cluster, DOCUMENTS);
  return { project, workload: new Workload(cluster, project.writeAlias).start() };
}

/** What must hold at the end, whatever happened on the way. */
async function expectAllThere({ project, workload }: Scene): Promise<void> {
  await workload.stop();
  const target = `${project.name}-v2`;
  await refresh(cluster, target);
  const findings = await workload.compare(project.writeAlias);
  expect(findings).toMatchObject({ lost: [], resurrected: [] });
  expect(findings.checked).toBeGreaterThan(10);
  expect(workload.failures).toEqual([]);
  expect(await countDocuments(cluster, target)).toBe(DOCUMENTS + (workload.live ?? Number.NaN));
  expect(await hasWriteBlock(cluster, target)).toBe(false);
  const record = (await loadRecord(cluster, project.name))?.source;
  expect(record?.evidence).toMatchObject({ differences: 0, repaired: 0, firstDifferences: [] });
  expect(Object.keys((await indexAliases(cluster, target)) ?? {}).sort()).toEqual([
    `${project.name}-read`,
    `${project.name}-write`,
  ]);
  expect(await indexAliases(cluster, `${project.name}-v1`)).toBeUndefined();
}

/** The names of the effects of an undisturbed run, in the order of their first appearance. */
export async function recordEffects(): Promise<string[]> {
  const scene = await begin();
  const file = scene.project.file('effects');
  const { code, output } = await scene.project.migrate('finalized', { TWINDEX_EFFECTS: file }).ended;
  expect(code, output).toBe(0);
  await expectAllThere(scene);
  return [...new Set(readFileSync(file, 'utf8').trim().split('\n'))];
}

/** Of one migration; those that follow each other are an effect apart, as the next run makes up for what the last left undone. */
const KILLS = 15;
/** So that effects of which one is made up for by the next run are not both in one. */
const LEAST_MIGRATIONS = 2;

/**
 * At night, a kill before and one after each effect. A kill after one effect is a kill before the next, so for each commit a kill
 * after every third effect has to do.
 */
const killsAround = (effects: readonly string[]): string[] =>
  isNight
    ? effects.flatMap((name) => [`before:${name}`, `after:${name}`])
    : effects.flatMap((name, n) => (n % 3 === 0 ? [`after:${name}`] : []));

/**
 * Between any two of these effects a migration is killed, and gone on with by the next run, which is killed at another
 * one. `npm run test:nightly` gives every kill a migration of its own.
 */
export async function forEachKill(
  effects: readonly string[],
  play: (scene: Scene, kills: readonly string[]) => Promise<void>,
): Promise<void> {
  const kills = killsAround(effects);
  const migrations = isNight ? kills.length : Math.max(LEAST_MIGRATIONS, Math.ceil(kills.length / KILLS));
  const cases = Array.from({ length: migrations }, (_, first) =>
    kills.filter((_kill, n) => n % migrations === first),
  );
  await concurrently(
    cases,
    (own) => `killed ${own.join(', ')}`,
    async (own) => {
      const scene = await begin();
      try {
        await play(scene, own);
        await expectAllThere(scene);
      } finally {
        await scene.workload.stop();
        scene.project.close();
      }
    },
  );
}

/** Runs the migration once for each of them, and is killed each time. */
export async function killEachTime(
  project: Project,
  kills: readonly string[],
  until: string,
  more: readonly string[] = [],
): Promise<void> {
  for (const crashAt of kills) {
    const { signal, output } = await project.migrate(until, { TWINDEX_CRASH: crashAt }, more).ended;
    expect(signal, `${crashAt}: ${output}`).toBe('SIGKILL');
  }
}
