// A check while gateways write both indexes, documents of both shapes, and somebody writes past them.
import { expect, it, onTestFinished } from 'vitest';
import { Workload } from '../../chaos/workload.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from '../migration/harness.js';
import { Client, openWritersGateway } from '../mirror/application.js';
import { check } from './checked.js';

it('finds nothing wrong in what gateways mirror', async () => {
  const cluster = await testCluster();
  const subject = await Subject.create(cluster, {
    before: { settings: { number_of_shards: 2 }, mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
  });
  await subject.fill(200, (n) => ({ n, price: `${n},50 EUR` }));
  const { url } = await openWritersGateway(cluster, subject.definition);
  const { read, write } = subject.definition.aliases;
  const clients = ([1, 2] as const).map(
    (shape) => new Client({ url, read, write, shape, named: shape === 2, name: `c${shape}`, seed: shape }),
  );
  subject.start('ready', { stay: true, leaseMs: 2_000 });
  await subject.until(
    'mirroring',
    ({ phase, record }) => phase === 'ready' && record.writers.mode === 'mirror',
  );
  for (const client of clients) client.start();
  const workload = new Workload(cluster, write, { documents: 37, pauseMs: 40 }).start(1);
  onTestFinished(async () => {
    await Promise.all([...clients.map((client) => client.stop()), workload.stop()]);
  });
  for (const level of ['content', 'stamps'] as const)
    expect(await check(subject, { level })).toMatchObject({ findings: [], behind: 0 });
  expect(await subject.steer('cutover')).toMatchObject({ phase: 'cutover' });
  expect(await check(subject)).toMatchObject({ findings: [], behind: 0 });
});
