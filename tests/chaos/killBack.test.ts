// The same on the way back: the process is killed while the writers are taken back to the old index.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { indexAliases } from '../../src/cluster/indices/indexAliases.js';
import { steer } from '../../src/coordinator/migration/steering/sendCommand.js';
import { isNight } from '../nightly.js';
import type { Project, Running } from './project.js';
import { cluster, forEachKill, killEachTime } from './scene.js';

const FROM_SWITCHED = [
  'switched',
  ['closeWriters', 'blockWrites', 'saveProof', 'moveWriters', 'unblockOld'],
] as const;
const FROM_CUTOVER = ['cutover', ['moveReadersBack']] as const;
const WAYS = isNight ? [FROM_SWITCHED, FROM_CUTOVER] : [FROM_SWITCHED];

describe('a migration that is killed', () => {
  it.each(WAYS)(
    'on the way back from %s goes back all the same, and forth again',
    async (from, effects) => {
      await forEachKill(effects, async ({ project }, kills) => {
        const there = await project.migrate(from, {}, ['--no-stay']).ended;
        expect(there.code, there.output).toBe(0);
        const asked = await steer(cluster, project.name, 'rollback', { signal: AbortSignal.timeout(10_000) });
        expect(asked.type).toBe('nobodyCoordinates');
        await killEachTime(project, kills, 'ready', ['--no-stay']);
        await reach(project, 'rollback', 'ready');
        const aliases = (await indexAliases(cluster, `${project.name}-v1`)) ?? {};
        expect(Object.keys(aliases)).toEqual(
          expect.arrayContaining([`${project.name}-read`, `${project.name}-write`]),
        );
        await reach(project, 'finalize', 'ready');
      });
    },
    900_000,
  );
});

/** Asks for it until it has happened; a coordinator that died meanwhile is started again. */
async function reach(project: Project, command: 'rollback' | 'finalize', until: string): Promise<void> {
  const signal = AbortSignal.timeout(300_000);
  const coordinators: Running[] = [];
  try {
    while ((await steer(cluster, project.name, command, { signal })).type !== 'done') {
      if (!coordinators.some(({ child }) => isAlive(child))) coordinators.push(project.migrate(until));
      await sleep(1_500);
    }
  } catch (error) {
    const said = coordinators.map(({ output }) => output().slice(-3_000)).join('\n---\n');
    throw new Error(`${command}: ${String(error)}. The coordinators said:\n${said}`, { cause: error });
  }
}

const isAlive = ({ exitCode, signalCode }: Running['child']): boolean =>
  exitCode === null && signalCode === null;
