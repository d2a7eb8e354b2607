// Starts the compared ways to the engine (direct, nginx, gateway), and the process that sends the requests.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Load, LoadJob } from './gatewayJob.js';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LOAD = fileURLToPath(new URL('./gatewayLoad.js', import.meta.url));

export interface Way {
  readonly name: 'direct' | 'nginx' | 'gateway';
  readonly url: string;
  /** The name of the index. Its aliases begin with it. */
  readonly index: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export function direct(engine: string, index: string): Way {
  return { name: 'direct', url: engine, index, pid: undefined, stop: async () => {} };
}

/** @returns undefined if nginx is not installed (Debian: nginx-light) */
export async function throughNginx(engine: string, index: string, folder: string): Promise<Way | undefined> {
  if (spawnSync('nginx', ['-v']).error) return undefined;
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((what) => `${what}_temp_path ${folder}/${what};`)
    .join(' ');
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 1024; }
http {
  access_log off; client_max_body_size 0; ${temporary}
  upstream engine { server ${new URL(engine).host}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port}; keepalive_requests 1000000;
    location / {
      proxy_pass http://engine; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_request_buffering off;
    }
  }
}
`,
  );
  const child = spawn('nginx', ['-c', file], { stdio: ['ignore', 'inherit', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswered(url);
  return { name: 'nginx', url, index, pid: child.pid, stop: () => end(child) };
}

/** Runs `twindex gateway` as a user does. */
export async function throughGateway(config: string, index: string): Promise<Way> {
  const child = spawn(process.execPath, [CLI, 'gateway', '--port', '0', '--json', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url } = JSON.parse(line) as { event: string; url: string };
    if (event === 'listening') return { name: 'gateway', url, index, pid: child.pid, stop: () => end(child) };
  }
  throw new Error('the gateway has not begun to listen');
}

export async function sendLoad(job: LoadJob): Promise<Load> {
  const child = spawn(process.execPath, [LOAD, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the load of ${job.operation} ended with ${code}`);
  const load = JSON.parse(output) as Load;
  if (load.failed > 0) throw new Error(`${load.failed} of ${load.requests} ${job.operation} requests failed`);
  return load;
}

async function end(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'close');
}

async function untilAnswered(url: string): Promise<void> {
  for (let n = 0; n < 100; n++) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(50);
  }
  throw new Error(`${url} does not answer`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
