// What a gateway shows of itself and of the migrations: metrics, log and access log, without any secret.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { Project } from '../cli/project.js';
import { engineUrls, testCluster } from '../engine.js';
import { get } from './harness.js';
import { eventually } from '../../eventually.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const SECRET = 'planted-secret';
const HEADERS = { authorization: `Basic ${SECRET}`, 'content-type': 'application/json' };

/** The engine's addresses with a user and a password, which the engine of the tests ignores. */
const withPassword = (): string[] => engineUrls.map((url) => url.replace('//', `//twindex:${SECRET}@`));

async function startProcess(folder: string, args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const closed = once(child, 'close') as Promise<[number | null]>;
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  let url = '';
  const listens = () => {
    url =
      /https?:\/\/127\.0\.0\.1:\d+(?:\/metrics)?/.exec(args[0] === 'gateway' ? stdout : stderr)?.[0] ?? '';
    return url !== '';
  };
  await eventually(() => `${args[0]} listens\n${stdout}${stderr}`, listens, 60_000);
  return {
    child,
    url,
    closed,
    output: () => `${stdout}${stderr}`,
    lines: () => stderr.trimEnd().split('\n'),
  };
}

it('a gateway shows a whole migration, and neither metrics nor logs contain a password, a query or a header', async () => {
  const project = await Project.create({ nodes: withPassword() });
  await project.run('migrate', 'NAME', '--yes');
  await project.declare(2, { properties: { price: { type: 'double' } } });
  const gateway = await startProcess(project.folder, ['gateway', '--port', '0', '--access-log']);
  const { connection } = await testCluster();
  const path = `/${project.name}-write/_doc/1`;
  await connection.json({ method: 'PUT', path, query: { refresh: true }, body: { price: '1' } });
  const args = ['migrate', project.name, '--yes', '--until', 'ready', '--metrics-port', '0', '--lease', '2s'];
  const migrate = await startProcess(project.folder, args);
  const metrics = async (url: string) => (await get(url)).text;
  const isReady = `twindex_migration_phase{name="${project.name}",phase="ready"} 1`;
  await expect.poll(() => metrics(migrate.url), { timeout: 60_000, interval: 250 }).toContain(isReady);
  const body = JSON.stringify({ price: '2' });
  const { status } = await get(`${gateway.url}${path}?timeout=9s&api=${SECRET}`, {
    method: 'PUT',
    headers: HEADERS,
    body,
  });
  expect(status).toBe(400);
  const put = await get(`${gateway.url}${path}?timeout=9s`, { method: 'PUT', headers: HEADERS, body });
  expect(put.status).toBe(200);
  const seen = () => metrics(`${gateway.url}/metrics`);
  await expect.poll(seen, { timeout: 30_000, interval: 250 }).toContain(isReady);
  for (const line of [
    `twindex_migration_coordinator_up{name="${project.name}"} 1`,
    `twindex_migration_verified{name="${project.name}"} 1`,
    `twindex_migration_writers{name="${project.name}",type="gateway",lease="valid"} 1`,
    'twindex_journal_up 1',
  ])
    expect(await seen()).toContain(line);
  expect(await seen()).toContain(`twindex_gateway_node_connections{node="${engineUrls[0]}"}`);

  const access = gateway.lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(access.find(({ method, status: of }) => method === 'PUT' && of === 200)).toMatchObject({
    level: 'info',
    path,
  });
  const all = [gateway.output(), migrate.output(), await seen(), await metrics(migrate.url)].join();
  expect(all).not.toContain(SECRET);
  expect(all).not.toContain('timeout=9s');
  for (const { child, closed } of [migrate, gateway]) {
    child.kill('SIGTERM');
    await closed;
  }
  await project.run('abort', 'NAME', '--yes');
});

it('migrate begins nothing when the port for its metrics is taken', async () => {
  const project = await Project.create();
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = await project.run('migrate', 'NAME', '--yes', '--metrics-port', String(port));
  expect(code).toBe(1);
  expect(stderr).toContain(`the metrics can't be served on 127.0.0.1:${port}`);
  expect(await project.state()).toEqual([]);
});
