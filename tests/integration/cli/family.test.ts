import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { withTwindex } from '../../../src/writers/client/withTwindex.js';
import { closeIndex } from '../../../src/cluster/indices/closeIndex.js';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { listWriters } from '../../../src/journal/writerDocuments.js';
import { findMembers } from '../../../src/plan/findMembers.js';
import { readIndexDefinition } from '../../../src/schema/indexSchema.js';
import { type Kind, KINDS } from '../client/clients.js';
import { testCluster, uniqueName } from '../engine.js';
import { printed } from './project.js';
import { FleetProject, KEYWORD, LONG, QUICK, SETTINGS, TO_THE_END } from './fleetProject.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

test('one file migrates all live members of its family, and leaves those to their files that have one', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b', 'own']) await fleet.live(part);
  await fleet.declare('*', 2, LONG);
  await fleet.declare('own', 1, KEYWORD);
  const { code, lines, summary } = await fleet.run('migrate', 'NAME-*', ...TO_THE_END);
  expect({ code, summary }).toMatchObject({ code: 0, summary: { done: ['a', 'b'], unchanged: ['own'] } });
  expect(lines.filter(({ event }) => event === 'plan')).toMatchObject([
    { plan: { target: { index: 'a-v2' } } },
    { plan: { target: { index: 'b-v2' } } },
    { plan: { kind: 'nothing' } },
  ]);
  expect(await fleet.behind('a', 'write')).toEqual(['a-v2']);
  // by one member's name everything is as with a file of its own
  await fleet.declare('*', 3, KEYWORD);
  const one = await fleet.project.run('migrate', 'NAME-a', ...TO_THE_END);
  expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('NAME-a: finalized') as string });
  expect([await fleet.behind('a', 'write'), await fleet.behind('b', 'write')]).toEqual([['a-v3'], ['b-v2']]);
});

test('a member whose migration nobody coordinates is steered by its name', async () => {
  const fleet = await FleetProject.create();
  await fleet.live('a');
  await fleet.declare('*', 2, LONG);
  await fleet.run('migrate', '--all', ...QUICK, '--until', 'ready');
  expect(await fleet.project.run('abort', 'NAME-a')).toMatchObject({ code: 0 });
  expect((await fleet.project.state()).map(({ index }) => index)).toEqual([fleet.nameOf('a-v1')]);
});

test('a family without members is said, and is no error but where it was asked for', async () => {
  const fleet = await FleetProject.create();
  await fleet.live('own');
  await fleet.declare('own', 1, KEYWORD);
  await fleet.declare('x-*', 1, KEYWORD);
  const note = 'no index matches NAME-x-*, so FOLDER/indexes/x-family.json declares no index at present\n';
  expect(await fleet.project.run('plan', '--check')).toMatchObject({ code: 0, stderr: note });
  expect(await fleet.project.run('migrate', '--all', '--yes')).toMatchObject({ code: 0, stderr: note });
  expect(await fleet.project.run('migrate', 'NAME-x-*', '--yes')).toMatchObject({
    code: 1,
    stderr: note + printed('usage', 'no declared index has a name like NAME-x-*; declared are: NAME-own'),
  });
  expect(await fleet.project.run('migrate', 'NAME-x-a', '--yes')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NAME-x-a would belong to the family NAME-x-* of ') as string,
  });
});

test('members are found by alias, by name, closed or hidden behind an alias, and what is hidden is none', async () => {
  const cluster = await testCluster();
  const name = uniqueName('family');
  const make = (index: string, aliases: Record<string, object> = {}, settings: object = {}) =>
    createIndex(cluster, `${name}${index}`, {
      settings: { ...SETTINGS, ...settings },
      mappings: {},
      aliases,
    });
  await make('-old', { [`${name}-t-alias-read`]: {} });
  await make('-t-named-v4');
  await make('-t-bare');
  await make('-t-closed-v1');
  await closeIndex(cluster, `${name}-t-closed-v1`);
  await make('-t-hidden-v1', { [`${name}-t-hidden-write`]: {} }, { hidden: true });
  await make('-t-scratch', {}, { hidden: true });
  await make('-other', { [`${name}-other-read`]: {} });
  const read = readIndexDefinition({ file: 'f.ts', value: { name: `${name}-t-*`, version: 1 } }, 'f.ts');
  const families = 'family' in read ? [read.family] : [];
  const { definitions, notes } = await findMembers(cluster, { indexes: [], families });
  expect(definitions.map((each) => each.name.replace(`${name}-t-`, ''))).toEqual([
    'alias',
    'bare',
    'closed',
    'hidden',
    'named',
  ]);
  expect(notes).toEqual([]);
});

test('a gateway and a client library write for the members that are there when they start', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) await fleet.live(part);
  await fleet.declare('*', 2, LONG);
  const names = [fleet.nameOf('a'), fleet.nameOf('b')];
  const registered = async () =>
    (await listWriters(await testCluster()))
      .filter((writer) => writer.names.includes(fleet.nameOf('a')))
      .map((writer) => ({ type: writer.type, names: writer.names }));
  const gateway = spawn(process.execPath, [MAIN, 'gateway', '--port', '0'], {
    cwd: fleet.project.folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void gateway.kill('SIGKILL'));
  await createInterface({ input: gateway.stdout })[Symbol.asyncIterator]().next();
  expect(await registered()).toEqual([{ type: 'gateway', names }]);
  // the copies of what is written come through it, and in the end it hands on again
  const { code, lines } = await fleet.run('migrate', '--all', ...QUICK);
  expect(code).toBe(0);
  expect(lines.filter(({ text }) => text === 'writes go to both indexes now')).toHaveLength(2);
  gateway.kill('SIGTERM');
  await once(gateway, 'close');
  const [kind] = KINDS as readonly [Kind];
  const indexes = [{ name: fleet.nameOf('*'), version: 2 }];
  const client = await withTwindex(kind.open(), { indexes });
  expect(await registered()).toEqual([{ type: 'client', names }]);
  await client.close();
});
