// The process that sends requests over raw connections, as fast as they are answered or at a given rate, and
// prints one JSON object. At a given rate, a latency counts from the time when the request was due, so that
// slow responses are not hidden by delayed requests.
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BodyReader, responseBody } from '../src/writers/gateway/http/bodyReader.js';
import { HeadBuffer } from '../src/writers/gateway/http/headBuffer.js';
import { readResponseHead, type ResponseHead } from '../src/writers/gateway/http/responseHead.js';
import { DOCUMENTS_PER_BULK, type Load, type LoadJob } from './gatewayJob.js';
import { products } from './products.js';

async function load(job: LoadJob): Promise<Load> {
  const next = requestsOf(job);
  const connections = Array.from({ length: job.connections }, () => new Connection(job.url));
  const latencies: number[] = [];
  let failed = 0;
  let due = 0;
  const began = performance.now();
  const end = began + job.seconds * 1_000;
  const work = async (connection: Connection): Promise<void> => {
    for (;;) {
      let from = performance.now();
      if (job.perSecond !== undefined) {
        from = began + (due++ / job.perSecond) * 1_000;
        const waitMs = from - performance.now();
        if (from < end && waitMs > 0) await sleep(waitMs);
      }
      if (from >= end) return;
      const status = await connection.send(next());
      latencies.push(performance.now() - from);
      if (status >= 300) failed++;
    }
  };
  await Promise.all(connections.map(work));
  const seconds = (performance.now() - began) / 1_000;
  for (const connection of connections) connection.close();
  latencies.sort((a, b) => a - b);
  const at = (part: number): number => latencies[Math.floor(part * latencies.length)] ?? Number.NaN;
  return {
    requests: latencies.length,
    perSecond: latencies.length / seconds,
    failed,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
  };
}

function requestsOf({ url, index, operation, documents }: LoadJob): () => Buffer {
  const { host } = new URL(url);
  const print = (method: string, path: string, type = '', body = ''): Buffer => {
    const bytes = Buffer.from(body);
    const about = body === '' ? '' : `content-type: ${type}\r\ncontent-length: ${bytes.length}\r\n`;
    return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${about}\r\n`), bytes]);
  };
  let n = Math.floor(Math.random() * documents);
  const json = 'application/json';
  switch (operation) {
    case 'get':
      return () => print('GET', `/${index}/_doc/${products.id(n++ % documents)}`);
    case 'search': {
      const query = JSON.stringify({ size: 10, query: { match: { title: 'wooden lamp' } } });
      return () => print('POST', `/${index}/_search`, json, query);
    }
    case 'write':
      return () => {
        const document = n++ % documents;
        return print('PUT', `/${index}/_doc/${products.id(document)}`, json, products.source(document));
      };
    case 'bulk': {
      const bulkFrom = (start: number): Buffer => {
        const lines = Array.from({ length: DOCUMENTS_PER_BULK }, (_, i) => {
          const document = (start + i) % documents;
          return `{"index":{"_id":"${products.id(document)}"}}\n${products.source(document)}\n`;
        });
        return print('POST', `/${index}/_bulk`, 'application/x-ndjson', lines.join(''));
      };
      // two bulks in flight write different documents
      const bulks = [bulkFrom(0), bulkFrom(documents / 2)] as const;
      return () => bulks[n++ % 2 === 0 ? 0 : 1];
    }
  }
}

/** A connection with one request at a time. */
class Connection {
  readonly #socket;
  readonly #heads = new HeadBuffer(1 << 20);
  #response: ResponseHead | undefined;
  #body: BodyReader | undefined;
  #answered: (status: number) => void = () => undefined;
  #broken: (error: Error) => void = () => undefined;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connectTcp({ host: hostname, port: Number(port), noDelay: true })
      .on('data', (bytes: Buffer) => this.#read(bytes))
      .on('error', (error) => this.#broken(error))
      .on('close', () => this.#broken(new Error('the connection was closed')));
  }

  send(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#broken = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    let at = 0;
    if (!this.#response) {
      const piece = this.#heads.take(bytes, at);
      if (typeof piece === 'string') return;
      at = piece.next;
      this.#response = readResponseHead(piece.text);
      this.#body = responseBody(this.#response, 'GET');
    }
    this.#body?.read(bytes, at, () => undefined);
    if (this.#body?.done === false) return;
    const { status } = this.#response;
    this.#response = undefined;
    this.#answered(status);
  }
}

console.log(JSON.stringify(await load(JSON.parse(process.argv[2] ?? '{}') as LoadJob)));
