// Forwards a request and its answer unchanged, piece by piece as they arrive, with back-pressure.
//
//   start -> WAITING -- connection to a node --> SENDING -- head of the answer --> ANSWERING -- its end --> OVER
//               ^                                   |
//               +-- closed before any answer; -----+
//                   once, for a GET or HEAD
//
// | state     | fields in this state           | body of the request      | on a failure, the client gets       |
// |-----------|--------------------------------|--------------------------|-------------------------------------|
// | WAITING   | no `#upstream`, no `#response` | is kept for the node     | 502 (no node)                       |
// | SENDING   | `#upstream`, no `#response`    | is sent                  | 400 (`BulkGuard`), 502 or 504       |
// | ANSWERING | `#response`                    | is sent, if more arrives | a closed connection (`hasBegun`)    |
// | OVER      | `#over`                        | is ignored               | nothing more                        |
//
// Only `#end` leads to OVER, from every state; `#fail` calls `#end`. If the client disconnects (`#client` is
// undefined), a complete write stays in its state until its answer has ended or is late. Any other request is
// over at once.
// Back-pressure: reading from the client stops while the node takes no more bytes, or while there is no
// connection to a node. Reading from the node stops while the client takes no more bytes.
import type { ClientConnection } from './clientConnection.js';
import { connectionLine } from './gatewayAnswer.js';
import type { BulkGuard } from './bulkGuard.js';
import type { Exchange } from './exchange.js';
import { type BodyReader, responseBody } from './http/bodyReader.js';
import { HeadBuffer, MAX_RESPONSE_HEAD } from './http/headBuffer.js';
import type { RequestHead } from './http/requestHead.js';
import { mayHaveLeft, readResponseHead, type ResponseHead } from './http/responseHead.js';
import type { Nodes, NoNode } from './upstream/nodePool.js';
import { onlyReads } from './requestKind.js';
import { type Origin, printRequestHead } from './upstream/requestLines.js';
import type { Tap } from './reads/tap.js';
import { UpstreamSocket, type UpstreamUser } from './upstream/upstreamSocket.js';

export interface PassThroughContext {
  readonly nodes: Nodes;
  answerMsOf(head: RequestHead): number;
  /** The line `x-elastic-product: ...` if the client needs it and the answering engine lacks it; else ''. */
  readonly product: string;
  /** Sends this error instead of the node's answer, and closes the client's connection. */
  fail(status: number, reason: string, client: ClientConnection): void;
  ended(exchange: Exchange, status: number | undefined): void;
}

const CRLF = '\r\n';

export class PassThrough implements Exchange, UpstreamUser {
  readonly #head: RequestHead;
  readonly #context: PassThroughContext;
  readonly #origin: Origin;
  readonly #tap: Tap | undefined;
  readonly #guard: BulkGuard | undefined;
  #client: ClientConnection | undefined;
  #upstream: UpstreamSocket | undefined;
  #bodyBeforeUpstream: Buffer[] | undefined;
  #bodyDone: boolean;
  #corked = false;
  #retried = false;
  #heads: HeadBuffer | undefined;
  #response: ResponseHead | undefined;
  #responseBody: BodyReader | undefined;
  #closeClient = false;
  #timerWithoutClient: NodeJS.Timeout | undefined;
  #over = false;
  readonly answerMs: number;
  readonly onlyReads: boolean;
  hasBegun = false;

  constructor(
    head: RequestHead,
    client: ClientConnection,
    context: PassThroughContext,
    { tap, guard }: { readonly tap?: Tap | undefined; readonly guard?: BulkGuard | undefined } = {},
  ) {
    this.#head = head;
    this.#client = client;
    this.#origin = client.origin;
    this.#context = context;
    this.#tap = tap;
    this.#guard = guard;
    this.#bodyDone = client.bodyDone;
    this.answerMs = context.answerMsOf(head);
    this.onlyReads = onlyReads(head);
  }

  start(together: boolean): void {
    this.#corked = together;
    this.#lease(false);
  }

