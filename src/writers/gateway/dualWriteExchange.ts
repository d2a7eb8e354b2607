// Handles a request that `Mirror` carries out, such as a write to both indexes. Collects the body first, and
// sends the answer as a whole. A request that `Mirror` has begun is finished, even if the client disconnects.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Decision } from '../mirror/request/decide.js';
import type { ClientReply, ClientRequest } from '../mirror/request/clientRequest.js';
import type { Upstream } from '../mirror/request/upstream.js';
import type { WriteTrace } from '../mirror/trace/writeTrace.js';
import { connectionLine, printReplyHead } from './gatewayAnswer.js';
import type { Allowance } from './allowance.js';
import { BodyCollector } from './bodyCollector.js';
import type { ClientConnection } from './clientConnection.js';
import type { Exchange } from './exchange.js';
import type { Refusal, RequestHead } from './http/requestHead.js';
import { forwardedForOf } from './upstream/requestLines.js';

const GZIP_FROM = 1_024;

export interface MirroredContext {
  readonly maxBody: number;
  readonly allowance: Allowance;
  /** Never throws: an error becomes an answer. */
  perform(decision: Decision, request: ClientRequest, upstream: Upstream): Promise<ClientReply>;
  upstreamFor(head: RequestHead, client: ClientConnection): Upstream;
  answerMsOf(head: RequestHead): number;
  refusalReply(refusal: Refusal): ClientReply;
  ended(exchange: Exchange, status: number | undefined): void;
  trouble(error: unknown): void;
}

interface Decided {
  readonly decision: Decision;
  readonly headers: Record<string, string>;
  readonly trace: WriteTrace | undefined;
}

export class Mirrored implements Exchange {
  readonly #head: RequestHead;
  readonly #headers: Record<string, string>;
  readonly #decision: Decision;
  readonly #trace: WriteTrace | undefined;
  readonly #context: MirroredContext;
  readonly #upstream: Upstream;
  readonly #address: string;
  readonly #collector: BodyCollector;
  #client: ClientConnection | undefined;
  #started = false;
  #performing = false;
  #refused: Refusal | undefined;
  #closes = true;
  readonly answerMs: number;
  readonly onlyReads = false;
  hasBegun = false;

  constructor(
    head: RequestHead,
    { decision, headers, trace }: Decided,
    client: ClientConnection,
    context: MirroredContext,
  ) {
    this.#head = head;
    this.#headers = headers;
    this.#decision = decision;
    this.#trace = trace;
    this.#client = client;
    this.#context = context;
    this.#upstream = context.upstreamFor(head, client);
    this.#address = client.origin.address;
    this.answerMs = context.answerMsOf(head);
    this.#collector = new BodyCollector({
      contentLength: head.contentLength,
      encoding: headers['content-encoding'],
      maxBytes: context.maxBody,
      allowance: context.allowance,
      onPause: () => this.#client?.pause(),
      onResume: () => this.#client?.resume(),
      onDone: (body) => this.#begin(body),
      onRefused: (refusal) => {
        this.#refused = refusal;
        if (this.#started) this.#answerRefused();
      },
    });
  }

  start(): void {
    this.#started = true;
    if (this.#refused) this.#answerRefused();
    else if (!this.#client?.bodyDone) {
      if (this.#head.expectsContinue) this.#client?.write('HTTP/1.1 100 Continue\r\n\r\n');
    } else this.#begin(undefined);
  }

  onBody(bytes: Buffer): void {
    this.#collector.take(bytes);
  }

  onBodyEnd(): void {
    this.#collector.end();
  }

  onPiece(): void {}

  onDrain(): void {}

  onGone(): void {
    this.#client = undefined;
    if (this.#performing) return;
    this.#collector.discard();
    this.#context.ended(this, undefined);
  }

  /** Keeps waiting, since `Mirror` has its own time limits. */
  onTimeout(): void {
    this.#client?.answering();
  }

  #begin(body: Buffer | undefined): void {
    this.#performing = true;
    const { method, target } = this.#head;
    const { 'content-encoding': _, ...rest } = this.#headers;
    // the engine may give rights to this address, so it is a part of the client's identity
    const headers = { ...rest, 'x-forwarded-for': forwardedForOf(this.#head, this.#address) };
    const request = { method, url: target, headers, body, trace: this.#trace };
    void this.#context.perform(this.#decision, request, this.#upstream).then((reply) => {
      this.#collector.discard();
      return this.#answer(reply, false);
    });
  }

  #answerRefused(): void {
    const refused = this.#refused;
    if (!refused || !this.#client || this.hasBegun) return;
    void this.#answer(this.#context.refusalReply(refused), true);
  }

  /** Never rejects. */
  async #answer(reply: ClientReply, close: boolean): Promise<void> {
    this.hasBegun = true;
    try {
      const packs = reply.body.length >= GZIP_FROM && acceptsGzip(this.#headers['accept-encoding']);
      const sent = packs ? { ...reply, body: await promisify(gzip)(reply.body, { level: 1 }) } : reply;
      this.#write(sent, packs ? 'gzip' : undefined, close);
      this.#end(reply.status);
    } catch (error) {
      this.#context.trouble(error);
      this.#client?.destroy();
      this.#end(undefined);
    }
  }

  #write(reply: ClientReply, encoding: 'gzip' | undefined, close: boolean): void {
    const client = this.#client;
    if (!client) return;
    this.#closes = close || client.stopping || !this.#head.keepAlive;
    const connection = connectionLine(this.#head, this.#closes);
    const head = printReplyHead(reply, { encoding, connection });
    client.cork();
    client.write(head);
    client.write(reply.body);
    client.uncork();
  }

  #end(status: number | undefined): void {
    const client = this.#client;
    this.#client = undefined;
    this.#context.ended(this, status);
    client?.finished(this, this.#closes);
  }
}

function acceptsGzip(accepted: string | undefined): boolean {
  return (
    accepted !== undefined &&
    /(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=(?:1|0\.\d*[1-9])[\d.]*\s*)?(?:,|$)/i.test(accepted)
  );
}
