// A real PostgreSQL for a test: Debian's package `postgresql`, with a data folder of its own, gone at the end in any case.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { engineUser, giveTo } from '../../../src/localEngine/engineUser.js';
import { Reaper } from '../../../src/localEngine/reaperClient.js';

const VERSIONS = '/usr/lib/postgresql';
const START_MS = 60_000;

/** Where the newest PostgreSQL of this machine has its programs; undefined where there is none. */
export function findPostgres(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  return versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startPostgres(bin: string): Promise<PostgresServer> {
  const reaper = await Reaper.open();
  const folder = join(reaper.folder, 'postgres');
  const data = join(folder, 'data');
  const user = engineUser();
  await mkdir(folder);
  await giveTo(user, folder);
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', HOME: folder };
  const init = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
    cwd: folder,
    env,
    encoding: 'utf8',
    ...user,
  });
  if (init.status !== 0) throw new Error(`initdb failed: ${init.stdout}${init.stderr}${init.error ?? ''}`);
  const port = await freePort();
  const logFile = join(reaper.folder, 'postgres.log');
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', port };
  reaper.start({
    key: 'postgres',
    program: join(bin, 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env,
    cwd: folder,
    user,
    logFile,
  });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await untilItAnswers(url);
  return { url, stop: () => reaper.close() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilItAnswers(url: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (performance.now() > deadline) throw error;
      await sleep(200);
    }
  }
}
