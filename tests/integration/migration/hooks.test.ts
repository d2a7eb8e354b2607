// Hooks before and after the gates of a migration, and the notifications.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { indexAliases } from '../../../src/cluster/indices/indexAliases.js';
import type { HookPayload } from '../../../src/coordinator/migration/hooks/hookPayload.js';
import type { Hook, Hooks, HttpCall } from '../../../src/schema/types.js';
import { testCluster } from '../engine.js';
import { Subject } from './harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

async function hooked(hooks: Partial<Hooks>, notify?: HttpCall): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { mappings: { properties: { price: { type: 'keyword' } } } },
    mappings: { properties: { price: { type: 'double' } } },
  });
  subject.definition = { ...subject.definition, hooks: { before: {}, after: {}, ...hooks }, notify };
  await subject.fill(20, (n) => ({ price: `${n}` }));
  return subject;
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'twindex-hooks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

interface Listener {
  readonly hook: Hook & HttpCall;
  readonly got: (HookPayload & { readonly what?: string; readonly text?: string })[];
}

/** Takes every POST, and keeps what it brings. */
async function listener(): Promise<Listener> {
  const got: Listener['got'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      got.push(JSON.parse(body) as HookPayload);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { hook: { url, timeoutMs: 5_000 }, got };
}

const readersAreOn = async (index: string, { definition }: Subject): Promise<boolean> =>
  definition.aliases.read in ((await indexAliases(cluster, index)) ?? {});

describe('a hook before the cut-over', () => {
  it('that fails keeps the readers where they are, says so, and is run when it is asked for again', async () => {
    const folder = await scratch();
    await writeFile(join(folder, 'check.sh'), 'echo "no smoke test yet" >&2; exit 7\n');
    const { hook, got } = await listener();
    const subject = await hooked(
      { before: { cutover: [{ command: 'sh check.sh', folder, timeoutMs: 20_000 }] } },
      hook,
    );
    const running = subject.start('ready', { stay: true });
    await subject.until('ready', ({ phase }) => phase === 'ready');

    await expect(subject.steer('cutover')).rejects.toMatchObject({
      code: 'hook_failed',
      message: expect.stringMatching(
        /hook before cutover failed: "sh check\.sh" exited with 7: no smoke test yet\. .*twindex cutover/,
      ) as string,
    });
    expect(await readersAreOn(subject.source, subject)).toBe(true);
    // both indexes are kept in sync all the same, and status says why it does not go on
    await subject.put('later', { price: '7' });
    await expect
      .poll(() => subject.sourceOf(subject.target, 'later'), { timeout: 20_000 })
      .toBe('{"price":"7"}');
    const { record } = await subject.until('told', (status) =>
      status.record.message.includes('exited with 7'),
    );
    expect(record).toMatchObject({ goal: 'ready', readers: 'source' });
    await expect
      .poll(() => got.map(({ what, text }) => `${what}: ${text}`))
      .toEqual([
        expect.stringContaining(`needsYou: ${subject.name} is ready`) as string,
        expect.stringMatching(/^needsYou: the hook before cutover failed/) as string,
      ]);

    await writeFile(join(folder, 'check.sh'), 'cat > told.json\n');
    expect(await subject.steer('cutover')).toMatchObject({ type: 'done', phase: 'cutover' });
    expect(await readersAreOn(subject.target, subject)).toBe(true);
    expect(JSON.parse(await readFile(join(folder, 'told.json'), 'utf8'))).toMatchObject({
      when: 'before',
      phase: 'cutover',
      name: subject.name,
      readers: subject.source,
    });
    expect((await subject.status()).record.stoppedBy).toBe('');
    await running.stop();
  });

  it('that fails ends a run that would not stay, before anything has moved', async () => {
    const folder = await scratch();
    const { hook, got } = await listener();
    const subject = await hooked(
      { before: { cutover: [{ command: 'exit 1', folder, timeoutMs: 20_000 }] } },
      hook,
    );
    await expect(subject.run('finalized')).rejects.toMatchObject({
      code: 'hook_failed',
      message: expect.stringContaining('the hook before cutover failed: "exit 1" exited with 1') as string,
    });
    const { record } = await subject.status();
    expect(record).toMatchObject({ goal: 'ready', readers: 'source', holder: null });
    expect(record.history.map(({ what }) => what)).toContain('not cutover');
    expect(got.map(({ what }) => what)).toEqual(['needsYou']);
    subject.definition = { ...subject.definition, hooks: undefined };
    expect((await subject.run('finalized')).phase).toBe('finalized');
  });

  it('does not keep anybody from following while it runs, and is ended when something else is asked for', async () => {
    const folder = await scratch();
    const subject = await hooked({
      before: { cutover: [{ command: 'echo $$ > pid; sleep 60', folder, timeoutMs: 60_000 }] },
    });
    const running = subject.start('cutover', { stay: true });
    await subject.until('running it', ({ record }) =>
      record.message.includes('the hook before cutover is run'),
    );
    await subject.put('later', { price: '7' });
    await expect
      .poll(() => subject.sourceOf(subject.target, 'later'), { timeout: 20_000 })
      .toBe('{"price":"7"}');
    expect(await subject.steer('abort')).toMatchObject({ phase: 'aborted' });
    expect((await running.ended).phase).toBe('aborted');
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

async function isRunning(pid: number): Promise<boolean> {
  try {
    return !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a hook before the copy', () => {
  it('that fails ends the run, and the next one asks again', async () => {
    const folder = await scratch();
    const subject = await hooked({
      before: { copying: [{ command: 'test -e go', folder, timeoutMs: 20_000 }] },
    });
    await expect(subject.run('ready', { stay: true })).rejects.toMatchObject({
      code: 'hook_failed',
      message: expect.stringMatching(
        /before copying failed: .*nothing was copied.*twindex migrate/,
      ) as string,
    });
    expect((await subject.documents(subject.target)).size).toBe(0);
    await writeFile(join(folder, 'go'), '');
    const { phase, record } = await subject.run('ready');
    expect({ phase, stoppedBy: record.stoppedBy }).toEqual({ phase: 'ready', stoppedBy: '' });
  });
});

describe('a way back', () => {
  it('is free, whatever its hook says', async () => {
    const folder = await scratch();
    const subject = await hooked({
      before: { rollback: [{ command: 'touch asked; exit 1', folder, timeoutMs: 20_000 }] },
    });
    const running = subject.start('cutover', { stay: true });
    await subject.until('cut over', ({ phase }) => phase === 'cutover');
    expect(await subject.steer('rollback')).toMatchObject({ type: 'done' });
    expect(await readersAreOn(subject.source, subject)).toBe(true);
    await expect
      .poll(() => running.notes)
      .toContain('the hook before rollback failed: "touch asked; exit 1" exited with 1');
    await running.stop();
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('');
  });
});

describe('after each gate', () => {
  it('its hooks are told, in their order, and who is to be notified; one that fails is a warning', async () => {
    const { hook, got } = await listener();
    const folder = await scratch();
    const failing: Hook = { command: 'exit 1', folder, timeoutMs: 20_000 };
    const subject = await hooked(
      {
        before: { switched: [hook] },
        after: {
          copying: [hook],
          ready: [failing, hook],
          cutover: [hook],
          switched: [hook],
          finalized: [hook],
        },
      },
      hook,
    );
    const running = subject.start('finalized');
    expect((await running.ended).phase).toBe('finalized');
    expect(got.map(({ when, phase, what }) => what ?? `${when} ${phase}`)).toEqual([
      'after copying',
      'after ready',
      'after cutover',
      'before switched',
      'after switched',
      'after finalized',
      'done',
    ]);
    expect(got[0]).toMatchObject({ name: subject.name, from: subject.source, to: subject.target });
    expect(running.notes).toContain('the hook after ready failed: "exit 1" exited with 1');
    expect((await subject.status()).record.announced).toBe('finalized');
  });

  it('the end of a run that fails is told', async () => {
    const { hook, got } = await listener();
    const subject = await hooked({}, hook);
    subject.definition = { ...subject.definition, mappings: { properties: { price: { type: 'boolean' } } } };
    const failed = subject.run('ready', { maxRejected: 0 });
    await expect(failed).rejects.toMatchObject({ code: 'too_many_rejected' });
    expect(got).toMatchObject([
      { what: 'failed', name: subject.name, text: expect.stringContaining('rejected') as string },
    ]);
  });
});
