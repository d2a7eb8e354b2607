// `twindex gateway` as a process: from its first line to the end.
import { describe, expect, it } from 'vitest';
import { listWriters } from '../../../src/journal/writerDocuments.js';
import { Project } from '../cli/project.js';
import { testCluster } from '../engine.js';
import { spawnGateway } from './gatewayProcess.js';
import { get, RawClient } from './harness.js';

describe('twindex gateway', () => {
  it('says where it listens, is registered as a writer, and on SIGTERM ends in good order', async () => {
    const project = await Project.create();
    const cluster = await testCluster();
    const { child, first, closed } = await spawnGateway(project.folder, '--json', '--drain', '100ms');
    const { event, url } = JSON.parse(first) as { event: string; url: string };
    expect(event).toBe('listening');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await get(`${url}/-/ready`)).status).toBe(200);
    expect((await get(`${url}/_cat/indices`)).status).toBe(200);
    const registered = async () =>
      (await listWriters(cluster)).filter((writer) => writer.names.includes(project.name));
    expect(await registered()).toMatchObject([{ type: 'gateway', pid: child.pid }]);
    const idle = RawClient.open(url);
    idle.send('GET /-/health HTTP/1.1\r\nhost: a\r\n\r\n');
    await idle.until((text) => text.includes('ok'));
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
    expect(await registered()).toEqual([]);
  });

  it('runs in several processes, each of which is a writer, and replaces one that dies', async () => {
    const project = await Project.create();
    const cluster = await testCluster();
    const { child, first, closed } = await spawnGateway(project.folder, '--json', '--processes', '2');
    const { url } = JSON.parse(first) as { url: string };
    const pids = async () =>
      (await listWriters(cluster)).filter(({ names }) => names.includes(project.name)).map(({ pid }) => pid);
    const before = await pids();
    expect(new Set(before).size).toBe(2);
    expect(before).not.toContain(child.pid);
    for (let n = 0; n < 4; n++) expect((await get(`${url}/_cat/indices`)).status).toBe(200);
    const metrics = async () => (await get(`${url}/-/metrics`)).text;
    expect(await metrics()).toMatch(
      /twindex_gateway_ready\{process="1"\} 1\ntwindex_gateway_ready\{process="2"\} 1\n/,
    );

    process.kill(before[1] as number, 'SIGKILL');
    await expect
      .poll(async () => (await pids()).some((pid) => !before.includes(pid)), { timeout: 60_000 })
      .toBe(true);
    await expect.poll(metrics, { timeout: 60_000 }).toContain('twindex_gateway_ready{process="2"} 1');
    expect((await get(`${url}/-/ready`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
    expect((await pids()).filter((pid) => pid !== before[1])).toEqual([]);
  });

  it('says once what is wrong when no process can start', async () => {
    const project = await Project.create();
    const { stderr, code } = await project.runProcess(
      'gateway',
      '--processes',
      '2',
      '--tls-cert',
      'a.pem',
      '--tls-key',
      'b.pem',
    );
    expect(code).toBe(1);
    expect(stderr.match(/error\[/g)).toHaveLength(1);
    expect(await project.run('gateway', '--processes', '0')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--processes: "0" is neither auto nor a number'),
    });
  });

  it('speaks to people, too', async () => {
    const project = await Project.create();
    const { child, first, closed } = await spawnGateway(project.folder);
    expect(first).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+, in front of http/);
    child.kill('SIGINT');
    expect(await closed).toEqual([0, null]);
  });

  it('does not begin with options that mean nothing, and leaves no writer behind where it can’t listen', async () => {
    const project = await Project.create();
    for (const args of [
      ['--port', 'x'],
      ['--max-body', '1xb'],
      ['--drain', '2h'],
      ['--tls-cert', 'only.pem'],
    ])
      expect(await project.run('gateway', ...args)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('error[usage]: --'),
      });
    const { first } = await spawnGateway(project.folder, '--json');
    const { port } = new URL((JSON.parse(first) as { url: string }).url);
    const second = await project.run('gateway', '--port', port);
    expect(second).toMatchObject({ code: 1 });
    expect(second.stderr).toContain(`can't listen on 127.0.0.1:${port}`);
    const writers = (await listWriters(await testCluster())).filter(({ names }) =>
      names.includes(project.name),
    );
    expect(writers).toHaveLength(1);
  });
});
