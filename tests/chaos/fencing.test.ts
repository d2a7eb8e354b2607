// Two coordinators: the second is sent away; one that was stopped and wakes up can't change anything any more.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { hasWriteBlock } from '../../src/cluster/indices/hasWriteBlock.js';
import { indexAliases } from '../../src/cluster/indices/indexAliases.js';
import { loadRecord } from '../../src/journal/journal.js';
import { steer } from '../../src/coordinator/migration/steering/sendCommand.js';
import { engineUrls, testCluster, uniqueName } from '../integration/engine.js';
import { Project, type Running } from './project.js';
import { Workload } from './workload.js';
import { eventually } from '../eventually.js';

const WAIT_MS = 120_000;

let cluster: Cluster;
let project: Project;
let workload: Workload;

beforeEach(async () => {
  cluster = await testCluster();
  project = new Project(uniqueName('fence'), engineUrls);
  await project.createFirst(cluster, 600);
  workload = new Workload(cluster, project.writeAlias).start();
});

afterEach(async () => {
  await workload.stop();
  project.close();
});

async function aliases(): Promise<object> {
  const [v1, v2] = await Promise.all([
    indexAliases(cluster, `${project.name}-v1`),
    indexAliases(cluster, `${project.name}-v2`),
  ]);
  return { v1, v2 };
}

async function expectNothingLost(): Promise<void> {
  await workload.stop();
  expect(await workload.compare(project.writeAlias)).toMatchObject({ lost: [], resurrected: [] });
  expect(workload.failures).toEqual([]);
}

async function phase(running: Running, name: string): Promise<void> {
  const isReached = (): boolean => {
    if (running.output().includes(`"phase":"${name}"`)) return true;
    expect(running.child.exitCode, running.output()).toBeNull();
    return false;
  };
  await eventually(() => `the phase ${name}\n${running.output()}`, isReached, WAIT_MS);
}

/** In a hold the guardian is the first to take over; then it is free again. */
async function succeed(): ReturnType<() => Running['ended']> {
  const endedInTurn = async () => {
    const ended = await project.migrate('finalized').ended;
    return ended.code === 4 ? undefined : ended;
  };
  return eventually('nobody else holds the lease', endedInTurn, WAIT_MS);
}

/** A run that stops itself, as SIGSTOP would, right before an effect. */
async function stopBefore(effect: string): Promise<Running> {
  const running = project.migrate('finalized', {
    TWINDEX_CRASH: `before:${effect}`,
    TWINDEX_CRASH_SIGNAL: 'SIGSTOP',
    TWINDEX_EFFECTS: project.file('effects'),
  });
  const { readFile } = await import('node:fs/promises');
  const isThere = async (): Promise<boolean> => {
    const seen = await readFile(project.file('effects'), 'utf8').catch(() => '');
    if (seen.split('\n').includes(effect)) return true;
    expect(running.child.exitCode, running.output()).toBeNull();
    return false;
  };
  await eventually(() => `the effect ${effect}\n${running.output()}`, isThere, WAIT_MS);
  await sleep(300); // the signal comes right after the name was written
  return running;
}

describe('a second run', () => {
  it('exits 4 while the first is alive, and says who has it', async () => {
    const first = project.migrate('cutover');
    await phase(first, 'cutover');
    const second = await project.migrate('finalized').ended;
    expect(second.code, second.output).toBe(4);
    expect(second.output).toContain(`process ${first.child.pid}`);
    await expectNothingLost();
  });

  it('takes over at once from one that was ended with SIGTERM', async () => {
    const first = project.migrate('cutover');
    await phase(first, 'cutover');
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(130);
    const second = await project.migrate('finalized').ended;
    expect(second.code, second.output).toBe(0);
    await expectNothingLost();
  });
});

describe('a run that was stopped', () => {
  it.each(['moveReaders', 'moveWriters', 'deleteSource', 'swapToken', 'feed'])(
    'right before %s can do nothing when it wakes up behind its successor',
    async (effect) => {
      const stopped = await stopBefore(effect);
      const successor = await succeed();
      expect(successor.code, successor.output).toBe(0);
      const before = await aliases();
      const record = await loadRecord(cluster, project.name);

      stopped.child.kill('SIGCONT');
      expect((await stopped.ended).code, stopped.output()).toBe(4);
      expect(await aliases()).toEqual(before);
      expect(await loadRecord(cluster, project.name)).toEqual(record);
      await expectNothingLost();
    },
  );

  it('in a hold is relieved by its guardian: the writers go on without anybody running twindex', async () => {
    const stopped = await stopBefore('saveProof');
    const target = `${project.name}-v1`;
    const acknowledged = workload.acknowledged;
    const isRelieved = async (): Promise<boolean> =>
      !(await hasWriteBlock(cluster, target)) && workload.acknowledged >= acknowledged + 20;
    await eventually('the writers go on', isRelieved, WAIT_MS);
    expect((await indexAliases(cluster, target))?.[project.writeAlias]?.is_write_index).not.toBe(false);
    expect((await loadRecord(cluster, project.name))?.source).toMatchObject({
      state: 'mirroring',
      holder: null,
    });

    // it takes the migration again, and brings it to its end
    stopped.child.kill('SIGCONT');
    expect((await stopped.ended).code, stopped.output()).toBe(0);
    expect((await loadRecord(cluster, project.name))?.source.state).toBe('finalized');
    await expectNothingLost();
  });

  it('can not delete the target that its successor has cut over to', async () => {
    const stopped = project.migrate('ready', {
      TWINDEX_CRASH: 'before:deleteTarget',
      TWINDEX_CRASH_SIGNAL: 'SIGSTOP',
    });
    await phase(stopped, 'ready');
    const asked = steer(cluster, project.name, 'abort', { signal: AbortSignal.timeout(60_000) });
    const isAborting = async (): Promise<boolean> =>
      (await loadRecord(cluster, project.name))?.source.state === 'aborting';
    await eventually('the migration is being aborted', isAborting, WAIT_MS);
    await sleep(500);
    await asked.catch(() => undefined);
    const successor = await project.migrate('ready').ended; // goes on with the abort
    expect(successor.code, successor.output).toBe(0);
    await project.start([
      'migrate',
      project.name,
      '--yes',
      '--until',
      'cutover',
      '--no-stay',
      '--grace',
      '300ms',
    ]).ended;
    const before = await aliases();
    stopped.child.kill('SIGCONT');
    expect((await stopped.ended).code, stopped.output()).toBe(4);
    expect(await aliases()).toEqual(before);
    await expectNothingLost();
  });
});
