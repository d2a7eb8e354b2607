import { expect, test } from 'vitest';
import { testCluster } from '../engine.js';
import { FleetProject, KEYWORD, type Line, LONG, QUICK, TO_THE_END } from './fleetProject.js';

/** The most migrations that had begun and not ended at the same time, by their events. */
function mostAtOnce(lines: readonly Line[]): number {
  const underWay = new Set<string>();
  let most = 0;
  for (const { event, migration, name } of lines) {
    if (event === 'result' && name !== undefined) underWay.delete(name);
    else if (event === 'state' && migration !== undefined) underWay.add(migration);
    most = Math.max(most, underWay.size);
  }
  return most;
}

test('all that are declared are brought to it, each by what it needs, no more at once than may be', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b', 'c', 'plain', 'same']) await fleet.live(part);
  for (const part of ['a', 'b', 'c']) await fleet.declare(part, 2, LONG);
  await fleet.declare('new', 1, KEYWORD);
  await fleet.declare('plain', 1, { properties: { ...KEYWORD.properties, title: { type: 'text' } } });
  await fleet.declare('same', 1, KEYWORD);
  const { code, lines, summary } = await fleet.run('migrate', '--all', ...TO_THE_END, '--at-once', '2');
  expect({ code, summary }).toMatchObject({
    code: 0,
    summary: {
      done: ['a', 'b', 'c', 'new', 'plain'],
      unchanged: ['same'],
      needsYou: [],
      failed: [],
      interrupted: [],
    },
  });
  expect(lines.filter(({ event }) => event === 'plan')).toHaveLength(6);
  expect(lines.filter(({ event, phase }) => event === 'result' && phase === 'finalized')).toHaveLength(3);
  expect(mostAtOnce(lines)).toBe(2);
  for (const part of ['a', 'b', 'c']) expect(await fleet.behind(part, 'read')).toEqual([`${part}-v2`]);
  expect(await fleet.behind('new', 'write')).toEqual(['new-v1']);
  const status = await fleet.project.run('status', 'NAME-*', '--json');
  const { migrations } = JSON.parse(status.stdout) as { migrations: { name: string }[] };
  expect(migrations.map(({ name }) => name)).toEqual(['NAME-a', 'NAME-b', 'NAME-c']);
  const again = await fleet.project.run('migrate', '--all', '--yes');
  expect(again.code).toBe(0);
  expect(again.stdout).toContain('\n6 indexes: 6 as declared already\n');
});

test('one that is blocked and one whose documents are refused do not stop the others', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'blocked', 'z']) await fleet.live(part);
  await fleet.live('refused', { prices: (n) => (n % 5 === 0 ? 'none' : `${n}`) });
  for (const part of ['a', 'refused', 'z']) await fleet.declare(part, 2, LONG);
  await fleet.declare('blocked', 1, LONG);
  const args = ['migrate', 'NAME-*', ...TO_THE_END, '--at-once', '2', '--max-rejected', '3'];
  const { code, summary } = await fleet.run(...args);
  expect(code).toBe(1);
  expect(summary).toMatchObject({
    done: ['a', 'z'],
    failed: [
      {
        name: 'blocked',
        code: 'plan_blocked',
        message: expect.stringContaining('Raise `version` to 2') as string,
      },
      {
        name: 'refused',
        code: 'too_many_rejected',
        message: expect.stringContaining('more than 3') as string,
      },
    ],
  });
  expect(await fleet.behind('refused', 'write')).toEqual(['refused-v1']);
  expect(await fleet.behind('z', 'write')).toEqual(['z-v2']);
  const { stdout, stderr } = await fleet.project.run(...args);
  expect(stdout).toContain('\n4 indexes: 2 as declared already, 2 failed\n');
  expect(stdout).toContain('  failed        NAME-blocked: NAME-blocked can');
  expect(stderr).toContain('NAME-refused: failed: ');
  expect((await fleet.project.run('abort', 'NAME-refused')).code).toBe(0);
});