  onBody(bytes: Buffer): void {
    if (this.#over) return;
    const upstream = this.#upstream;
    if (!upstream) {
      (this.#bodyBeforeUpstream ??= []).push(bytes);
      return;
    }
    const checked = this.#guard?.take(bytes) ?? bytes;
    if ('refused' in checked) return this.#fail(400, checked.refused);
    this.#tap?.onRequest(checked);
    if (checked.length > 0 && !this.#write(upstream, checked)) this.#client?.pause();
  }

  #write(upstream: UpstreamSocket, bytes: Buffer): boolean {
    if (!this.#head.chunked) return upstream.write(bytes);
    if (!this.#corked) upstream.cork();
    this.#corked = true;
    upstream.write(bytes.length.toString(16) + CRLF);
    upstream.write(bytes);
    return upstream.write(CRLF);
  }

  onBodyEnd(): void {
    this.#bodyDone = true;
    this.#writeBodyEnd();
  }

  onPiece(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#upstream?.uncork();
  }

  onDrain(): void {
    this.#upstream?.resume();
  }

  /** Lets a complete write finish. Gives up any other request, so that the node stops it. */
  onGone(): void {
    this.#client = undefined;
    if (!this.#bodyDone || this.onlyReads) return this.#end(false);
    this.#upstream?.resume();
    this.#timerWithoutClient = setTimeout(() => this.#end(false), this.answerMs).unref();
  }

  onTimeout(): void {
    this.#fail(504, 'the node has not answered in time; whether the request was carried out is not known');
  }

  onUpstreamDrain(): void {
    this.#client?.resume();
    this.#client?.answering();
  }

  onUpstreamData(bytes: Buffer): void {
    try {
      this.#client?.answering();
      if (this.#response) return this.#takeBody(bytes, 0);
      for (let at = 0; at >= 0 && !this.#response; ) at = this.#readHead(bytes, at);
    } catch (error) {
      this.#fail(502, (error as Error).message);
    }
  }

  onUpstreamClosed(error: Error | undefined): void {
    const upstream = this.#upstream;
    this.#upstream = undefined;
    if (this.#over) return;
    const untouched = !this.#response && (this.#heads?.length ?? 0) === 0;
    // a node may close an idle connection just when it is used again; then a GET or HEAD is sent again
    if (untouched && upstream?.reused && !this.#retried && this.#mayRepeat()) {
      this.#retried = true;
      this.#lease(true);
      return;
    }
    const endsSo = this.#response && this.#responseBody && !this.#response.chunked;
    if (endsSo && this.#response?.contentLength === undefined && !error) return this.#end(true);
    this.#fail(
      502,
      'the node closed the connection before its answer was complete; whether the request was carried out is not known',
    );
  }

  #lease(fresh: boolean): void {
    let here = true;
    this.#context.nodes.lease({ fresh }, (found) => {
      if (!(found instanceof UpstreamSocket)) this.#noNode(found);
      else if (this.#over) this.#context.nodes.release(found);
      else this.#send(found);
      if (!here) {
        this.onPiece();
        this.#client?.resume();
      }
    });
    here = false;
    if (!this.#upstream && !this.#over) this.#client?.pause();
  }

  #send(upstream: UpstreamSocket): void {
    this.#upstream = upstream;
    upstream.user = this;
    const early = this.#bodyBeforeUpstream;
    this.#bodyBeforeUpstream = undefined;
    if (this.#corked || early) {
      upstream.cork();
      this.#corked = true;
    }
    upstream.write(printRequestHead(this.#head, this.#origin, upstream.node));
    for (const bytes of early ?? []) this.onBody(bytes);
    if (this.#bodyDone) this.#writeBodyEnd();
  }

  /** Does nothing while there is no connection to a node: `#send` calls this again. */
  #writeBodyEnd(): void {
    const upstream = this.#upstream;
    if (!upstream) return;
    const rest = this.#guard?.end();
    if (rest?.length) this.#write(upstream, rest);
    if (this.#head.chunked) upstream.write(`0${CRLF}${CRLF}`);
  }

  #noNode(error: NoNode): void {
    this.#fail(502, `${error.message}; the request was not carried out`);
  }

  /** @returns where the next head begins in `bytes`, or -1 if there is none */
  #readHead(bytes: Buffer, from: number): number {
    this.#heads ??= new HeadBuffer(MAX_RESPONSE_HEAD);
    const buffered = this.#heads.length > 0;
    const piece = this.#heads.take(bytes, from);
    if (piece === 'incomplete') return -1;
    if (piece === 'tooLong') throw new Error('the head of the answer is too long');
    const head = readResponseHead(piece.text);
    if (head.status === 101) throw new Error('the node changed the protocol');
    if (head.status < 200) {
      if (!this.#head.old) this.#client?.write(piece.text + CRLF);
      return piece.next < bytes.length ? piece.next : -1;
    }
    this.#response = head;
    this.#responseBody = responseBody(head, this.#head.method);
    this.#takeFirst(head, bytes, { from: buffered ? -1 : from, next: piece.next });
    return -1;
  }

  /** Writes the head together with the part of the body that arrived in the same piece. */
  #takeFirst(head: ResponseHead, bytes: Buffer, { from, next }: { from: number; next: number }): void {
    const client = this.#client;
    const untilClose = this.#responseBody !== undefined && !head.chunked && head.contentLength === undefined;
    const dechunks = head.chunked && this.#head.old;
    this.#closeClient =
      !this.#head.keepAlive || !this.#bodyDone || client?.stopping === true || untilClose || dechunks;
    this.hasBegun = client !== undefined;
    const { product } = this.#context;
    if (client && head.asItCame && from >= 0 && !this.#closeClient && !this.#head.old && product === '') {
      // head and body are adjacent in memory, so an answer that came in one piece needs only one write
      const end = this.#responseBody?.read(bytes, next, (begin, to) => this.#look(bytes, begin, to)) ?? next;
      client.write(slice(bytes, from, end));
      return this.#afterPiece(bytes, end);
    }
    client?.cork();
    const lines = dechunks ? head.lines.replace(/^transfer-encoding:.*\r\n/im, '') : head.lines;
    client?.write(lines + product + connectionLine(this.#head, this.#closeClient) + CRLF);
    this.#takeBody(bytes, next);
    client?.uncork();
  }

  #takeBody(bytes: Buffer, from: number): void {
    const client = this.#client;
    const raw = !(this.#response?.chunked && this.#head.old);
    const end =
      this.#responseBody?.read(bytes, from, (begin, to) => {
        this.#look(bytes, begin, to);
        if (!raw) client?.write(slice(bytes, begin, to));
      }) ?? from;
    if (raw && end > from) client?.write(slice(bytes, from, end));
    this.#afterPiece(bytes, end);
  }

  #look(bytes: Buffer, from: number, to: number): void {
    this.#tap?.onAnswer(slice(bytes, from, to));
  }

  #afterPiece(bytes: Buffer, end: number): void {
    if (this.#responseBody?.done !== false) this.#end(end === bytes.length);
    else if (this.#client?.isFull) this.#upstream?.pause();
  }

  #fail(status: number, reason: string): void {
    const client = this.#client;
    if (this.#over) return;
    this.#client = undefined;
    this.#end(false, status);
    if (!client) return;
    if (this.hasBegun) client.destroy();
    else this.#context.fail(status, reason, client);
  }

  /** @param clean whether the answer has certainly ended, so that the connection to the node can be reused */
  #end(clean: boolean, status = this.#response?.status): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timerWithoutClient);
    const upstream = this.#upstream;
    this.#upstream = undefined;
    if (upstream) {
      if (this.#corked) upstream.uncork();
      upstream.user = undefined;
      const response = this.#response;
      const { target, lines } = this.#head;
      const isWhole = response && !mayHaveLeft(response.status, target.length + lines.length);
      if (clean && this.#bodyDone && response?.keepAlive && isWhole) this.#context.nodes.release(upstream);
      else upstream.destroy();
    }
    const client = this.#client;
    this.#client = undefined;
    this.#context.ended(this, status);
    client?.finished(this, this.#closeClient);
    this.#tap?.onEnd(clean && this.#bodyDone ? this.#response : undefined);
  }

  #mayRepeat(): boolean {
    return (
      (this.#head.method === 'GET' || this.#head.method === 'HEAD') &&
      !this.#head.chunked &&
      !this.#head.contentLength
    );
  }
}

function slice(bytes: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}
