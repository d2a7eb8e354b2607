// Here, where nothing else uses the engine: a read-only cluster is read-only for everybody.
import { expect, test } from 'vitest';
import { testCluster } from '../../integration/engine.js';
import { liveProject, printed } from '../../integration/cli/project.js';

test.each(['cluster.blocks.read_only', 'cluster.blocks.read_only_allow_delete'])(
  'a cluster with %s: migrate says so, with the request that takes it off, and changes nothing',
  async (block) => {
    const project = await liveProject();
    await project.declare(2, { properties: { price: { type: 'double' } } });
    const { connection } = await testCluster();
    const set = (value: true | null) =>
      connection.json({
        method: 'PUT',
        path: '/_cluster/settings',
        body: { persistent: { [block]: value } },
      });
    const before = await project.state();
    await set(true);
    const { code, stderr } = await project.run('migrate', 'NAME', '--yes').finally(() => set(null));
    expect(code).toBe(3);
    expect(stderr).toBe(
      printed(
        'plan_blocked',
        `NAME can't be migrated, nothing was changed: the cluster is read-only (${block} is true): nothing can be ` +
          'created or changed in it. Remove the cause (a full disk?), then reset this setting: ' +
          `PUT /_cluster/settings {"persistent":{"${block}":null}}.`,
      ),
    );
    expect(await project.state()).toEqual(before);
  },
);