test('what waits for a person frees its place: the others are begun, and summary and exit code say so', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) await fleet.live(part, { prices: (n) => (n === 7 ? 'none' : `${n}`) });
  for (const part of ['c', 'd']) await fleet.live(part);
  for (const part of ['a', 'b', 'c', 'd']) await fleet.declare(part, 2, LONG);
  const { code, summary } = await fleet.run('migrate', 'NAME-*', ...TO_THE_END, '--at-once', '2');
  expect(code).toBe(3);
  const message = expect.stringContaining('1 document is rejected by') as string;
  expect(summary).toEqual({
    done: ['c', 'd'],
    unchanged: [],
    needsYou: [
      { name: 'a', message },
      { name: 'b', message },
    ],
    failed: [],
    interrupted: [],
  });
  expect(await fleet.behind('a', 'write')).toEqual(['a-v1']);
  expect(await fleet.behind('d', 'write')).toEqual(['d-v2']);
});

test('one that somebody pauses frees its place, too', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) {
    await fleet.live(part);
    await fleet.declare(part, 2, LONG);
  }
  const running = fleet.start('migrate', '--all', ...TO_THE_END, '--at-once', '1', '--max-docs', '5/s');
  await running.until(({ event, to }) => event === 'state' && to === 'copying');
  expect((await fleet.project.run('pause', 'NAME-a')).code).toBe(0);
  const { code, last } = await running.end();
  expect(code).toBe(3);
  const message = expect.stringContaining('twindex resume') as string;
  expect(last).toMatchObject({ done: [fleet.nameOf('b')], needsYou: [{ name: fleet.nameOf('a'), message }] });
});

test('where the only ones that fail are blocked the exit code is 3, and nothing is asked or changed', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) await fleet.live(part);
  await fleet.declare('a', 1, LONG);
  await fleet.declare('b', 1, KEYWORD);
  const { code, summary } = await fleet.run('migrate', '--all');
  expect(code).toBe(3);
  expect(summary).toMatchObject({ unchanged: ['b'], failed: [{ name: 'a', code: 'plan_blocked' }] });
});

test('one that somebody else coordinates fails with exit code 4; the others are done', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) {
    await fleet.live(part);
    await fleet.declare(part, 2, LONG);
  }
  const other = fleet.start('migrate', 'NAME-a', ...QUICK, '--until', 'ready');
  await other.until(({ event, phase }) => event === 'reached' && phase === 'ready');
  const { code, summary } = await fleet.run('migrate', 'NAME-a', 'NAME-b', ...QUICK);
  expect(code).toBe(4);
  expect(summary).toMatchObject({ done: ['b'], failed: [{ name: 'a', code: 'lease_held' }] });
  expect((await other.stop('SIGTERM')).code).toBe(130);
  expect((await fleet.run('migrate', '--all', ...QUICK)).summary).toMatchObject({
    done: ['a'],
    unchanged: ['b'],
  });
});

test('one that is no longer what its plan was shown for is left alone, and fails', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) {
    await fleet.live(part);
    await fleet.declare(part, 2, LONG);
  }
  const running = fleet.start('migrate', '--all', ...TO_THE_END, '--at-once', '1');
  await running.until(({ event }) => event === 'state');
  const { connection } = await testCluster();
  await connection.json({ method: 'DELETE', path: `/${fleet.nameOf('b-v1')}` });
  const { code, last } = await running.end();
  expect(code).toBe(3);
  const message = expect.stringContaining(
    '(new-version then, create now). twindex has changed nothing.',
  ) as string;
  expect(last).toMatchObject({ failed: [{ name: fleet.nameOf('b'), code: 'plan_stale', message }] });
  expect((await fleet.project.state()).map(({ index }) => index)).toEqual([fleet.nameOf('a-v2')]);
});

test('what is interrupted says so of what was under way and of what was not begun, and goes on when run again', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) {
    await fleet.live(part);
    await fleet.declare(part, 2, LONG);
  }
  const running = fleet.start('migrate', '--all', ...QUICK, '--grace', '20s', '--at-once', '1');
  await running.until(({ event }) => event === 'state');
  const { code, last } = await running.stop('SIGINT');
  expect(code).toBe(130);
  expect(last).toMatchObject({ event: 'summary', interrupted: [fleet.nameOf('a'), fleet.nameOf('b')] });
  expect((await fleet.run('migrate', '--all', ...QUICK)).summary.done).toEqual(['a', 'b']);
});

