// The same on the way back: the process is killed while the writers are taken back to the old index.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { indexAliases } from '../../src/cluster/operations/indexAliases.js';
import { loadRecord } from '../../src/journal/journal.js';
import { steer } from '../../src/migration/steer.js';
import type { Project } from './project.js';
import { cluster, forEachKill } from './scene.js';

describe('a migration that is killed', () => {
  it('on the way back goes back all the same, and forth again', async () => {
    const effects = ['moveReaders', 'closeWriters', 'blockWrites', 'saveProof', 'moveWriters', 'unblockOld'];
    await forEachKill(effects, async ({ project }, crashAt) => {
      // the first time it is passed is on the way forth
      const env = { TWINDEX_CRASH: crashAt, TWINDEX_CRASH_SKIP: '1' };
      const running = project.migrate('switched', env);
      await reach(project, 'switch', 'switched');
      await reach(project, 'rollback', 'ready'); // a further goal would send it forth again
      expect((await running.ended).signal, running.output()).toBe('SIGKILL');
      const aliases = (await indexAliases(cluster, `${project.name}-v1`)) ?? {};
      expect(Object.keys(aliases)).toEqual(
        expect.arrayContaining([`${project.name}-read`, `${project.name}-write`]),
      );
      await reach(project, 'finalize', 'ready');
    });
  }, 900_000);
});

/** Asks for it until it has happened; a coordinator that died meanwhile is started again. */
async function reach(
  project: Project,
  wish: 'switch' | 'rollback' | 'finalize',
  until: string,
): Promise<void> {
  const signal = AbortSignal.timeout(180_000);
  while (!(await loadRecord(cluster, project.name))) await sleep(100);
  while ((await steer(cluster, project.name, wish, { signal })).type !== 'done') {
    project.migrate(until);
    await sleep(1_500);
  }
}
