// The whole journal is deleted while a gateway runs, whose next heartbeat makes an index of its name.
import { expect, it, onTestFinished } from 'vitest';
import { getIndexes } from '../../../src/cluster/indices/getIndex.js';
import { JOURNAL } from '../../../src/protocol/names.js';
import { detach } from '../../../src/coordinator/migration/recovery/detachMigration.js';
import { getLost, getStatus } from '../../../src/coordinator/migration/steering/getStatus.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import { testCluster } from '../../integration/engine.js';
import { Subject } from '../../integration/migration/harness.js';
import { eventually } from '../../eventually.js';

const LONG = { properties: { n: { type: 'long' } } } as const;
const WAIT_MS = 60_000;

it('a migration whose journal was deleted is brought to its end, and the journal is again as it has to be', async () => {
  const cluster = await testCluster();
  const subject = await Subject.create(cluster, { before: { mappings: LONG }, mappings: LONG });
  await subject.fill(20, (n) => ({ n }));
  await subject.run('cutover');
  const mirror = await Mirror.start({
    cluster,
    definitions: [subject.definition],
    type: 'client',
    leaseMs: 1_000,
  });
  onTestFinished(() => mirror.stop());
  await cluster.connection.send({ method: 'DELETE', path: `/${JOURNAL}` });
  const isThere = async (): Promise<boolean> =>
    (await getIndexes(cluster, JOURNAL, { hidden: true })).length > 0;
  await eventually('the gateway registers again', isThere, WAIT_MS);
  expect((await getLost(cluster, subject.name))[0]?.text).toContain(
    `twindex detach ${subject.name} --give-up ${subject.target}`,
  );
  await detach(cluster, subject.name, subject.target);
  expect((await subject.run('ready')).phase).toBe('aborted');
  const [journal] = await getIndexes(cluster, JOURNAL, { hidden: true });
  expect(journal?.mappings).toMatchObject({ properties: { kind: { type: 'keyword' } } });
  expect((await getStatus(cluster)).map(({ name, phase }) => [name, phase])).toContainEqual([
    subject.name,
    'aborted',
  ]);
  expect((await subject.documents(subject.source)).size).toBe(20);
});