test('where documents change their shape all go to ready, nobody stays, and --until takes all further', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) {
    await fleet.live(part);
    const name = JSON.stringify(fleet.nameOf(part));
    await fleet.project.write(
      `indexes/${part}.mjs`,
      `export default { name: ${name}, version: 2, settings: { number_of_replicas: 0 }, mappings: ${JSON.stringify(LONG)},
         migrations: { 2: { up: (doc) => ({ ...doc, price: Number(doc.price) }), down: (doc) => ({ ...doc, price: String(doc.price) }) } } }`,
    );
  }
  const { code, stdout } = await fleet.project.run('migrate', '--all', ...QUICK);
  expect(code).toBe(0);
  expect(stdout).toContain('  ready         NAME-a, NAME-b\n');
  expect(stdout).toContain('Not kept in sync from now on: NAME-a, NAME-b.');
  expect(await fleet.behind('a', 'read')).toEqual(['a-v1']);
  const moved = await fleet.project.run('migrate', '--all', ...QUICK, '--until', 'cutover');
  expect(moved.stdout).toContain('WARNING: readers and writers of NAME-a, NAME-b are on different indexes');
  expect(await fleet.behind('a', 'read')).toEqual(['a-v2']);
  const ended = await fleet.run('migrate', '--all', ...QUICK, '--until', 'finalized');
  expect(ended).toMatchObject({ code: 0, summary: { done: ['a', 'b'] } });
});

test('an outage needs --allow-outage for several, too; the others go on without', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) await fleet.live(part);
  const settings = {
    number_of_replicas: 0,
    analysis: { analyzer: { own: { type: 'custom', tokenizer: 'whitespace' } } },
  };
  await fleet.declare('a', 1, KEYWORD, { settings });
  await fleet.declare('b', 2, LONG);
  const { code, summary } = await fleet.run('migrate', '--all', ...QUICK);
  expect(code).toBe(3);
  expect(summary).toMatchObject({ done: ['b'], failed: [{ name: 'a', code: 'flag_needed' }] });
  const allowed = await fleet.run('migrate', '--all', ...QUICK, '--allow-outage');
  expect(allowed.summary).toMatchObject({ done: ['a'], unchanged: ['b'] });
});

test('plans that were kept are carried out, and one that is stale fails alone', async () => {
  const fleet = await FleetProject.create();
  for (const part of ['a', 'b']) {
    await fleet.live(part);
    await fleet.declare(part, 2, LONG);
  }
  await fleet.project.run('plan', 'NAME-*', '--out', 'plans.json');
  await fleet.declare('b', 2, { properties: { price: { type: 'double' } } });
  const args = ['migrate', '--all', ...QUICK, '--plan', 'plans.json'];
  const { code, summary } = await fleet.run(...args);
  expect(code).toBe(3);
  expect(summary).toMatchObject({
    done: ['a'],
    failed: [{ name: 'b', code: 'plan_stale', message: expect.stringContaining('is stale') as string }],
  });
  await fleet.declare('c', 1, KEYWORD);
  expect(await fleet.project.run(...args)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('contains no plan of NAME-c') as string,
  });
});

test.each([
  [
    ['migrate'],
    "name the indexes to migrate (also by patterns such as 'tenant-*'), or use --all without names.",
  ],
  [['migrate', 'NAME-a', '--all'], 'or use --all without names.'],
  [['migrate', '--all', '--at-once', '0'], '--at-once: "0" is not a whole number, 1 or more'],
  [
    ['migrate', 'other-*', '--yes'],
    'no declared index has a name like other-*; declared are: NAME-a, NAME-b',
  ],
  [['plan', 'NAME-a', 'NAME-x'], 'no index file declares NAME-x; declared are: NAME-a, NAME-b'],
  [
    ['migrate', 'NAME-a', 'NAME-b'],
    'the changes of 2 indexes need your consent, but there is no terminal to ask on. Add --yes.',
  ],
])('%j: the message says what is wrong, and nothing is begun', async (args, message) => {
  const fleet = await FleetProject.create();
  await fleet.declare('a', 1, KEYWORD);
  await fleet.declare('b', 1, KEYWORD);
  const { code, stderr } = await fleet.project.run(...args);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(await fleet.project.state()).toEqual([]);
});
