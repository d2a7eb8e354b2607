// Writers of ours where readers and writers come through one name: an alias for both, or the index itself.
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../../src/cluster/cluster.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { startGateway } from '../../../src/writers/gateway/gatewayServer.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import { Workload } from '../../chaos/workload.js';
import { testCluster } from '../engine.js';
import { Subject } from '../migration/harness.js';

const DOCUMENTS = 100;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

/** A connection through a gateway that knows the subject. */
async function throughGateway(subject: Subject): Promise<Cluster> {
  const mirror = await Mirror.start({ cluster, definitions: [subject.definition], type: 'gateway' });
  const gateway = await startGateway({ cluster, mirror, host: '127.0.0.1', port: 0 });
  onTestFinished(() => gateway.stop());
  const through = await connect({ nodes: [gateway.url] });
  onTestFinished(() => through.close());
  return through;
}

describe.each(['one-alias', 'bare-index'] as const)('a migration of the layout %s', (layout) => {
  it('refuses no write that comes through a gateway, and loses none', async () => {
    const subject = await Subject.create(cluster, {
      layout,
      before: { mappings: { properties: { n: { type: 'long' }, price: { type: 'keyword' } } } },
      mappings: { properties: { n: { type: 'long' }, price: { type: 'text' } } },
    });
    await subject.fill(DOCUMENTS, (n) => ({ n, price: `${n},50 EUR` }));
    const workload = new Workload(await throughGateway(subject), subject.definition.aliases.write).start();
    const running = subject.start('ready', { stay: true });
    await subject.until(
      'mirrored',
      ({ record, phase }) => record.writers.mode === 'mirror' && phase === 'ready',
    );
    expect(await subject.steer('switch')).toMatchObject({ type: 'done' });
    await workload.stop();
    expect(workload.failures).toEqual([]);
    expect(workload.refused).toBe(0);
    expect(await workload.compare(subject.target)).toMatchObject({ lost: [], resurrected: [] });
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(DOCUMENTS + (workload.live ?? Number.NaN));
    expect(await subject.steer('finalize')).toMatchObject({ type: 'done' });
    await running.ended;
    const left = Object.keys((await indexAliases(cluster, subject.target)) ?? {});
    expect(left.sort()).toEqual([...new Set(Object.values(subject.definition.aliases))].sort());
  });
});
