// How fast is copied, changed while it runs. What is written meanwhile is not held back.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { whyNoReindex } from '../../../src/cluster/reindex/hasReindex.js';
import type { ThrottleCommand } from '../../../src/protocol/record.js';
import { steer } from '../../../src/coordinator/migration/steering/sendCommand.js';
import { testCluster } from '../engine.js';
import { Subject } from './harness.js';

const DOCUMENTS = 6_000;
const MAPPING = { properties: { n: { type: 'long' } } } as const;

let cluster: Cluster;
let noReindex: string | undefined;

beforeAll(async () => {
  cluster = await testCluster();
  noReindex = await whyNoReindex(cluster);
});

const command = async (subject: Subject, throttle: Partial<ThrottleCommand>): Promise<void> => {
  const signal = AbortSignal.timeout(30_000);
  expect((await steer(cluster, subject.name, 'throttle', { signal, throttle })).type).toBe('done');
};

describe.each(['client', 'server'] as const)('copying by the route %s', (route) => {
  it('is slowed down, paused, and let go again from elsewhere', async (context) => {
    context.skip(route === 'server' && noReindex !== undefined, noReindex);
    const subject = await Subject.create(cluster, {
      before: { mappings: MAPPING },
      mappings: MAPPING,
      route,
    });
    await subject.fill(DOCUMENTS, (n) => ({ n }));
    // by itself it would take minutes
    const { ended } = subject.start('ready', { throttle: { maxDocsPerSecond: 20 } });
    const slow = await subject.until('slowed down', ({ record }) => record.throttled !== '');
    expect(slow.record.throttled).toBe('20 documents/s at most: set by --max-docs');

    await command(subject, { paused: true });
    await subject.until('paused', ({ record }) => /paused/.test(record.throttled));
    // a pause holds from the next page of _reindex on; the present one takes a second at this rate, and may end a window
    await sleep(1_500);
    const { cursors } = (await subject.status()).record;
    await sleep(1_500);
    const paused = (await subject.status()).record;
    expect(paused.state).toBe('copying');
    expect(paused.cursors).toEqual(cursors);

    await command(subject, { paused: false, maxDocsPerSecond: null });
    const { record } = await ended;
    expect(record.throttled).toBe('');
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS);
  });
});

describe('copying that nobody holds back', () => {
  /** Of a copy that takes about fifteen seconds. */
  const MANY = 24_000;
  const slowly = { throttle: { maxDocsPerSecond: MANY / 15 } };

  async function filled(): Promise<Subject> {
    const subject = await Subject.create(cluster, {
      before: { mappings: MAPPING },
      mappings: MAPPING,
      route: 'client',
    });
    await subject.fill(MANY, (n) => ({ n }));
    return subject;
  }

  it('is held back from the moment on at which others search, and only for as long', async () => {
    const subject = await filled();
    const running = subject.start('ready', slowly);
    const seen = new Set<string>();
    const isHeld = (text: string): boolean => /while nothing is copied|how much load the cluster/.test(text);
    await subject.until('copied', ({ record }) => {
      seen.add(record.throttled);
      return record.evidence.copied > 0;
    });
    expect([...seen].filter(isHeld)).toEqual([]);
    const searching = new AbortController();
    const search = (async () => {
      while (!searching.signal.aborted) {
        await cluster.connection.json({ method: 'GET', path: `/${subject.source}/_search?q=n:7` });
        await sleep(20);
      }
    })();
    await subject.until('held back', ({ record }) => isHeld(record.throttled));
    searching.abort();
    await search;
    await subject.until(
      'let go',
      ({ record }) => /asked for/.test(record.throttled) || record.state !== 'copying',
    );
    const { record } = await running.ended;
    expect(record.evidence.differences).toBe(0);
  });

  it('does not take its own reads for those of others', async () => {
    const subject = await filled();
    const seen = new Set<string>();
    const running = subject.start('ready', slowly);
    await subject.until('copied', ({ record }) => {
      seen.add(record.throttled);
      return record.state === 'mirroring';
    });
    await running.ended;
    expect([...seen].filter((text) => text !== '' && !text.includes('set by --max-docs'))).toEqual([]);
  });
});
