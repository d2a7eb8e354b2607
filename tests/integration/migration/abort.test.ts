// A migration is given up, or its readers are taken back, whatever state it is in and whatever has become of its index file.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import { loadRecord } from '../../../src/journal/journal.js';
import type { MigrationRecord } from '../../../src/protocol/record.js';
import { takeRecord } from '../../../src/coordinator/migration/succession/takeover.js';
import { engineUrls, testCluster } from '../engine.js';
import { Subject } from './harness.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const LONG = { properties: { n: { type: 'long' } } } as const;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

/** What has become of the index file since the migration was begun. */
const FILES = {
  'as it was': ({ definition: { name } }: Subject) =>
    JSON.stringify({ name, version: 2, settings: { number_of_replicas: 0 }, mappings: LONG }),
  broken: () => '{ "name": ',
  gone: () => undefined,
  'of another version': ({ definition: { name } }: Subject) =>
    JSON.stringify({ name, version: 3, mappings: LONG }),
  'of another schema': ({ definition: { name } }: Subject) =>
    JSON.stringify({ name, version: 2, mappings: { properties: { n: { type: 'keyword' } } } }),
  'of another index': ({ definition: { name } }: Subject) =>
    JSON.stringify({ name: `${name}-other`, version: 2, mappings: LONG }),
} as const;
type FileState = keyof typeof FILES;
const UNUSABLE = ['broken', 'gone', 'of another version', 'of another schema', 'of another index'] as const;

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** The command line in a folder with this index file. */
async function twindex(subject: Subject, file: FileState, ...args: string[]): Promise<Ran> {
  const cwd = await mkdtemp(join(tmpdir(), 'twindex-abort-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  const config = { cluster: { nodes: engineUrls }, indexes: ['./index.json'] };
  await writeFile(join(cwd, 'twindex.config.json'), JSON.stringify(config));
  const text = FILES[file](subject);
  if (text !== undefined) await writeFile(join(cwd, 'index.json'), text);
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args, subject.name], { cwd }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

async function subjectOf(settings: Record<string, unknown> = {}): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { mappings: { properties: { n: { type: 'integer' } } } },
    mappings: LONG,
    settings: settings as never,
  });
  await subject.fill(20, (n) => ({ n }));
  return subject;
}

/** As a coordinator leaves it that dies in this state. */
async function leftIn(change: Partial<MigrationRecord>, subject: Subject): Promise<void> {
  const found = await loadRecord(cluster, subject.name);
  if (!found) throw new Error('no record');
  const handle = await takeRecord(cluster, found.source, found);
  await handle.save({ ...change, holder: null, clean: true });
}

const STATES: Readonly<Record<string, () => Promise<Subject>>> = {
  'whose target the engine refuses to make': async () => {
    const subject = await subjectOf({
      analysis: { analyzer: { a: { type: 'custom', tokenizer: 'there-is-none' } } },
    });
    await expect(subject.run('ready')).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringContaining(`twindex abort ${subject.name}`) as string,
    });
    expect((await subject.status()).record.state).toBe('creating');
    return subject;
  },
  'that is copied': async () => {
    const subject = await subjectOf();
    const running = subject.start('ready', { throttle: { paused: true } });
    await subject.until('copying', ({ record }) => record.state === 'copying');
    await running.stop();
    return subject;
  },
  'whose target waits for a node': async () => {
    const subject = await subjectOf();
    await subject.run('ready');
    await leftIn({ state: 'restoring', verified: false }, subject);
    return subject;
  },
  'that is ready': async () => {
    const subject = await subjectOf();
    await subject.run('ready');
    return subject;
  },
  'that is about to move its readers': async () => {
    const subject = await subjectOf();
    await subject.run('ready');
    await leftIn({ state: 'movingReaders', goal: 'cutover' }, subject);
    return subject;
  },
  'that is given up already': async () => {
    const subject = await subjectOf();
    await subject.run('ready');
    await leftIn({ state: 'aborting', goal: 'aborted' }, subject);
    return subject;
  },
};

async function expectAborted(subject: Subject): Promise<void> {
  expect((await subject.status()).phase).toBe('aborted');
  expect(await indexAliases(cluster, subject.target)).toBeUndefined();
  const aliases = Object.keys((await indexAliases(cluster, subject.source)) ?? {});
  expect(aliases.sort()).toEqual([`${subject.name}-read`, `${subject.name}-write`]);
  await subject.put('still-written', { n: 5 });
}

describe('a migration', () => {
  it.each(Object.keys(STATES))('%s is given up without its index file', async (state) => {
    // the first state in all ways; of the others one each
    const files = state === Object.keys(STATES)[0] ? UNUSABLE : UNUSABLE.slice(0, 1);
    for (const file of files) {
      const subject = await (STATES[state] as () => Promise<Subject>)();
      const { code, output } = await twindex(subject, file, 'abort');
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('aborted') as string });
      await expectAborted(subject);
      expect(await twindex(subject, file, 'status')).toMatchObject({ code: 0 });
    }
  });

  it('that the engine refuses can be begun again once it is given up', async () => {
    const subject = await (STATES['whose target the engine refuses to make'] as () => Promise<Subject>)();
    expect((await twindex(subject, 'as it was', 'abort')).code).toBe(0);
    subject.definition = { ...subject.definition, settings: { number_of_replicas: 0 } };
    expect((await subject.run('ready')).phase).toBe('ready');
  });

  it('whose readers are on the target gives them back without its index file, and is given up then', async () => {
    for (const [n, file] of (['gone', 'of another version', 'broken'] as const).entries()) {
      const subject = await subjectOf();
      await subject.run('cutover');
      // as if its coordinator had died in a hold
      if (n === 2) await leftIn({ state: 'holding', goal: 'switched' }, subject);
      expect(await twindex(subject, file, 'pause')).toMatchObject({ code: 0 });
      const refused = await twindex(subject, file, 'abort');
      expect(refused.output).toContain(`twindex rollback ${subject.name}`);
      expect(refused.code).toBe(3);
      const back = await twindex(subject, file, 'rollback');
      expect(back).toMatchObject({ code: 0, output: expect.stringContaining('verifying') as string });
      expect(await indexAliases(cluster, subject.source)).toHaveProperty(`${subject.name}-read`);
      expect((await twindex(subject, file, 'abort')).code).toBe(0);
      await expectAborted(subject);
    }
  });

  it('whose writers are on the target needs its index file to go back', async () => {
    const subject = await subjectOf();
    await subject.run('switched');
    const refused = await twindex(subject, 'broken', 'abort');
    expect(refused).toMatchObject({ code: 3 });
    const back = await twindex(subject, 'broken', 'rollback');
    expect(back).toMatchObject({ code: 1, output: expect.stringContaining('index.json') as string });
    expect((await subject.status()).phase).toBe('switched');
    expect((await twindex(subject, 'as it was', 'rollback')).code).toBe(0);
    expect((await twindex(subject, 'gone', 'abort')).code).toBe(0);
    await expectAborted(subject);
  });

  it('that settles after the switch is refused to be given up, and told the way', async () => {
    const subject = await subjectOf();
    const running = subject.start('switched', { graceMs: 60_000 });
    await subject.until('settling', ({ record }) => record.state === 'settling');
    await running.stop();
    const { code, output } = await twindex(subject, 'gone', 'abort');
    expect(code).toBe(3);
    expect(output).toContain(`twindex rollback ${subject.name}`);
    expect(await twindex(subject, 'gone', 'status')).toMatchObject({ code: 0 });
  });
});
