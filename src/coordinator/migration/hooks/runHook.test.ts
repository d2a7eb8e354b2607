import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { testRecord } from '../../../../tests/testRecord.js';
import { runHook } from './runHook.js';
import { payloadOf } from './hookPayload.js';

const TOLD = payloadOf(testRecord({ readers: 'target', goal: 'switched' }), 'before', 'switched');
const never = new AbortController().signal;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twindex-hooks-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const run = (command: string, timeoutMs = 20_000, signal = never) =>
  runHook({ command, folder, timeoutMs }, TOLD, signal);

describe('a command', () => {
  it('gets its payload as JSON on stdin and in its environment, and runs in the folder of its file', async () => {
    expect(
      await run(
        'cat > told.json && echo "$TWINDEX_WHEN $TWINDEX_NAME $TWINDEX_PHASE $TWINDEX_FROM $TWINDEX_TO" > env.txt',
      ),
    ).toBeUndefined();
    expect(JSON.parse(await readFile(join(folder, 'told.json'), 'utf8'))).toEqual(TOLD);
    expect(TOLD).toMatchObject({ readers: 'catalogue-v2', writers: 'catalogue-v1', goal: 'switched' });
    expect(await readFile(join(folder, 'env.txt'), 'utf8')).toBe(
      'before catalogue switched catalogue-v1 catalogue-v2\n',
    );
  });

  it('that does not read its stdin does not fail', async () => {
    expect(await run('exit 0')).toBeUndefined();
  });

  it('fails with its exit code and the last lines of its stderr, without the users of addresses', async () => {
    await writeFile(
      join(folder, 'check.sh'),
      'for n in 1 2 3 4 5 6; do echo "line $n" >&2; done\necho http://u:s3cret@h/ >&2\nexit 3\n',
    );
    expect(await run('sh check.sh')).toBe(
      '"sh check.sh" exited with 3: line 3 | line 4 | line 5 | line 6 | http://h/',
    );
  });

  it('that takes too long is killed with all that it has started', async () => {
    const reason = await run('(sleep 60 & echo $! > pid; wait) ; true', 500);
    expect(reason).toContain('took longer than 500 ms, and was killed');
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('is killed when its signal is aborted', async () => {
    const stopping = new AbortController();
    const ended = run('sleep 60', 60_000, stopping.signal);
    stopping.abort();
    expect(await ended).toContain('was killed by SIGKILL');
  });

  it('that leaves something behind is not waited for', async () => {
    expect(await run('(sleep 20; true) & exit 0')).toBeUndefined();
  }, 10_000);

  it('whose folder is gone could not be started', async () => {
    const gone = { command: 'true', folder: join(folder, 'gone'), timeoutMs: 1_000 };
    expect(await runHook(gone, TOLD, never)).toContain('"true" could not be started');
  });
});

async function isRunning(pid: number): Promise<boolean> {
  try {
    // A zombie process still has an entry here, but does not run.
    return !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

interface Got {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** @param status undefined: the server never answers */
async function startServer(status: number | undefined, answer = ''): Promise<{ host: string; got: Got[] }> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method, url, headers } = request;
      got.push({ method, url, headers, body });
      if (status !== undefined) response.writeHead(status).end(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

describe('an address', () => {
  it('gets a POST of the same, with the headers and the user that it is declared with', async () => {
    const { host, got } = await startServer(204);
    const hook = { url: `http://u:p%40ss@${host}/path?token=t`, headers: { 'x-key': 'k' }, timeoutMs: 5_000 };
    expect(await runHook(hook, TOLD, never)).toBeUndefined();
    expect(got).toMatchObject([
      {
        method: 'POST',
        url: '/path?token=t',
        headers: {
          'x-key': 'k',
          'content-type': 'application/json',
          authorization: `Basic ${Buffer.from('u:p@ss').toString('base64')}`,
        },
      },
    ]);
    expect(JSON.parse(got[0]?.body ?? '')).toEqual(TOLD);
  });

  it.each([300, 404, 500])('fails with the status %i', async (status) => {
    const { host } = await startServer(status, 'not\ntoday');
    const hook = { url: `http://u:s3cret@${host}/s3cret`, headers: { 'x-key': 's3cret' }, timeoutMs: 5_000 };
    expect(await runHook(hook, TOLD, never)).toBe(
      `POST to http://${host} answered with ${status}: not | today`,
    );
  });

  it('that sends a very long response is not read to its end', async () => {
    const { host } = await startServer(200, 'x'.repeat(5_000_000));
    expect(await runHook({ url: `http://${host}/`, timeoutMs: 5_000 }, TOLD, never)).toBeUndefined();
  });

  it('that does not answer fails when its time is over', async () => {
    const { host } = await startServer(undefined);
    expect(await runHook({ url: `http://${host}/`, timeoutMs: 200 }, TOLD, never)).toBe(
      `POST to http://${host} did not answer within 200 ms`,
    );
  });

  it('that nobody listens at fails', async () => {
    const url = 'http://u:s3cret@127.0.0.1:1/s3cret';
    const reason = await runHook({ url, timeoutMs: 5_000 }, TOLD, never);
    expect(reason).toContain('POST to http://127.0.0.1:1 ');
    expect(reason).not.toContain('s3cret');
  });
});
