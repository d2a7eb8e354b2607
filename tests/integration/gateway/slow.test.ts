// Clients and nodes that are slow, silent, or go away.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { countOf, get, openGateway, openOrigin, openRawOrigin, RawClient } from './harness.js';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 5, timeout: 60_000 }).toBe(true);
}

describe('a slow client', () => {
  it('that trickles its head is answered 408', async () => {
    const { url } = await openGateway({ times: { headMs: 300 } });
    const client = RawClient.open(url);
    client.send('GET / HTTP/1.1\r\n');
    const trickle = setInterval(() => client.send('x: y\r\n'), 20);
    expect(await client.untilClosed()).toMatch(/^HTTP\/1.1 408 /);
    clearInterval(trickle);
  });

  it('that trickles its body is answered 408, and its request never becomes whole', async () => {
    let whole = 0;
    const node = await openOrigin((request, response) => {
      request
        .on('error', () => undefined)
        .on('end', () => whole++)
        .resume();
      response.on('error', () => undefined);
    });
    const { url } = await openGateway({ nodes: [node], times: { bodyMs: 300 } });
    const client = RawClient.open(url);
    client.send('POST /a/_msearch HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n');
    const trickle = setInterval(() => client.send('x'), 20);
    expect(await client.untilClosed()).toMatch(/^HTTP\/1.1 408 /);
    clearInterval(trickle);
    expect(whole).toBe(0);
  });

  it('that takes nothing of its answer holds up the node, and is left in the end', async () => {
    let written = 0;
    let ended = false;
    const node = await openRawOrigin((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n');
        const more = (): void => {
          while (socket.write(Buffer.alloc(100_000))) written += 100_000;
        };
        socket.on('drain', more).on('close', () => (ended = true));
        more();
      });
    });
    const { url } = await openGateway({ nodes: [node], times: { bodyMs: 500 } });
    const client = RawClient.open(url);
    client.socket.pause();
    client.send('GET /_search HTTP/1.1\r\nhost: a\r\n\r\n');
    await until(() => ended);
    expect(written).toBeLessThan(100_000_000);
    expect((await get(`${url}/-/health`)).status).toBe(200);
  });
});

describe('a client that goes away', () => {
  it('in the middle of a body takes its request back', async () => {
    let aborted = false;
    let arrived = false;
    const node = await openOrigin((request) => {
      request.on('error', () => (aborted = true)).on('data', () => (arrived = true));
    });
    const { url } = await openGateway({ nodes: [node] });
    const client = RawClient.open(url);
    client.send('POST /a/_msearch HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nsome');
    await until(() => arrived);
    client.socket.destroy();
    await until(() => aborted);
  });

  it('while it waits for a search makes the node stop it; a write is finished', async () => {
    const closed: string[] = [];
    const answered: string[] = [];
    let arrived = 0;
    const node = await openOrigin((request, response) => {
      request.resume();
      arrived++;
      response.on('close', () => (response.writableFinished ? answered : closed).push(request.url ?? ''));
      const isSearch = request.url?.includes('_search');
      setTimeout(() => response.end('late'), isSearch ? 120_000 : 400).unref();
    });
    const { url } = await openGateway({ nodes: [node] });
    const search = RawClient.open(url);
    search.send('POST /a/_search HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}');
    const write = RawClient.open(url);
    write.send('PUT /a/_doc/1 HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}');
    await until(() => arrived === 2);
    search.socket.destroy();
    write.socket.destroy();
    await until(() => answered.length + closed.length === 2);
    expect(closed).toEqual(['/a/_search']);
    expect(answered).toEqual(['/a/_doc/1']);
  });
});

