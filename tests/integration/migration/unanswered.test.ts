// Requests of the coordinator that are not answered: done or not done, it has to find out.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, connect } from '../../../src/cluster/cluster.js';
import { hasWriteBlock } from '../../../src/cluster/indices/hasWriteBlock.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { Workload } from '../../chaos/workload.js';
import { type FrontRequest, startFront } from '../../front.js';
import { engineUrls, testCluster } from '../engine.js';
import { type Declaration, PRICES, Subject } from './harness.js';

const DOCUMENTS = 200;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

type Lost = 'request' | 'answer';

interface Disturbance {
  readonly subject: Subject;
  readonly lost: Lost;
  readonly which: (request: FrontRequest) => boolean;
  /** How many of them are disturbed. */
  readonly times?: number;
}

/** Migrates through a front that breaks the connection of some requests, with writers that go straight to the engine. */
async function migrateDisturbed({ subject, lost, which, times = 1 }: Disturbance): Promise<number> {
  let left = times;
  const front = await startFront({
    upstream: engineUrls[0],
    intercept: (request) => {
      if (left === 0 || !which(request)) return undefined;
      left--;
      return { type: 'reset', after: lost === 'request' ? 'request' : 'upstream' };
    },
  });
  const disturbed = await connect({ nodes: [front.url] });
  const workload = new Workload(cluster, subject.definition.aliases.write).start();
  try {
    const { phase } = await subject.start('finalized', {}, disturbed).ended;
    expect(phase).toBe('finalized');
    await workload.stop();
    expect(await workload.compare(subject.target)).toMatchObject({ lost: [], resurrected: [] });
    expect(workload.failures).toEqual([]);
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(DOCUMENTS + (workload.live ?? Number.NaN));
    expect(await hasWriteBlock(cluster, subject.target)).toBe(false);
    const aliases = Object.keys((await indexAliases(cluster, subject.target)) ?? {});
    const { read, write } = subject.definition.aliases;
    expect(aliases.sort()).toEqual([...new Set([read, write])]);
    expect(await indexAliases(cluster, subject.source)).toBeUndefined();
    return times - left;
  } finally {
    await workload.stop();
    await disturbed.close();
    await front.close();
  }
}

async function prices(declaration: Declaration = {}): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { mappings: PRICES.before },
    mappings: PRICES.after,
    migrations: PRICES.migrations,
    ...declaration,
  });
  await subject.fill(DOCUMENTS, (n) => ({ n, price: `${n},50 EUR` }));
  return subject;
}

const LOST: readonly Lost[] = ['request', 'answer'];

describe('a migration goes on to its end, and loses nothing,', () => {
  it.each(LOST)('when the %s of many journal writes is lost', async (lost) => {
    const subject = await prices();
    let seen = 0;
    const which = ({ method, path }: FrontRequest) =>
      method === 'PUT' && path.includes(encodeURIComponent(`migration:${subject.name}`)) && seen++ % 4 === 1;
    expect(await migrateDisturbed({ subject, lost, which, times: 5 })).toBeGreaterThan(2);
  });

  it.each(LOST)('when the %s of the call that replaces a bare index is lost', async (lost) => {
    const subject = await prices({ layout: 'bare-index' });
    const which = moves(subject.target, subject.name);
    expect(await migrateDisturbed({ subject, lost, which })).toBe(1);
  });

  it.each(LOST)('when the %s of the first of every kind of change is lost', async (lost) => {
    const subject = await prices();
    const kinds: ((request: FrontRequest) => boolean)[] = [
      ({ path }) => path.includes('.Feed.'),
      ({ path }) => path.includes('_block/write'),
      moves(subject.target, `${subject.name}-read`),
      moves(subject.target, `${subject.name}-write`),
    ];
    const which = (request: FrontRequest): boolean => {
      const kind = kinds.findIndex((isOne) => isOne(request));
      return kind >= 0 && kinds.splice(kind, 1).length > 0;
    };
    expect(await migrateDisturbed({ subject, lost, which, times: 4 })).toBe(4);
  });
});

describe('a hold', () => {
  it.each(['closeWriters', 'moveWriters'] as const)(
    'does not let the writers wait for a call that is never answered: %s',
    async (call) => {
      const subject = await prices();
      const { write } = subject.definition.aliases;
      const isOne = call === 'moveWriters' ? moves(subject.target, write) : moves(subject.source, write);
      let hangs = 0;
      const front = await startFront({
        upstream: engineUrls[0],
        intercept: (request) => (hangs === 0 && isOne(request) && ++hangs ? { type: 'hang' } : undefined),
      });
      // longer than the test: only the time that the hold gives its calls can end this one
      const disturbed = await connect({ nodes: [front.url], requestTimeoutMs: 900_000 });
      const workload = new Workload(cluster, write).start();
      try {
        const running = subject.start('switched', { maxWritePauseMs: 2_000 }, disturbed);
        await expect.poll(() => hangs, { timeout: 60_000 }).toBe(1);
        expect((await running.ended).phase).toBe('switched');
        await workload.stop();
        expect(await workload.compare(subject.target)).toMatchObject({ lost: [], resurrected: [] });
      } finally {
        await workload.stop();
        await disturbed.close();
        await front.close();
      }
    },
  );
});

describe('a copy of following that is never answered', () => {
  it('is given up in the time for what it carries, and following goes on under a new token', async () => {
    const subject = await prices();
    let hangs = 0;
    let isReady = false;
    const front = await startFront({
      upstream: engineUrls[0],
      intercept: ({ path }) => {
        if (!isReady || !path.includes('.Feed.') || hangs > 0) return undefined;
        hangs++;
        return { type: 'hang' };
      },
    });
    const disturbed = await connect({ nodes: [front.url] });
    const running = subject.start('ready', { stay: true }, disturbed);
    try {
      const { record } = await subject.until('ready', ({ phase }) => phase === 'ready');
      isReady = true;
      await subject.put('late', { n: 1, price: '1,00 EUR' });
      // all that one request may carry would be two minutes
      await expect
        .poll(() => subject.sourceOf(subject.target, 'late'), { timeout: 90_000 })
        .not.toBeUndefined();
      expect(hangs).toBe(1);
      expect((await subject.status()).record.token).toBeGreaterThan(record.token);
    } finally {
      await running.stop();
      await disturbed.close();
      await front.close();
    }
  });
});

/** The `_aliases` call that gives an alias to an index. */
function moves(to: string, wanted: string): (request: FrontRequest) => boolean {
  return ({ path, body }) => {
    if (!path.startsWith('/_aliases')) return false;
    const { actions } = JSON.parse(body.toString()) as {
      actions: { add?: { index: string; alias: string } }[];
    };
    return actions.some(({ add }) => add?.index === to && add.alias === wanted);
  };
}
