// A secret in every place that can hold one is in nothing that a whole run leaves or shows: output, logs, errors, events,
// metrics, what twindex keeps in the cluster, and the titles of processes.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startFront } from '../../front.js';
import { Project } from '../cli/project.js';
import { engineUrls, testCluster } from '../engine.js';
import { get } from '../gateway/harness.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const QUICK = ['--grace', '300ms', '--lease', '5s', '--max-write-pause', '5s', '--max-lag', '5s'];

const secret = (where: string): string => `s3cret-${where}-${randomBytes(6).toString('hex')}`;

/** By the place that it is planted in. */
const SECRETS = {
  url: secret('url'),
  password: secret('password'),
  apiKey: secret('apiKey'),
  bearer: secret('bearer'),
  passphrase: secret('passphrase'),
  proxy: secret('proxy'),
  hookUser: secret('hookUser'),
  hookPath: secret('hookPath'),
  hookQuery: secret('hookQuery'),
  hookHeader: secret('hookHeader'),
  notify: secret('notify'),
  awsSecret: secret('awsSecret'),
  awsToken: secret('awsToken'),
  client: secret('client'),
  clientBasic: secret('clientBasic'),
};

/** Everything that was printed or kept, with the place where it was found. */
const seen: { readonly where: string; readonly text: string }[] = [];
const note = (where: string, text: string): void => void seen.push({ where, text });

async function noteTitles(when: string): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    note(`title of ${pid} (${when})`, title);
  }
}

async function run(project: Project, ...args: string[]): Promise<number> {
  const { code, stdout, stderr } = await project.run(...args);
  note(args.join(' '), stdout + stderr);
  return code;
}

/** Every document that twindex keeps, with the aliases and settings of its indexes. */
async function noteCluster(name: string): Promise<void> {
  const { connection } = await testCluster();
  const indexes = `twindex-*,${name}*`;
  const query = { expand_wildcards: 'all', ignore_unavailable: true, allow_no_indices: true };
  await connection.send({ method: 'POST', path: `/${indexes}/_refresh`, query });
  const found = await connection.send({
    method: 'POST',
    path: `/${indexes}/_search`,
    query,
    body: { size: 10_000 },
  });
  note('documents', found.body.toString());
  const described = await connection.send({ method: 'GET', path: `/${indexes}`, query });
  note('indexes', described.body.toString());
}

async function startGateway(folder: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [MAIN, 'gateway', '--port', '0', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TWINDEX_DEBUG: '1' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stderr.on('data', (text: Buffer) => note('stderr of the gateway', text.toString()));
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, 'line')) as [string];
  note('stdout of the gateway', first);
  lines.on('line', (line) => note('stdout of the gateway', line));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await once(child, 'close');
  };
  return { url: (JSON.parse(first) as { url: string }).url, stop };
}