describe('a node', () => {
  it('that answers before the body is whole is heard, and the connections are not used again', async () => {
    let connections = 0;
    const node = await openRawOrigin((socket) => {
      connections++;
      socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno'));
    });
    const { url } = await openGateway({ nodes: [node] });
    for (const n of [1, 2]) {
      const client = RawClient.open(url);
      client.send('POST /a/_msearch HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nsome');
      expect(await client.untilClosed()).toMatch(
        /^HTTP\/1.1 413 Too Large\r\n[\s\S]*connection: close\r\n\r\nno$/,
      );
      expect(connections).toBe(n);
    }
  });

  it('that never answers is given up with 504', async () => {
    const node = await openRawOrigin(() => undefined);
    const { url } = await openGateway({ nodes: [node], times: { answer: { write: 200 } } });
    expect(await get(`${url}/a/_doc/1`, { method: 'PUT', body: '{}' })).toMatchObject({
      status: 504,
      text: expect.stringContaining('"status":504'),
    });
  });

  it('that breaks off before its answer is answered for with 502, and a write is not sent twice', async () => {
    let requests = 0;
    const node = await openRawOrigin((socket) => {
      socket.on('data', () => {
        requests++;
        socket.destroy();
      });
    });
    const { url } = await openGateway({ nodes: [node] });
    const { status, text } = await get(`${url}/a/_doc/1`, { method: 'PUT', body: '{}' });
    expect(status).toBe(502);
    expect(JSON.parse(text)).toMatchObject({ status: 502, error: { root_cause: [{}] } });
    expect(requests).toBe(1);
  });

  it('that breaks off within its answer breaks off the client’s connection', async () => {
    const node = await openRawOrigin((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome'));
    });
    const { url } = await openGateway({ nodes: [node] });
    const client = RawClient.open(url);
    client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    expect((await client.untilClosed()).endsWith('some')).toBe(true);
  });

  it('that closes an idle connection just when it is used again: what reads is sent again, what writes is not', async () => {
    const seen: string[] = [];
    const node = await openRawOrigin((socket) => {
      let first = true;
      socket.on('data', (bytes) => {
        seen.push(bytes.toString().split(' HTTP')[0] ?? '');
        if (first) socket.write(ANSWER);
        else socket.destroy();
        first = false;
      });
    });
    const { url } = await openGateway({ nodes: [node] });
    expect((await get(`${url}/1`)).status).toBe(200);
    expect((await get(`${url}/2`)).status).toBe(200);
    expect((await get(`${url}/3`, { method: 'PUT', body: '{}' })).status).toBe(502);
    expect(seen.filter((one) => one.endsWith('/2'))).toHaveLength(2);
    expect(seen.filter((one) => one.endsWith('/3'))).toHaveLength(1);
  });

  it('that sends more than its answer is not heard by the next client', async () => {
    let connections = 0;
    const node = await openRawOrigin((socket) => {
      connections++;
      socket.on('data', () => socket.write(`${ANSWER}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`));
    });
    const { url } = await openGateway({ nodes: [node] });
    for (const n of [1, 2, 3]) {
      expect((await get(`${url}/${n}`)).text).toBe('ok');
      expect(connections).toBe(n);
    }
  });

  it('that is no HTTP server, or changes the protocol, is answered for with 502', async () => {
    for (const text of ['SSH-2.0-OpenSSH\r\n\r\n', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n']) {
      const node = await openRawOrigin((socket) => socket.on('data', () => socket.write(text)));
      const { url } = await openGateway({ nodes: [node] });
      expect((await get(url)).status).toBe(502);
    }
  });

  it('that refuses connections is left out while another takes them', async () => {
    const dead = await freeAddress();
    const node = await openRawOrigin((socket) => socket.on('data', () => socket.write(ANSWER)));
    const { url } = await openGateway({ nodes: [dead, node] });
    for (let n = 0; n < 6; n++) {
      const { status } = await get(`${url}/a/_doc/${n}`, { method: 'PUT', body: '{"a":1}' });
      expect(status).toBe(200);
    }
    const { text } = await get(`${url}/metrics`);
    expect(text).toContain(`twindex_gateway_node_left_out{node="${dead}"} 1`);
  });

  it('that is down, with all others, is answered for with 502; once it is there again it is used', async () => {
    const dead = await freeAddress();
    const { url } = await openGateway({ nodes: [dead] });
    const { status, text } = await get(`${url}/a/_doc/1`, { method: 'PUT', body: '{"a":1}' });
    expect(status).toBe(502);
    expect(text).toContain('was not carried out');
    expect((await get(`${url}/-/ready`)).status).toBe(503);
    await openRawOrigin(
      (socket) => socket.on('data', () => socket.write(ANSWER)),
      Number(new URL(dead).port),
    );
    expect((await get(`${url}/a/_doc/1`)).text).toBe('ok');
  });
});

describe('a gateway that is stopped', () => {
  it('finishes what is in hand, and takes nothing more', async () => {
    const node = await openOrigin((request, response) => {
      request.resume();
      setTimeout(() => response.end('done'), 300);
    });
    let handedBack = false;
    const gateway = await openGateway({
      nodes: [node],
      mirror: {
        stop: async () => {
          handedBack = true;
        },
      },
    });
    const idle = RawClient.open(gateway.url);
    idle.send('GET /-/health HTTP/1.1\r\nhost: a\r\n\r\n');
    await idle.until((text) => text.includes('ok'));
    const busy = RawClient.open(gateway.url);
    busy.send('PUT /a/_doc/1 HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}');
    await sleep(50);
    const stopped = gateway.stop();
    expect(await busy.untilClosed()).toMatch(/connection: close\r\n[\s\S]*done/i);
    await idle.untilClosed();
    await stopped;
    expect(handedBack).toBe(true);
    await expect(get(gateway.url)).rejects.toThrow();
    expect(countOf(idle.received, 'HTTP/1.1 ')).toBe(1);
  });
});

/** Where nobody listens. */
async function freeAddress(): Promise<string> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${port}`;
}
