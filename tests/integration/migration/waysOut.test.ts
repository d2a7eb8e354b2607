// Somebody changes by hand what a migration needs. Each row of the table in scripts/waysOut.js: the command that can't go on names the
// way out, and the way out leads to applications that work. WAYS='ready: v1,one-alias' runs the rows that begin so.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, connect } from '../../../src/cluster/cluster.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { startEngine } from '../../../src/localEngine/startEngine.js';
import { loadRecord } from '../../../src/journal/journal.js';
import { feedPrefix, JOURNAL, recordId, tokenPrefix } from '../../../src/protocol/names.js';
import { FREE, type MigrationRecord } from '../../../src/protocol/record.js';
import { takeRecord } from '../../../src/coordinator/migration/succession/takeover.js';
import { Command, type Ended } from '../cases/twindex.js';
import { isNight } from '../../nightly.js';
import { engineName, engineUrls, liveDocuments, testCluster } from '../engine.js';
import { Subject } from './harness.js';
import { eventually } from '../../eventually.js';

interface WayOut {
  readonly layout: MigrationRecord['layout'] | 'two-clusters';
  readonly state: string;
  readonly change: string;
  readonly ways: readonly string[];
  readonly keeps: 'all' | 'copied' | 'leader';
}

const script = (await import(new URL('../../../scripts/waysOut.js', import.meta.url).href)) as {
  readonly WAYS_OUT: readonly WayOut[];
};

let other: ReturnType<typeof startOther> | undefined;

/** Another cluster, of the same engine; started when a row needs it. */
async function otherCluster(): Promise<Cluster> {
  other ??= startOther();
  return (await other).cluster;
}

async function startOther() {
  const { version } = (await testCluster()).engine;
  const engine = await startEngine(`${engineName}@${version}`, { heapMb: 512 });
  return { cluster: await connect({ nodes: engine.urls }), engine };
}

afterAll(async () => {
  const started = await other;
  await started?.cluster.close();
  await started?.engine.stop();
});

const DOCUMENTS = 20;
const LONG = { properties: { n: { type: 'long' } } } as const;
const WITHIN_MS = 240_000;
const NAMED_MS = 60_000;

class Scene {
  /** Of the journal and of the target. */
  readonly cluster: Cluster;
  /** In the cluster of the source, which is another one with `two-clusters`. */
  readonly subject: Subject;
  readonly config: string;
  readonly folder: string;
  /** The journal's document as it was when the migration was ready. */
  older: MigrationRecord | undefined;
  /** Documents that were acknowledged. */
  readonly ids = new Set<string>();

  private constructor(cluster: Cluster, subject: Subject, folder: string) {
    this.cluster = cluster;
    this.subject = subject;
    this.folder = folder;
    this.config = join(folder, 'twindex.config.json');
  }