it('a secret is found nowhere but where it was put', async () => {
  const front = await startFront({ upstream: engineUrls[0] });
  onTestFinished(() => front.close());
  const called: string[] = [];
  const hooked = await startFront({
    intercept: ({ path, headers }) => {
      called.push(`${path} ${headers.authorization}`);
      // the worst that a hook can answer: what it was asked
      return { type: 'answer', status: 500, body: JSON.stringify({ authorization: headers.authorization }) };
    },
  });
  onTestFinished(() => hooked.close());
  const withUser = (url: string, password: string): string => url.replace('//', `//user:${password}@`);
  const hook = {
    url: `${withUser(hooked.url, SECRETS.hookUser)}/${SECRETS.hookPath}?token=${SECRETS.hookQuery}`,
    headers: { 'x-token': SECRETS.hookHeader },
  };
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRETS.awsSecret);
  vi.stubEnv('AWS_SESSION_TOKEN', SECRETS.awsToken);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('TWINDEX_DEBUG', '1');
  onTestFinished(() => void vi.unstubAllEnvs());

  const project = await Project.create();
  const { name, folder } = project;
  const nodes = [withUser(front.url, SECRETS.url)];
  await writeFile(join(folder, 'secret'), `${SECRETS.password}\n`);
  const config = (cluster: object): string =>
    JSON.stringify({
      cluster,
      indexes: ['./index.json'],
      hooks: { after: { ready: hook, cutover: hook, switched: hook, rollback: hook, finalized: hook } },
      notify: { url: withUser(hooked.url, SECRETS.notify) },
    });
  await project.write('twindex.config.json', config({ nodes, auth: { apiKey: SECRETS.apiKey } }));
  expect(await run(project, 'migrate', 'NAME', '--yes', '--json')).toBe(0);
  const { connection } = await testCluster();
  await connection.json({
    method: 'PUT',
    path: `/${name}-write/_doc/1`,
    query: { refresh: true },
    body: { price: '1' },
  });
  await project.declare(2, { properties: { price: { type: 'double' } } });

  const gateway = await startGateway(folder);
  const { ended } = await project.stay('ready', '--json', ...QUICK);
  await run(project, 'reads', 'NAME', '--record', '100%', '--shadow', '100%');
  const basic = `Basic ${Buffer.from(`shop:${SECRETS.clientBasic}`).toString('base64')}`;
  for (const authorization of [`Bearer ${SECRETS.client}`, basic]) {
    const headers = { authorization, 'content-type': 'application/json' };
    const ask = async (method: string, path: string, body?: string): Promise<void> => {
      const answer = await get(gateway.url + path, { method, headers, body: body ?? null });
      note(`answer to ${method} ${path}`, answer.text);
    };
    await ask('PUT', `/${name}-write/_doc/2`, '{"price":"2"}');
    await ask('DELETE', `/${name}-write/_doc/2`);
    await ask('POST', `/${name}-read/_search`, '{"query":{"match_all":{}}}');
    await ask('PUT', `/${name}-write/_mapping`, '{"properties":{}}');
    await ask('PUT', `/${name}-write/_doc/3`, 'this is no JSON');
  }
  await noteTitles('ready');
  for (const command of ['cutover', 'switch', 'rollback', 'switch']) {
    expect(await run(project, command, 'NAME', '--json')).toBe(0);
    await noteTitles(command);
  }
  for (const shown of [
    ['status', 'NAME', '--json'],
    ['status', 'NAME'],
    ['history', 'NAME'],
    ['writers', 'NAME'],
    ['verify', 'NAME'],
  ])
    await run(project, ...shown);
  note('metrics', (await get(`${gateway.url}/-/metrics`)).text);
  await noteCluster(name);
  expect(await run(project, 'finalize', 'NAME', '--yes', '--json')).toBe(0);
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(0);
  note('migrate', stdout + stderr);
  await gateway.stop();

  // what goes wrong, with every kind of credentials
  const refusing = await startFront({ auth: 'another' });
  onTestFinished(() => refusing.close());
  const dead = 'http://127.0.0.1:9';
  const kinds: readonly object[] = [
    {},
    { auth: { username: 'me', password: SECRETS.password } },
    { auth: { username: 'me', passwordFile: './secret' } },
    {
      auth: {
        username: 'me',
        passwordCommand: `echo ${SECRETS.password}; echo ${SECRETS.password} >&2; exit 3`,
      },
    },
    { auth: { apiKeyCommand: `echo ${SECRETS.apiKey}` } },
    { auth: { bearer: SECRETS.bearer } },
    { auth: { aws: { region: 'eu-central-1' } } },
    { keyPassphrase: SECRETS.passphrase },
    { keyPassphrase: Number.NaN, auth: { password: SECRETS.password } },
    { proxy: withUser(dead, SECRETS.proxy) },
    { proxy: `ftp://user:${SECRETS.proxy}@proxy` },
    { nodes: [`http//user:${SECRETS.url}@host`] },
  ];
  for (const url of [refusing.url, dead])
    for (const kind of kinds) {
      await project.write(
        'twindex.config.json',
        config({ nodes: [withUser(url, SECRETS.url)], maxRetries: 0, ...kind }),
      );
      expect(await run(project, 'status')).toBe(1);
      expect(await run(project, 'status', '--json')).toBe(1);
    }
  const ran = await project.runProcess('status');
  note('a process of its own', ran.stdout + ran.stderr);

  // the secrets were really in use
  expect(front.requests.some(({ headers }) => headers.authorization === `ApiKey ${SECRETS.apiKey}`)).toBe(
    true,
  );
  expect(front.requests.some(({ headers }) => headers.authorization === `Bearer ${SECRETS.client}`)).toBe(
    true,
  );
  expect(called.some((one) => one.includes(SECRETS.hookPath) && one.includes(SECRETS.hookQuery))).toBe(true);
  const forms = Object.entries(SECRETS).flatMap(([place, value]) => [
    { place, form: value },
    { place, form: Buffer.from(`user:${value}`).toString('base64') },
    { place, form: Buffer.from(`shop:${value}`).toString('base64') },
    { place, form: Buffer.from(`me:${value}`).toString('base64') },
  ]);
  const found = seen.flatMap(({ where, text }) =>
    forms.filter(({ form }) => text.includes(form)).map(({ place }) => ({ where, place })),
  );
  expect(found).toEqual([]);
});
