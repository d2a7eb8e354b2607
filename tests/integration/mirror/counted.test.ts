// What `status` says of writers: how many documents came past them, and that one of them gets no answer from the index that
// follows.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { renderStatus } from '../../../src/cli/text/statusText.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from '../migration/harness.js';
import { Client, openWritersGateway } from './application.js';
import { intercepted } from './stage.js';

const LEASE_MS = 2_000;
const PAST = 17;
/** For busy machines. */
const PATIENT = { maxLagMs: 60_000, maxWritePauseMs: 60_000 };

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

async function prices(): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
  });
  await subject.fill(200, (n) => ({ n, price: `${n},50 EUR` }));
  return subject;
}

describe('how many documents came past the writers', () => {
  it('is 0 when every write came through them, from before the migration on', async () => {
    const subject = await prices();
    const { read, write } = subject.definition.aliases;
    const gateways = [
      await openWritersGateway(cluster, subject.definition, { leaseMs: LEASE_MS }),
      await openWritersGateway(cluster, subject.definition, { leaseMs: LEASE_MS }),
    ];
    const clientOf = (n: number, shape: 1 | 2, url: string) =>
      new Client({ url, read, write, shape, named: shape === 2, name: `c${n}`, seed: n, pauseMs: 50 });
    const clients = gateways.map(({ url }, n) => clientOf(n, 1, url).start());
    let most = 0;
    const watched = new AbortController();
    const running = subject.start('ready', { stay: true, ...PATIENT });
    await subject.until('running', () => true);
    const watching = (async () => {
      while (!watched.signal.aborted) {
        most = Math.max(most, (await subject.status()).pastWriters);
        await sleep(300);
      }
    })();
    await subject.until(
      'mirroring',
      ({ phase, record }) => phase === 'ready' && record.writers.mode === 'mirror',
    );
    // a new release, and a gateway that has just joined
    clients.push(clientOf(2, 2, gateways[0]?.url ?? '').start());
    const third = await openWritersGateway(cluster, subject.definition, { leaseMs: LEASE_MS });
    clients.push(clientOf(3, 1, third.url).start());
    for (const command of ['cutover', 'switch'] as const)
      expect(await subject.steer(command)).toMatchObject({ type: 'done' });
    await subject.until('settled', ({ record }) => record.writers.mode === 'mirror');
    // a gateway that leaves takes its counters with it
    await gateways[1]?.stop();
    await clients[1]?.stop();
    await sleep(3 * LEASE_MS);
    await Promise.all(clients.map((client) => client.stop()));
    watched.abort();
    await watching;
    expect(most).toBe(0);

    await running.stop();
  }, 600_000);

  it('is what came past them, when no writer can have had a part in it', async () => {
    const subject = await prices();
    await openWritersGateway(cluster, subject.definition, { leaseMs: LEASE_MS });
    const running = subject.start('ready', { stay: true, ...PATIENT });
    await subject.until(
      'mirroring',
      ({ phase, record }) => phase === 'ready' && record.writers.mode === 'mirror',
    );
    const past = async (): Promise<number> => (await subject.status()).pastWriters;
    // it counts from the moment in which every writer mirrors, and could say what it had done before
    let first = 0;
    await expect
      .poll(
        async () => {
          await subject.put(`first${first++}`, { n: 1, price: '1,00 EUR' });
          return await past();
        },
        { timeout: 120_000, interval: 500 },
      )
      .toBeGreaterThan(0);
    await subject.until('followed', ({ record }) => record.evidence.byFollowing >= first);
    await sleep(3 * LEASE_MS);
    const before = await past();
    for (let n = 0; n < PAST; n++) await subject.put(`past${n}`, { n, price: '1,00 EUR' });
    const { pastWriters } = await subject.until('counted', (status) => status.pastWriters >= before + PAST);
    expect(pastWriters).toBe(before + PAST);
    expect(renderStatus(await subject.status())).toContain(
      `; at least ${before + PAST} documents bypassed the gateways`,
    );
    await running.stop();
  }, 600_000);
});

describe('a gateway that gets no answer from the index that follows', () => {
  it('is shown, and no readers are moved there before it does', async () => {
    const subject = await prices();
    const { write } = subject.definition.aliases;
    let isFailing = false;
    const failing = intercepted(cluster, async (request, send) =>
      isFailing && request.path.includes('.Mirror.')
        ? { status: 503, headers: {}, body: Buffer.from('{}') }
        : await send(),
    );
    const gateway = await openWritersGateway(failing, subject.definition, {
      leaseMs: LEASE_MS,
      breakerLimits: { patienceMs: 300, probeMs: 100 },
    });
    const running = subject.start('ready', { stay: true, ...PATIENT });
    await subject.until(
      'mirroring',
      ({ phase, record }) => phase === 'ready' && record.writers.mode === 'mirror',
    );
    isFailing = true;
    let n = 0;
    await expect
      .poll(
        async () => {
          const answer = await fetch(`${gateway.url}/${write}/_doc/away${n++}`, {
            method: 'PUT',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ n, price: '1,00 EUR' }),
          });
          expect(answer.status).toBe(201);
          return gateway.mirror.metrics().indexes[subject.name]?.away;
        },
        { timeout: 60_000 },
      )
      .not.toBeNull();
    const put = await fetch(`${gateway.url}/${write}/_doc/away${n++}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ n, price: '1,00 EUR' }),
    });
    expect(put.status).toBe(201);
    const moved = subject.steer('cutover');
    const waiting = await subject.until('waiting', ({ record }) =>
      record.message.includes('does not accept every copy'),
    );
    expect(waiting.record.readers).toBe('source');
    expect(renderStatus(waiting)).toMatch(
      /gateway \d+ on .*sends no copies to \S+-v2 since .*the coordinator copies its writes/,
    );
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain(`twindex_gateway_follower_away{name="${subject.name}"} 1`);
    expect(metrics).toMatch(new RegExp(`copies_total\\{name="${subject.name}",outcome="bypassed"\\} [1-9]`));
    isFailing = false;
    expect(await moved).toMatchObject({ type: 'done' });
    await subject.until('in sync', ({ record }) => record.readers === 'target');
    const documents = await subject.documents(subject.target);
    for (let at = 0; at < n; at++) expect(documents.has(`away${at}`)).toBe(true);
    await running.stop();
  }, 600_000);
});
