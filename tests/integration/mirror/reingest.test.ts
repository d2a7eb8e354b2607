// Back-fill from the source of truth, with writers that come through a gateway: what they delete stays deleted, however old
// the state is that the source of truth gives.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { putSettings } from '../../../src/cluster/indices/putSettings.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from '../migration/harness.js';
import { openWritersGateway, request } from './application.js';

const DOCUMENTS = 300;

describe('the source of truth beside a gateway', () => {
  it('does not bring back what was deleted since it was opened, nor gives way to what was not changed', async () => {
    const cluster = await testCluster();
    const subject = await Subject.create(cluster, {
      before: { mappings: PRICES.before },
      mappings: PRICES.after,
      migrations: PRICES.migrations,
      route: 'reingest',
    });
    await subject.fill(DOCUMENTS, (n) => ({ n, price: `${n},50 EUR` }));
    let go: () => void = () => undefined;
    const deleted = new Promise<void>((resolve) => {
      go = resolve;
    });
    subject.definition = {
      ...subject.definition,
      async *reingest() {
        await deleted;
        for (let n = 0; n < DOCUMENTS; n++) yield { id: `d${n}`, source: { n, price: n } };
      },
    };
    const { url } = await openWritersGateway(cluster, subject.definition);
    const running = subject.start('cutover');
    await subject.until('mirrored', ({ record }) => record.writers.mode === 'mirror');
    // as if reading took longer than tombstones are kept
    await putSettings(cluster, subject.target, { 'index.gc_deletes': '1s' });
    const path = (id: string): string => `/${subject.definition.aliases.write}/_doc/${id}`;
    await request(url, 'DELETE', path('d7'));
    // entered in the ledger, and refused
    const refused = await request(url, 'DELETE', `${path('d9')}?if_seq_no=999&if_primary_term=1`);
    expect(refused.status).toBe(409);
    await request(url, 'PUT', path('d8'), { n: 8, price: '88,25 EUR' });
    // generations change meanwhile, and what they hold is pruned where it may be
    await sleep(28_000);
    await subject.json('POST', `/${subject.target}/_refresh`); // forgets tombstones
    go();
    const { record } = await running.ended;
    expect(record.evidence.differences).toBe(0);
    const documents = await subject.documents(subject.target);
    expect(documents.has('d7')).toBe(false);
    expect(documents.get('d8')).toEqual({ n: 8, price: 88.25 });
    expect(documents.get('d9')).toEqual({ n: 9, price: 9 });
    expect(documents.size).toBe(DOCUMENTS - 1);
  });
});
