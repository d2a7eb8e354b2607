// Answers the gateway's own paths (health, metrics) and refused requests. Skips their bodies.
import type { ClientReply } from '../mirror/request/clientRequest.js';
import { connectionLine, printReplyHead } from './gatewayAnswer.js';
import type { ClientConnection } from './clientConnection.js';
import type { Exchange } from './exchange.js';
import type { RequestHead } from './http/requestHead.js';

/** In bytes. A longer body is not skipped; instead the connection is closed. */
const MAX_READ_OVER = 1 << 20;

export class Answered implements Exchange {
  readonly #head: RequestHead;
  readonly #reply: ClientReply | Promise<ClientReply>;
  readonly #ended: (exchange: Exchange, status: number | undefined) => void;
  #client: ClientConnection | undefined;
  /** No time limit, since the gateway makes the answer without a node. */
  readonly answerMs = Number.POSITIVE_INFINITY;
  readonly onlyReads = false;
  hasBegun = false;

  constructor(
    head: RequestHead,
    reply: ClientReply | Promise<ClientReply>,
    client: ClientConnection,
    ended: (exchange: Exchange, status: number | undefined) => void,
  ) {
    this.#head = head;
    this.#reply = reply;
    this.#client = client;
    this.#ended = ended;
  }

  start(): void {
    const { expectsContinue, contentLength } = this.#head;
    const readsOver = !expectsContinue && contentLength !== undefined && contentLength <= MAX_READ_OVER;
    if (this.#client?.bodyDone || !readsOver) this.#answer();
  }

  onBody(): void {}

  onBodyEnd(): void {
    this.#answer();
  }

  onPiece(): void {}

  onDrain(): void {}

  onGone(): void {
    this.#client = undefined;
    this.#ended(this, undefined);
  }

  onTimeout(): void {}

  #answer(): void {
    if (this.#reply instanceof Promise) void this.#reply.then((reply) => this.#write(reply));
    else this.#write(this.#reply);
  }

  /** @throws Error if a header contains a line break */
  #write(reply: ClientReply): void {
    const client = this.#client;
    this.#client = undefined;
    if (!client) return;
    this.hasBegun = true;
    const closes = !client.bodyDone || client.stopping || !this.#head.keepAlive;
    client.write(printReplyHead(reply, { connection: connectionLine(this.#head, closes) }));
    if (this.#head.method !== 'HEAD') client.write(reply.body);
    this.#ended(this, reply.status);
    client.finished(this, closes);
  }
}
