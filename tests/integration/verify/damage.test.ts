// The verification itself is tested: what it must find, in all its kinds, and what it must not take for damage.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { refresh } from '../../../src/cluster/indices/refresh.js';
import { Workload } from '../../chaos/workload.js';
import { engineUrls, testCluster } from '../engine.js';
import { pathOf, PRICES, Subject } from '../migration/harness.js';
import { check, idsOf } from './checked.js';
import { type Damage, DAMAGES, HARMLESS } from './damages.js';

const DOCUMENTS = 2_000;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

/** The transform adds a field, so that every document is parsed and printed. */
async function damagedSubject(shards = 3): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { settings: { number_of_shards: 2 }, mappings: { dynamic: false } },
    settings: { number_of_shards: shards },
    mappings: { dynamic: false },
    migrations: { 2: { up: (doc) => ({ ...doc, up: 1 }), down: ({ up: _up, ...doc }) => doc } },
  });
  await subject.fill(DOCUMENTS, (n) => ({ n, title: `title ${n}` }));
  for (const [kind, before] of [...DAMAGES, ...HARMLESS]) await subject.put(kind, `{${before}}`);
  return subject;
}

/** Written as it stands, past everything. */
async function overwrite(index: string, id: string, text: string, query = ''): Promise<void> {
  const url = `${engineUrls[0]}${pathOf(index, '_doc', id)}?${query}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'PUT', headers, body: text });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Under the version that the copy has: nothing but the content tells. */
async function damage(subject: Subject, [kind, , after]: Damage): Promise<void> {
  const { body } = await subject.send('GET', pathOf(subject.target, '_doc', kind));
  const version = /"_version":(\d+)/.exec(body.toString())?.[1];
  const text = `{${[after, '"up":1'].filter(Boolean).join(',')}}`;
  await overwrite(subject.target, kind, text, `version_type=external_gte&version=${version}`);
}

/** Seen without a look at what the documents hold. */
async function damageVersions(subject: Subject): Promise<string[]> {
  const { target } = subject;
  await subject.json('DELETE', pathOf(target, '_doc', 'd1'));
  await subject.json('DELETE', pathOf(target, '_doc', 'd2'));
  await overwrite(target, 'extra', '{"n":1,"up":1}');
  await overwrite(target, 'extra-routed', '{"n":1,"up":1}', 'routing=r');
  await overwrite(target, 'd3', '{"n":3,"title":"title 3","up":1}', 'routing=elsewhere');
  await overwrite(target, 'deleted', '{"n":-1,"up":1}');
  // as it was before its last write: its tombstone has to be forgotten first
  await subject.json('PUT', `/${target}/_settings`, { 'index.gc_deletes': '0s' });
  await subject.json('DELETE', pathOf(target, '_doc', 'd4'));
  const older = async (): Promise<void> => {
    await refresh(cluster, target);
    await overwrite(target, 'd4', '{"n":4,"title":"title 4","up":1}', 'version_type=external&version=5');
  };
  await vi.waitFor(older, { timeout: 20_000, interval: 100 });
  return ['d1', 'd2', 'extra', 'extra-routed', 'd3', 'deleted', 'd4'].sort();
}

/** With versions that might be right, as far as versions go. */
async function damageContents(subject: Subject): Promise<string[]> {
  const { target } = subject;
  for (const each of [...DAMAGES, ...HARMLESS]) await damage(subject, each);
  // the documents of each other
  await damage(subject, ['d5', '', '"n":6,"title":"title 6"']);
  await damage(subject, ['d6', '', '"n":5,"title":"title 5"']);
  await damage(subject, ['d7', '', '']);
  // what the transform should have done is not done
  const { body } = await subject.send('GET', pathOf(target, '_doc', 'd8'));
  const version = /"_version":(\d+)/.exec(body.toString())?.[1];
  const old = '{"n":8,"title":"title 8"}';
  await overwrite(target, 'd8', old, `version_type=external_gte&version=${version}`);
  // one above ours: as a write in the follower's own shape has it
  await overwrite(target, 'd9', '{"n":9,"title":"foreign","up":1}');
  return [...DAMAGES.map(([kind]) => kind), 'd5', 'd6', 'd7', 'd8', 'd9'].sort();
}

/** Live writes, without deletes: those would make the coordinator look for what it should not have. */
function writeMeanwhile(subject: Subject): void {
  const stopping = new AbortController();
  const writing = (async () => {
    for (let n = 0; !stopping.signal.aborted; n++) {
      await subject.put(`w${n % 40}`, JSON.stringify({ n, title: `live ${n}` }));
      await sleep(4);
    }
  })();
  onTestFinished(async () => {
    stopping.abort();
    await writing;
  });
}

describe('a check of both indexes', () => {
  it.each([3, 2])(
    'from 2 shards to %i finds every kind of damage and nothing else, and --repair mends all of it',
    async (shards) => {
      const subject = await damagedSubject(shards);
      await subject.put('deleted', '{"n":-1}');
      subject.start('ready', { stay: true, leaseMs: 2_000 });
      await subject.until('ready', ({ phase }) => phase === 'ready');
      await subject.delete('deleted');
      await expect
        .poll(() => subject.sourceOf(subject.target, 'deleted'), { timeout: 20_000 })
        .toBe(undefined);
      writeMeanwhile(subject);
      expect(await check(subject)).toMatchObject({ findings: [], behind: 0, rejected: 0 });

      const byVersion = await damageVersions(subject);
      const byContent = await damageContents(subject);
      const whole = await check(subject);
      expect(idsOf(whole)).toEqual([...byVersion, ...byContent].sort());
      expect(whole).toMatchObject({ behind: 0, complete: true });
      expect(whole.compared).toBeGreaterThan(DOCUMENTS + DAMAGES.length);
      const kindOf = (id: string) =>
        whole.findings.filter((finding) => finding.id === id).map(({ kind }) => kind);
      expect(['d1', 'd4', 'd5', 'deleted'].flatMap(kindOf)).toEqual(['missing', 'stale', 'content', 'extra']);
      const fields = whole.findings.find(({ id }) => id === 'field-changed')?.fields;
      expect(fields).toEqual(['a: 2 -> 1']);

      // what has the right version is not looked into
      expect(idsOf(await check(subject, { level: 'stamps' }))).toEqual(byVersion);

      await subject.steer('verify');
      expect(await check(subject)).toMatchObject({ findings: [], behind: 0 });
    },
  );

  it('compares a sample', async () => {
    const subject = await damagedSubject();
    await subject.run('ready');
    await damage(subject, ['d0', '', '"n":"?"']);
    const { compared, findings } = await check(subject, { sample: 500 });
    expect(compared).toBe(500);
    expect(findings.length).toBeLessThanOrEqual(1);
    expect(idsOf(await check(subject, { sample: 10_000 }))).toEqual(['d0']);
  });
});

describe('after the switch', () => {
  it('the old index is compared with the new one', async () => {
    const subject = await Subject.create(cluster, {
      before: { mappings: PRICES.before },
      mappings: PRICES.after,
      migrations: PRICES.migrations,
    });
    await subject.fill(200, (n) => ({ n, price: `${n},50 EUR` }));
    subject.start('switched', { stay: true, leaseMs: 2_000 });
    await subject.until(
      'switched and verified',
      ({ record }) => record.leader === 'target' && record.state === 'mirroring' && record.verified,
    );
    await subject.put('since', { n: 1, price: 2.5 });
    expect(await check(subject)).toMatchObject({ findings: [], behind: 0 });
    await overwrite(subject.source, 'd1', '{"n":1,"price":"99,00 EUR"}');
    await subject.json('DELETE', pathOf(subject.source, '_doc', 'd2'));
    await overwrite(subject.source, 'extra', '{"n":1}');
    expect(idsOf(await check(subject))).toEqual(['d1', 'd2', 'extra']);
  });
});

describe('what is not on both, and rightly', () => {
  it('is counted: dropped by the transform, rejected by it; and it is no damage on the way back', async () => {
    const subject = await Subject.create(cluster, {
      before: { mappings: { dynamic: false } },
      mappings: { dynamic: false },
      migrations: { 2: { up: dropOrRefuse, down: (doc) => doc } },
    });
    await subject.fill(200, (n) => ({ n, old: n % 2 === 1 }));
    await subject.put('refused', '{}');
    subject.start('ready', { stay: true, leaseMs: 2_000, dropRejected: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    for (const level of ['content', 'stamps'] as const)
      expect(await check(subject, { level })).toMatchObject({ findings: [], dropped: 100, rejected: 1 });
    await subject.delete('refused');
    await subject.until('free of rejected documents', ({ rejected }) => rejected.count === 0);
    await subject.steer('switch');
    await subject.until('verified', ({ record }) => record.state === 'mirroring' && record.verified);
    expect(await check(subject)).toMatchObject({ findings: [], compared: 100, equal: 100, behind: 0 });
  });
});

function dropOrRefuse(doc: Record<string, unknown>): Record<string, unknown> | null {
  if (doc['n'] === undefined) throw new Error('no number');
  return doc['old'] === true ? null : doc;
}

describe('without damage', () => {
  it('nothing is found, however much is written and deleted', async () => {
    const subject = await Subject.create(cluster, {
      before: { settings: { number_of_shards: 2 }, mappings: PRICES.before },
      settings: { number_of_shards: 2 },
      mappings: PRICES.after,
      migrations: PRICES.migrations,
    });
    await subject.fill(500, (n) => ({ n, price: `${n},50 EUR` }));
    subject.start('ready', { stay: true, leaseMs: 2_000 });
    await subject.until('ready', ({ phase }) => phase === 'ready');
    // no multiple of five: so the documents that it deletes are there
    const options = { documents: 37, pauseMs: 2 };
    const workload = new Workload(cluster, subject.definition.aliases.write, options).start(3);
    onTestFinished(() => workload.stop());
    for (const level of ['stamps', 'content', 'stamps'] as const)
      expect(await check(subject, { level })).toMatchObject({ findings: [], behind: 0 });
  });

  it('what following has not reached is not called a difference, and is not hidden either', async () => {
    const subject = await damagedSubject();
    await subject.run('ready');
    await subject.put('d1', '{"n":-1}');
    await subject.put('new', '{"n":1}');
    expect(await check(subject)).toMatchObject({ findings: [], behind: 2, moving: 0 });
  });
});
