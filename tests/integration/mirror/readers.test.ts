// While the follower is read: a write is acknowledged when that has it, for certain.
import { describe, expect, it } from 'vitest';
import { testCluster } from '../engine.js';
import { closeIndex } from '../../../src/cluster/indices/closeIndex.js';
import { openIndex } from '../../../src/cluster/indices/openIndex.js';
import { CopyConfirmer } from '../../../src/writers/mirror/copies/copyConfirmer.js';
import { stampOf } from '../../../src/protocol/stamp.js';
import { Stage } from './stage.js';

const READ = { record: { readers: 'target' } } as const;

describe('a write while the follower is read', () => {
  it('is found there at once when its client asked for a refresh', async () => {
    const stage = await Stage.set(await testCluster(), { ...READ, settings: { refresh_interval: '1h' } });
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a?refresh=true`, { n: 1 });
    await writer.bulk(`/${write}/_bulk?refresh=true`, [{ index: { _id: 'b' } }, { n: 2 }]);
    const { count } = await stage.cluster.connection.json<{ count: number }>({
      method: 'GET',
      path: `/${stage.target}/_count`,
    });
    expect(count).toBe(2);
  });

  it('that the follower has already is confirmed', async () => {
    const stage = await Stage.set(await testCluster(), READ);
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    // as if following had been faster
    const later = stampOf(1, 1, 10);
    await stage.cluster.connection.json({
      method: 'PUT',
      path: `/${stage.target}/_doc/a?version=${later}&version_type=external`,
      body: { n: 'later' },
    });
    const put = await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    expect(put.status).toBe(201);
    expect(writer.mirror.metrics().indexes[stage.name]).toMatchObject({
      mirrored: 0,
      conflicts: 1,
      unanswered: 0,
    });
  });

  it('is sent again when the primary has changed since', async () => {
    const cluster = await testCluster();
    const stage = await Stage.set(cluster, READ);
    const confirmer = await CopyConfirmer.open({ cluster, index: stage.target });
    const before = confirmer.baseline;
    expect(await confirmer.confirm(before)).toBe(true);
    await closeIndex(cluster, stage.target);
    await openIndex(cluster, stage.target);
    await cluster.connection.json({
      method: 'GET',
      path: `/_cluster/health/${stage.target}?wait_for_status=yellow`,
    });
    expect(await Promise.all([confirmer.confirm(before), confirmer.confirm(before)])).toEqual([false, false]);
    expect(await confirmer.confirm(confirmer.baseline)).toBe(true);
  });

  it('is acknowledged after a bounded time when the follower takes nothing', async () => {
    const stage = await Stage.set(await testCluster(), READ);
    const writer = await stage.writer({ copyLimits: { readMs: 300 } });
    const { write } = stage.definition.aliases;
    await stage.aliases([
      {
        add: {
          index: stage.target,
          alias: `twindex.${stage.name}.Mirror.1`,
          is_write_index: false,
          is_hidden: true,
        },
      },
    ]);
    const put = await writer.send('PUT', `/${write}/_doc/a`, { n: 1 });
    expect(put.status).toBe(201);
    expect(writer.mirror.metrics().indexes[stage.name]).toMatchObject({ unanswered: 1 });
    expect(await stage.documents(stage.source)).toEqual({ a: { n: 1 } });
  });
});
