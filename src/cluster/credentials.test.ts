// Secrets that are read from files and commands, and that change while a connection is in use.
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Front, startFront } from '../../tests/front.js';
import { Connection } from './connection.js';
import type { ClusterOptions } from './clusterOptions.js';
import type { Request } from './request.js';

const opened: { close(): unknown }[] = [];
const HEALTH: Request = { method: 'GET', path: '/_cluster/health' };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twindex-credentials-'));
});
afterAll(async () => await rm(folder, { recursive: true }));
afterEach(async () => void (await Promise.all(opened.splice(0).map((one) => one.close()))));

/** Lets in whoever has this secret at the time. */
async function front(accepted: () => string): Promise<Front> {
  const started = await startFront({
    intercept: ({ headers }) => ({
      type: 'answer',
      status: headers.authorization === accepted() ? 200 : 401,
      body: '{}',
    }),
  });
  opened.push(started);
  return started;
}

function open(url: string, auth: ClusterOptions['auth'], more: Partial<ClusterOptions> = {}): Connection {
  const connection = new Connection({ nodes: [url], auth, maxRetries: 0, ...more });
  opened.push(connection);
  return connection;
}

let count = 0;
async function file(content: string): Promise<string> {
  const path = join(folder, `secret-${count++}`);
  await writeFile(path, content);
  return path;
}

const basic = (password: string): string => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;

it.each<[string, string, (path: string) => ClusterOptions['auth']]>([
  ['a password in a file', basic('s3cret'), (passwordFile) => ({ username: 'me', passwordFile })],
  [
    'a password of a command',
    basic('s3cret'),
    (path) => ({ username: 'me', passwordCommand: `cat ${path}` }),
  ],
  ['an API key in a file', 'ApiKey s3cret', (apiKeyFile) => ({ apiKeyFile })],
  ['an API key of a command', 'ApiKey s3cret', (path) => ({ apiKeyCommand: `cat ${path}` })],
  ['a token in a file', 'Bearer s3cret', (bearerFile) => ({ bearerFile })],
  ['a token of a command', 'Bearer s3cret', (path) => ({ bearerCommand: `cat ${path}` })],
])('%s is sent, without the line break at its end', async (_, header, auth) => {
  const { url } = await front(() => header);
  const connection = open(url, auth(await file('s3cret\r\n')));
  expect((await connection.send(HEALTH)).status).toBe(200);
});

it('a secret that was replaced is read again after a 401, and the request is sent once more', async () => {
  let accepted = 'Bearer first';
  const { url, requests } = await front(() => accepted);
  const path = await file('first');
  const connection = open(url, { bearerCommand: `cat ${path}` });
  expect((await connection.send(HEALTH)).status).toBe(200);
  await writeFile(path, 'second');
  // a command runs only when it has to
  expect((await connection.send(HEALTH)).status).toBe(200);
  accepted = 'Bearer second';
  const answers = await Promise.all([connection.send(HEALTH), connection.send(HEALTH)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(requests.at(-1)?.headers.authorization).toBe('Bearer second');
});

it('a 401 that stays is handed on, after one request', async () => {
  const { url, requests } = await front(() => 'nobody');
  const connection = open(url, { apiKeyFile: await file('wrong') });
  expect((await connection.send(HEALTH)).status).toBe(401);
  expect(requests).toHaveLength(1);
});

it('a file that has changed is read before the old secret is refused', async () => {
  const everybody = await startFront({ intercept: () => ({ type: 'answer', status: 200, body: '{}' }) });
  opened.push(everybody);
  const { url, requests } = everybody;
  const path = await file('first');
  const connection = open(url, { apiKeyFile: path });
  await connection.send(HEALTH);
  await writeFile(path, 'second one');
  await utimes(path, new Date(), new Date(Date.now() + 60_000));
  const sent = async (): Promise<string | undefined> => {
    await connection.send(HEALTH);
    return requests.at(-1)?.headers.authorization;
  };
  await expect.poll(sent, { timeout: 20_000 }).toBe('ApiKey second one');
  // while the file is gone, the last secret stays in use
  await rm(path);
  await connection.renewCredentials();
  expect((await connection.send(HEALTH)).status).toBe(200);
  expect(requests.at(-1)?.headers.authorization).toBe('ApiKey second one');
});

it.each<[string, ClusterOptions['auth'], RegExp]>([
  ['a file that is missing', { bearerFile: '/nowhere' }, /^THE AUTH: bearerFile: cannot read \/nowhere/],
  [
    'a command that fails',
    { bearerCommand: 'echo s3cret; echo s3cret >&2; exit 3' },
    /^THE AUTH: bearerCommand: the command ended with 3\. Run it/,
  ],
  [
    'a command that prints nothing',
    { bearerCommand: 'true' },
    /expected one line, but the command printed nothing/,
  ],
  [
    'a command that prints too much',
    { bearerCommand: 'echo s3cret; echo s3cret' },
    /expected one line, but the command printed more than one line/,
  ],
])('%s is named, without what it printed', async (_, auth, message) => {
  const { url, requests } = await front(() => '');
  const origins = { nodes: '', auth: 'THE AUTH', caFile: '' };
  const failed = open(url, auth, { origins }).send(HEALTH);
  await expect(failed).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringMatching(message) as string,
  });
  const error: unknown = await failed.catch((thrown: unknown) => thrown);
  expect(
    inspect(error, { depth: 10, showHidden: true }).replaceAll(String(Object.values(auth ?? {})[0]), ''),
  ).not.toContain('s3cret');
  expect(requests).toHaveLength(0);
});