  static async create(layout: WayOut['layout']): Promise<Scene> {
    const cluster = await testCluster();
    const isBetween = layout === 'two-clusters';
    const subject = await Subject.create(isBetween ? await otherCluster() : cluster, {
      layout: isBetween ? 'two-aliases' : layout,
      before: { mappings: { properties: { n: { type: 'integer' } } } },
      mappings: LONG,
    });
    const folder = await mkdtemp(join(tmpdir(), 'twindex-ways-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const scene = new Scene(cluster, subject, folder);
    const nodes = { cluster: { nodes: engineUrls, maxRetries: 0 } };
    const source = isBetween ? { source: { nodes: subject.cluster.connection.urls } } : {};
    await writeFile(scene.config, JSON.stringify({ ...nodes, ...source, indexes: ['./index.json'] }));
    await scene.declare(2);
    await subject.fill(DOCUMENTS, (n) => ({ n }));
    for (let n = 0; n < DOCUMENTS; n++) scene.ids.add(`d${n}`);
    return scene;
  }

  async declare(version: number): Promise<void> {
    const { name, definition } = this.subject;
    const { aliases } = definition;
    const content = { name, version, aliases, settings: { number_of_replicas: 0 }, mappings: LONG };
    await writeFile(join(this.folder, 'index.json'), JSON.stringify(content));
  }

  named(text: string): string {
    const { name, source, target } = this.subject;
    return text.replaceAll('V1', source).replaceAll('V2', target).replaceAll('NAME', name);
  }

  async twindex(...args: readonly string[]): Promise<Ended> {
    return await new Command([...args, '--config', this.config]).end(WITHIN_MS);
  }

  async migrate(until = 'ready'): Promise<Ended> {
    const { name, layout } = this.subject;
    const forGood = layout === 'bare-index' ? ['--allow-no-way-back'] : [];
    const times = ['--grace', '300ms', '--max-lag', '30s', '--max-write-pause', '20s'];
    return await this.twindex('migrate', name, '--yes', '--until', until, '--no-stay', ...times, ...forGood);
  }

  /** As somebody does it who uses the engine directly. @throws for everything but a success */
  async request(text: string): Promise<void> {
    const [, method, path, body] = /^(\w+) (\S+)(?: (.*))?$/s.exec(text) ?? [];
    const at = text.includes(this.subject.source) ? this.subject.cluster : this.cluster;
    await at.connection.json({ method: method as 'POST', path: path as string, body });
  }

  async record(): Promise<MigrationRecord | undefined> {
    return (await loadRecord(this.cluster, this.subject.name))?.source;
  }

  /** Where clients go, as gateways send them, or hooks. */
  async clients(): Promise<Cluster> {
    return (await this.record())?.leader === 'target' ? this.cluster : this.subject.cluster;
  }

  async leftIn(change: Partial<MigrationRecord>): Promise<void> {
    const found = await loadRecord(this.cluster, this.subject.name);
    if (!found) throw new Error('no record');
    const handle = await takeRecord(this.cluster, found.source, found);
    await handle.save({ ...change, holder: null, clean: true });
  }
}

async function come(scene: Scene, until: 'ready' | 'cutover' | 'switched'): Promise<void> {
  const { subject } = scene;
  if (subject.cluster !== scene.cluster) {
    const { exit, output } = await scene.migrate(until);
    expect({ exit, output }).toMatchObject({ exit: 0 });
    return;
  }
  await subject.run('ready');
  scene.older = await scene.record();
  if (until === 'ready') return;
  if (subject.layout === 'two-aliases') await subject.run('cutover');
  if (until === 'cutover') return;
  // until the old index is kept in sync
  const running = subject.start('switched', { stay: true });
  await subject.until(
    'settled',
    ({ phase, record }) => phase === 'switched' && record.state === 'mirroring' && record.verified,
  );
  await running.stop();
}

const STATES: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  copying: async (scene) => {
    const { subject } = scene;
    const running = subject.start('ready', { throttle: { paused: true } });
    await subject.until('copying', ({ record }) => record.state === 'copying' && record.holder !== null);
    await running.stop();
    await scene.leftIn({ throttle: FREE });
  },
  ready: (scene) => come(scene, 'ready'),
  cutover: (scene) => come(scene, 'cutover'),
  switched: (scene) => come(scene, 'switched'),
  settling: async (scene) => {
    await come(scene, 'cutover');
    const running = scene.subject.start('switched', { graceMs: 5_000 });
    await scene.subject.until('settling', ({ record }) => record.state === 'settling');
    await running.stop();
  },
  finalizing: async (scene) => {
    await come(scene, 'switched');
    await scene.leftIn({ state: 'finalizing', goal: 'finalized' });
  },
  aborting: async (scene) => {
    await come(scene, 'ready');
    await scene.leftIn({ state: 'aborting', goal: 'aborted' });
  },
};

type Change = (scene: Scene) => Promise<void>;

const requests =
  (...texts: readonly string[]): Change =>
  async (scene) => {
    for (const text of texts) await scene.request(scene.named(text));
  };

async function aliasOwner({ subject }: Scene, alias: string): Promise<string> {
  const onTarget = (await indexAliases(subject.cluster, subject.target)) ?? {};
  return alias in onTarget ? subject.target : subject.source;
}

async function move(scene: Scene, kind: 'read' | 'write'): Promise<void> {
  const { subject } = scene;
  const alias = subject.definition.aliases[kind];
  const from = await aliasOwner(scene, alias);
  const to = from === subject.source ? subject.target : subject.source;
  const actions = [{ remove: { index: from, alias } }, { add: { index: to, alias, is_write_index: true } }];
  await subject.json('POST', '/_aliases', { actions });
}

async function moveAndWrite(scene: Scene): Promise<void> {
  await move(scene, 'write');
  await scene.subject.put('written-after-the-move', { n: 1 });
  scene.ids.add('written-after-the-move');
}

/** Between clusters. */
async function giveToFollower(scene: Scene): Promise<void> {
  const { source, target, definition, cluster } = scene.subject;
  const isBack = (await scene.record())?.leader === 'target';
  const [at, index] = isBack ? [cluster, source] : [scene.cluster, target];
  const alias = definition.aliases.write;
  const actions = [{ add: { index, alias, is_write_index: true } }];
  await at.connection.json({ method: 'POST', path: '/_aliases', body: { actions } });
  const path = `/${alias}/_doc/written-past-the-leader`;
  await at.connection.json({ method: 'PUT', path, body: { n: 1 } });
  scene.ids.add('written-past-the-leader');
}

async function remove(scene: Scene, kind: 'read' | 'write'): Promise<void> {
  const alias = scene.subject.definition.aliases[kind];
  const index = await aliasOwner(scene, alias);
  await scene.subject.json('POST', '/_aliases', { actions: [{ remove: { index, alias } }] });
}

async function closeWrites(scene: Scene): Promise<void> {
  const alias = scene.subject.definition.aliases.write;
  const index = await aliasOwner(scene, alias);
  const actions = [{ add: { index, alias, is_write_index: false } }];
  await scene.subject.json('POST', '/_aliases', { actions });
}

async function removeOurs(scene: Scene, indexes: readonly string[], prefix: string): Promise<void> {
  const { cluster } = scene.subject;
  for (const index of indexes)
    for (const alias of Object.keys((await indexAliases(cluster, index)) ?? {}))
      if (alias.startsWith(prefix))
        await scene.subject.json('POST', '/_aliases', { actions: [{ remove: { index, alias } }] });
}

const recordPath = ({ subject }: Scene): string =>
  `/${JOURNAL}/_doc/${encodeURIComponent(recordId(subject.name))}`;

const CHANGES: Readonly<Record<string, Change>> = {
  'v1 deleted': requests('DELETE /V1'),
  'v2 deleted': requests('DELETE /V2'),
  'v1 replaced': requests('DELETE /V1', 'PUT /V1'),
  'v2 replaced': requests('DELETE /V2', 'PUT /V2'),
  'v1 closed': requests('POST /V1/_close'),
  'v2 closed': requests('POST /V2/_close'),
  'v1 read-only': requests('PUT /V1/_settings {"index.blocks.read_only":true}'),
  'v2 read-only': requests('PUT /V2/_settings {"index.blocks.read_only":true}'),
  'write alias moved': moveAndWrite,
  'write alias given to the follower': giveToFollower,
  'alias moved': moveAndWrite,
  'read alias moved': (scene) => move(scene, 'read'),
  'write alias removed': (scene) => remove(scene, 'write'),
  'alias removed': (scene) => remove(scene, 'write'),
  'write alias closed': closeWrites,
  'alias closed': closeWrites,
  'write alias replaced': async (scene) => {
    await remove(scene, 'write');
    await requests('PUT /NAME-write')(scene);
  },
  'read alias removed': (scene) => remove(scene, 'read'),
  'read alias on a third index': requests('PUT /NAME-third {"aliases":{"NAME-read":{}}}'),
  'feed removed': async (scene) => {
    const { name, source, target } = scene.subject;
    await removeOurs(scene, [source, target], feedPrefix(name));
  },
  'token removed': (scene) => removeOurs(scene, [JOURNAL], tokenPrefix(scene.subject.name)),
  'record deleted': (scene) => scene.request(`DELETE ${recordPath(scene)}`),
  'record damaged': (scene) =>
    scene.request(`PUT ${recordPath(scene)} {"kind":"migration","name":"${scene.subject.name}"}`),
  'journal older': (scene) => scene.request(`PUT ${recordPath(scene)} ${JSON.stringify(scene.older)}`),
};

/** `migrate` and `status` are what somebody tries first. */
async function expectNamed(scene: Scene, { state, change, ways }: WayOut): Promise<void> {
  const [way] = ways as [string];
  if (way.startsWith('twindex migrate')) return;
  const isOnlyShown = ['read-only', 'alias closed'].some((part) => change.includes(part));
  // a move shows that the aliases can't be moved
  const isForMoves = ['third', 'alias removed', 'alias replaced'].some((part) => change.includes(part));
  let output = '';
  const isNamed = async (): Promise<boolean> => {
    // A block is waited for, and a closed alias stops nobody but the writers: only status tells of them.
    const tried = isOnlyShown
      ? undefined
      : await scene.migrate(isForMoves ? (state === 'switched' ? 'finalized' : 'switched') : 'ready');
    const status = await scene.twindex('status', scene.subject.name);
    output = `${tried?.output ?? ''}${status.output}`;
    if (!output.includes(scene.named(way))) return false;
    expect(tried?.exit).not.toBe(0);
    return true;
  };
  await eventually(() => `${scene.named(way)} is named in:\n${output}`, isNamed, NAMED_MS);
}

async function take(scene: Scene, way: string): Promise<void> {
  const named = scene.named(way);
  if (!named.startsWith('twindex ')) {
    await scene.request(named);
    return;
  }
  const [, command, ...args] = named.split(' ') as [string, string, ...string[]];
  if (command === 'migrate') {
    const { goal = 'ready' } = (await scene.record()) ?? {};
    const until = goal === 'aborted' ? 'ready' : goal;
    const { exit, output } = await scene.migrate(until);
    expect({ exit, output }).toMatchObject({ exit: 0 });
    return;
  }
  if (command === 'resume') {
    // it stays, like migrate
    const resumed = new Command(['resume', ...args, '--config', scene.config]);
    const goesOn = async (): Promise<boolean> => (await scene.record())?.halted === null;
    await eventually(`${named} puts the aliases back`, goesOn, WITHIN_MS);
    await resumed.stop();
    return;
  }
  const agreed = command === 'finalize' ? ['--yes'] : [];
  const { exit, output } = await scene.twindex(command, ...args, ...agreed);
  expect({ exit, output }).toMatchObject({ exit: 0 });
}

/** Readers find what was acknowledged, writers are served, and the index can be migrated again. */
async function expectWorking(scene: Scene, keeps: WayOut['keeps']): Promise<void> {
  const { subject } = scene;
  const { read, write } = subject.definition.aliases;
  const ask = async <T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<T> =>
    (await scene.clients()).connection.json<T>({ method, path, body });
  await ask('PUT', `/${write}/_doc/afterwards?refresh=true`, { n: 1 });
  scene.ids.add('afterwards');
  const record = await scene.record();
  const isOver = record?.state === 'aborted' || record?.state === 'finalized';
  // one that goes on is brought to its end
  if (!isOver) {
    const { exit, output } = await scene.migrate('finalized');
    expect({ exit, output }).toMatchObject({ exit: 0 });
  }
  const found = [...(await liveDocuments(await scene.clients(), read)).keys()];
  if (keeps === 'leader') scene.ids.delete('written-after-the-move');
  if (keeps !== 'copied') expect(found).toEqual([...scene.ids].sort());
  expect(found).toContain('afterwards');
  await scene.declare(3);
  const again = await scene.migrate('switched');
  expect(again).toMatchObject({ exit: 0 });
  const { count } = await ask<{ count: number }>('GET', `/${subject.name}-v3/_count`);
  expect(count).toBe(found.length);
}

const titleOf = ({ layout, state, change }: WayOut): string =>
  `${layout === 'two-aliases' ? '' : `${layout} `}${state}: ${change}`;

describe('there is a way out', () => {
  const { WAYS = '' } = process.env;
  const wanted = WAYS.split(',');
  // `npm test` takes every twentieth row, and `npm run test:nightly` all of them.
  const isShort = WAYS === '' && !isNight;
  const rows = script.WAYS_OUT.filter(
    (row, n) => (!isShort || n % 20 === 2) && wanted.some((beginning) => titleOf(row).startsWith(beginning)),
  );
  it.each(rows.map((row) => [titleOf(row), row] as const))('%s', async (_, row) => {
    const scene = await Scene.create(row.layout);
    await (STATES[row.state] as (typeof STATES)[string])(scene);
    await (CHANGES[row.change] as Change)(scene);
    await expectNamed(scene, row);
    for (const way of row.ways) await take(scene, way);
    await expectWorking(scene, row.keeps);
  });
});
