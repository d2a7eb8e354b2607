import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startFront } from '../../front.js';
import { engineUrls, testCluster } from '../engine.js';
import type { ErrorCode } from '../../../src/errors.js';
import { liveProject, printed, Project } from './project.js';

const [upstream] = engineUrls;
const DOUBLE = { properties: { price: { type: 'double' } } };

test('an engine that is down: the address, and what to check', async () => {
  const project = await Project.create({ nodes: ['http://127.0.0.1:1'] });
  for (const args of [
    ['plan'],
    ['migrate', 'NAME', '--yes'],
    ['status'],
    ['cutover', 'NAME'],
    // not twindex's own version
    ['writers', 'NAME', '--version', '2'],
  ]) {
    const { code, stdout, stderr } = await project.runProcess(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      'error[unreachable]: cannot connect to http://127.0.0.1:1: nothing listens there',
    );
    expect(stderr).toContain('in cluster.nodes (twindex.config.json).\n');
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  }
});

test('with --json an error is one object as the last line of stdout, too', async () => {
  const project = await Project.create({ nodes: ['http://127.0.0.1:1'] });
  const { stdout } = await project.runProcess('plan', '--json');
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({
    error: {
      code: 'unreachable',
      message: expect.stringContaining('cannot connect') as string,
      hint: expect.stringContaining('cluster.nodes') as string,
    },
  });
});

test('wrong credentials: what to check, and never the password', async () => {
  const front = await startFront({ upstream, auth: 'Basic cmlnaHQ6cmlnaHQ=' });
  const project = await Project.create({
    nodes: [front.url],
    auth: { username: 'me', password: 'secret-word' },
  });
  const { code, stdout, stderr } = await project.run('migrate', 'NAME', '--yes');
  await front.close();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('401');
  expect(stderr).toContain('Check user and password in cluster.auth (twindex.config.json).');
  expect(stderr).not.toContain('secret-word');
  expect(await project.state()).toEqual([]);
});

test('a version that twindex does not know: which it is, and which it works with', async () => {
  const old = JSON.stringify({ nodes: { a: { version: '1.3.20' } } });
  const front = await startFront({ upstream, intercept: () => ({ type: 'answer', status: 200, body: old }) });
  const project = await Project.create({ nodes: [front.url] });
  const { code, stderr } = await project.run('plan');
  await front.close();
  expect(code).toBe(1);
  expect(stderr).toContain('1.3.20');
  expect(stderr).toContain('twindex works with OpenSearch 2.12 and later and Elasticsearch 7.17 and later.');
});

test('a full disk (read_only_allow_delete on the source): what it means, and nothing is changed', async () => {
  const project = await liveProject();
  await project.declare(2, DOUBLE);
  const { connection } = await testCluster();
  const block = (value: true | null) =>
    connection.json({
      method: 'PUT',
      path: `/${project.name}-v1/_settings`,
      body: { 'index.blocks.read_only_allow_delete': value },
    });
  await block(true);
  const before = await project.state();
  const { code, stderr } = await project.run('migrate', 'NAME', '--yes');
  const after = await project.state();
  await block(null);
  expect(after).toEqual(before);
  expect(code).toBe(3);
  expect(stderr).toBe(
    printed(
      'plan_blocked',
      "NAME can't be migrated, nothing was changed: NAME-v1 has the block index.blocks.read_only_allow_delete: " +
        'the disk of one of its nodes is (or was) over the flood-stage watermark. Free space first; then remove the block: ' +
        'PUT /NAME-v1/_settings {"index.blocks.read_only_allow_delete":null}.',
    ),
  );
});

test.each<[string[], string, ErrorCode?]>([
  [['plna'], "unknown command 'plna' (Did you mean plan?). See twindex --help."],
  [['cutover'], "missing required argument 'name'. See twindex cutover --help."],
  [['plan', '--chekc'], "unknown option '--chekc' (Did you mean --check?). See twindex plan --help."],
  [
    ['migrate', 'NAME', '--grace', '60'],
    '--grace: "60" is not a duration. Write a number with its unit: 500ms, 2s, 5m, 72h or 3d.',
  ],
  [['migrate', 'NAME', '--max-rejected', 'many'], '--max-rejected: "many" is not a whole number'],
  [['plan', 'other'], 'no index file declares other; declared are: NAME', 'not_found'],
])('%j: the message says what is wrong', async (args, message, code = 'usage') => {
  const project = await Project.create();
  expect(await project.run(...args)).toEqual({ code: 1, stdout: '', stderr: printed(code, message) });
});

test('a migration that is not there can not be steered, and status says so, too', async () => {
  const project = await Project.create();
  expect(await project.run('cutover', 'NAME')).toMatchObject({
    code: 1,
    stderr: printed('not_found', 'no migration of NAME is under way. See: twindex status NAME'),
  });
  const { code, stdout, stderr } = await project.run('status', 'NAME');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^error\[not_found\]: the journal of this cluster has no migration of NAME\. .*twindex plan NAME\n/,
  );
});

test('a slow cluster: status says so soon, and waits for the answer', async () => {
  const front = await startFront({
    upstream,
    intercept: ({ path }) =>
      path.startsWith('/_cluster/state') ? { type: 'delay', until: sleep(5_000) } : undefined,
  });
  const project = await Project.create({ nodes: [front.url] });
  const { code, stdout, stderr } = await project.run('status', 'NAME');
  await front.close();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('the journal of this cluster has no migration of NAME');
  expect(stderr).toMatch(
    /the cluster does not answer.*\nAsking again, and waiting up to 30 s for each answer/,
  );
});
