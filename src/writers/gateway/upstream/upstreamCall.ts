// Sends one request to a node and collects its whole answer.
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UnansweredError, type UpstreamReply } from '../../mirror/request/upstream.js';
import { type BodyReader, responseBody } from '../http/bodyReader.js';
import { HeadBuffer, MAX_RESPONSE_HEAD } from '../http/headBuffer.js';
import { headersOf } from '../http/requestHead.js';
import { mayHaveLeft, readResponseHead, type ResponseHead } from '../http/responseHead.js';
import type { Nodes } from './nodePool.js';
import type { UpstreamSocket, UpstreamUser } from './upstreamSocket.js';

const FRAMING_HEADERS = new Set(['content-length', 'transfer-encoding', 'content-encoding']);

/** Limit in bytes, to protect the gateway's memory. Usual answers are much smaller. */
const MAX_ANSWER = 512 << 20;

/** In bytes. Sockets report only whole pieces as sent. With larger pieces a slow connection looks stopped. */
const MAX_PIECE = 256 << 10;

export class UpstreamCall implements UpstreamUser {
  readonly #upstream: UpstreamSocket;
  readonly #nodes: Nodes;
  readonly #method: string;
  readonly #heads = new HeadBuffer(MAX_RESPONSE_HEAD);
  #headLength = 0;
  #pieces: readonly Buffer[] = [];
  #nextPiece = 0;
  #response: ResponseHead | undefined;
  #body: BodyReader | undefined;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #maxAnswer = MAX_ANSWER;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;
  #resolve: (reply: UpstreamReply | Promise<UpstreamReply>) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(upstream: UpstreamSocket, nodes: Nodes, method: string) {
    this.#upstream = upstream;
    this.#nodes = nodes;
    this.#method = method;
  }

  /** @throws UnansweredError */
  send(
    head: string,
    pieces: readonly Buffer[],
    { timeoutMs, maxAnswer = MAX_ANSWER }: { readonly timeoutMs: number; readonly maxAnswer?: number },
  ): Promise<UpstreamReply> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#headLength = head.length;
      this.#pieces = pieces.flatMap(cut);
      this.#maxAnswer = maxAnswer;
      this.#timer = setTimeout(() => this.#fail(`no answer within ${timeoutMs} ms`), timeoutMs);
      this.#upstream.user = this;
      this.#upstream.cork();
      this.#upstream.write(head);
      this.#writePieces();
      this.#upstream.uncork();
    });
  }

  /** The node is still reading the request, so the time for its answer is measured anew. */
  onUpstreamDrain(): void {
    this.#timer?.refresh();
    if (!this.#settled) this.#writePieces();
  }

  onUpstreamData(bytes: Buffer): void {
    this.#timer?.refresh();
    try {
      let at = 0;
      while (!this.#response) {
        const piece = this.#heads.take(bytes, at);
        if (piece === 'tooLong') throw new Error('the head of the answer is too long');
        if (piece === 'incomplete') return;
        at = piece.next;
        const head = readResponseHead(piece.text);
        if (head.status === 101) throw new Error('the node changed the protocol');
        if (head.status < 200) {
          if (at === bytes.length) return;
          continue;
        }
        this.#response = head;
        this.#body = responseBody(head, this.#method);
      }
      const end = this.#body?.read(bytes, at, (begin, to) => this.#received.push(bytes.subarray(begin, to)));
      this.#receivedBytes += bytes.length;
      if (this.#receivedBytes > this.#maxAnswer) throw new Error('the answer is too large');
      if (this.#body?.done !== false) this.#done((end ?? at) === bytes.length);
    } catch (error) {
      this.#fail((error as Error).message);
    }
  }

  onUpstreamClosed(error: Error | undefined): void {
    const { contentLength, chunked } = this.#response ?? {};
    if (this.#response && this.#body && contentLength === undefined && !chunked && !error) this.#done(false);
    else this.#fail(error?.message ?? 'the node closed the connection before its answer was complete');
  }

  #writePieces(): void {
    while (this.#nextPiece < this.#pieces.length) {
      const piece = this.#pieces[this.#nextPiece++] as Buffer;
      if (!this.#upstream.write(piece)) return;
    }
  }

  #done(clean: boolean): void {
    if (this.#settled || !this.#response) return;
    const response = this.#response;
    const sentAll = this.#nextPiece === this.#pieces.length;
    const isWhole = !mayHaveLeft(response.status, this.#headLength);
    this.#settle(clean && sentAll && response.keepAlive && isWhole);
    const headers = headersOf(response.lines.slice(response.lines.indexOf('\r\n') + 2));
    const encoding = headers['content-encoding'];
    for (const name of FRAMING_HEADERS) delete headers[name];
    const body = this.#received.length === 1 ? (this.#received[0] as Buffer) : Buffer.concat(this.#received);
    const reply = { status: response.status, headers, body };
    this.#resolve(encoding === 'gzip' && body.length > 0 ? unpacked(reply) : reply);
  }

  #fail(reason: string): void {
    if (this.#settled) return;
    this.#settle(false);
    this.#reject(new UnansweredError(reason));
  }

  #settle(reusable: boolean): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#upstream.user = undefined;
    if (reusable) this.#nodes.release(this.#upstream);
    else this.#upstream.destroy();
  }
}

function cut(piece: Buffer): Buffer | Buffer[] {
  if (piece.length <= MAX_PIECE) return piece;
  return Array.from({ length: Math.ceil(piece.length / MAX_PIECE) }, (_, n) =>
    piece.subarray(n * MAX_PIECE, (n + 1) * MAX_PIECE),
  );
}

/** Decompresses an answer. A proxy may have compressed it although the request did not ask for it. */
async function unpacked(reply: UpstreamReply): Promise<UpstreamReply> {
  try {
    return { ...reply, body: await promisify(gunzip)(reply.body, { maxOutputLength: MAX_ANSWER }) };
  } catch (cause) {
    throw new UnansweredError('the answer could not be decompressed', { cause });
  }
}
