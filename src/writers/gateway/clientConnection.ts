// Handles one connection of a client. Its requests are carried out one after the other, each by an
// `Exchange`.
import type { Socket } from 'node:net';
import type { BodyReader } from './http/bodyReader.js';
import { requestBody } from './http/bodyReader.js';
import { MalformedBody } from './http/chunked.js';
import { HeadBuffer, MAX_REQUEST_HEAD } from './http/headBuffer.js';
import { readRequestHead, Refusal, type RequestHead } from './http/requestHead.js';
import type { Exchange } from './exchange.js';
import { looksLikeHttp } from './firstBytes.js';
import type { Origin } from './upstream/requestLines.js';
import type { Times } from './settings.js';

/** How many bytes of later requests are read before the present request is answered. */
const MAX_AHEAD = 64 << 10;
/** Of a body, at least this many bytes have to arrive within each `bodyMs`. */
const BODY_STEP = 1_024;

/** Sent to a client that sends no more, to find out if it still waits. HTTP/1.1 clients ignore it. */
const INTERIM = 'HTTP/1.1 100 Continue\r\n\r\n';
const FIRST_INTERIM_MS = 1_000;
const MAX_INTERIMS = 4;

const CR = 0x0d;
const LF = 0x0a;

export interface Service {
  readonly times: Times;
  /** If true, each connection is closed after its present answer. */
  readonly stopping: boolean;
  begin(head: RequestHead, client: ClientConnection): Exchange;
  refuse(refusal: Refusal, client: ClientConnection): void;
  closed(client: ClientConnection): void;
  /** Reports a bug. Only this connection is closed after it. */
  trouble(error: unknown): void;
}

type Waiting = 'request' | 'head' | 'body' | 'answer' | 'reader' | 'closing';

/** The time limit for each state. For `answer`, the exchange gives the limit. */
const TIME_OF = {
  request: 'idleMs',
  head: 'headMs',
  body: 'bodyMs',
  reader: 'bodyMs',
  closing: 'lingerMs',
} as const satisfies Record<Exclude<Waiting, 'answer'>, keyof Times>;

export class ClientConnection {
  readonly origin: Origin;
  readonly #socket: Socket;
  readonly #service: Service;
  readonly #heads = new HeadBuffer(MAX_REQUEST_HEAD);
  #exchange: Exchange | undefined;
  #head: RequestHead | undefined;
  #body: BodyReader | undefined;
  #ahead: Buffer | undefined;
  #bodyStep = 0;
  #clientHasEnded = false;
  /** True while a piece of bytes is read, which may contain several requests. */
  #isReading = false;
  /** How many bytes were unsent at the last check of a closing connection, to see if any were sent since. */
  #unsent = 0;
  #interims = 0;
  #nextInterim = Number.POSITIVE_INFINITY;
  #waiting: Waiting = 'request';
  #deadline: number;

  constructor(socket: Socket, proto: Origin['proto'], service: Service) {
    this.#socket = socket;
    this.#service = service;
    this.origin = { address: socket.remoteAddress ?? 'unknown', proto };
    this.#deadline = performance.now() + service.times.headMs;
    socket
      .on('data', (bytes: Buffer) => this.#read(bytes))
      .on('drain', () => this.#drained())
      .on('end', () => this.#ended())
      .on('close', () => this.#gone())
      .on('error', () => undefined); // 'close' follows
  }

  get isIdle(): boolean {
    return this.#exchange === undefined && this.#waiting === 'request';
  }

  get bodyDone(): boolean {
    return this.#body === undefined;
  }

  get stopping(): boolean {
    return this.#service.stopping;
  }

  write(data: string | Buffer): void {
    const taken = this.#socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
    if (!taken && this.#waiting !== 'closing') this.#wait('reader');
  }

  get isFull(): boolean {
    return this.#socket.writableNeedDrain;
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /** Stops reading, since the body arrives faster than it is consumed. */
  pause(): void {
    if (this.#body === undefined || this.#socket.isPaused()) return;
    this.#socket.pause();
    this.#wait('answer');
  }

  resume(): void {
    if (!this.#socket.isPaused()) return;
    if (this.#body !== undefined) this.#wait('body');
    this.#socket.resume();
  }

  /** Begins the time limit for the answer again. Call this, for example, when a part of the answer came. */
  answering(): void {
    if (this.#waiting === 'answer') this.#wait('answer');
  }

  /** Call this after the answer was written. @param close whether the connection takes no more requests */
  finished(exchange: Exchange, close: boolean): void {
    if (exchange !== this.#exchange) return;
    this.#exchange = undefined;
    const isLast = this.#clientHasEnded && !this.#ahead && !this.#isReading;
    if (close || isLast || this.#body !== undefined || this.#service.stopping) return this.linger();
    this.#wait('request');
    this.resume();
    if (this.#ahead) process.nextTick(() => this.#readAhead());
  }

  /** Sends no further answer, but reads from the client for a moment longer (see `lingerMs`). */
  linger(): void {
    this.#exchange = undefined;
    this.#body = undefined;
    this.#ahead = undefined;
    this.#wait('closing');
    this.#socket.end();
    this.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  checkTime(now: number): void {
    if (now >= this.#nextInterim) this.#sendInterim(now);
    if (now < this.#deadline) return;
    switch (this.#waiting) {
      case 'head':
        return this.#service.refuse(new Refusal(408, 'the head of the request did not arrive in time'), this);
      case 'body':
        return this.#giveUp(new Refusal(408, 'the body of the request did not arrive in time'));
      case 'answer':
        this.#exchange?.onTimeout();
        return;
      case 'request':
      case 'reader':
        return this.destroy();
      case 'closing':
        // do not cut off an answer that is still being sent
        if (this.#socket.writableLength === 0 || this.#socket.writableLength === this.#unsent)
          return this.destroy();
        this.#unsent = this.#socket.writableLength;
        this.#wait('closing');
    }
  }

  #wait(what: Waiting): void {
    this.#waiting = what;
    const ms = what === 'answer' ? (this.#exchange?.answerMs ?? 0) : this.#service.times[TIME_OF[what]];
    this.#deadline = performance.now() + ms;
  }

  #read(bytes: Buffer): void {
    this.#isReading = true;
    try {
      this.#readAll(bytes);
    } catch (error) {
      this.#service.trouble(error);
      this.destroy();
    } finally {
      this.#isReading = false;
    }
  }

  #readAll(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#waiting !== 'closing') {
      if (this.#body) at = this.#readBody(this.#body, bytes, at);
      else if (this.#exchange) {
        this.#keepAhead(at === 0 ? bytes : bytes.subarray(at));
        return;
      } else at = this.#readHead(bytes, at);
    }
  }

  #readHead(bytes: Buffer, from: number): number {
    let at = from;
    // some clients send an extra CRLF after a body
    if (this.#heads.length === 0) while (bytes[at] === CR && bytes[at + 1] === LF) at += 2;
    if (at === bytes.length) return at;
    const before = this.#heads.length;
    const piece = this.#heads.take(bytes, at);
    if (piece === 'incomplete') {
      if (this.#waiting === 'request') this.#wait('head');
      if (!looksLikeHttp(this.#heads.held, before))
        this.#service.refuse(new Refusal(400, 'this is no HTTP request'), this);
      return bytes.length;
    }
    if (piece === 'tooLong') {
      this.#service.refuse(
        new Refusal(431, `the head of a request may have at most ${MAX_REQUEST_HEAD} bytes`),
        this,
      );
      return bytes.length;
    }
    const head = readRequestHead(piece.text);
    if (head instanceof Refusal) this.#service.refuse(head, this);
    else this.#begin(head, bytes, piece.next);
    return piece.next;
  }

  #begin(head: RequestHead, bytes: Buffer, next: number): void {
    this.#head = head;
    this.#body = requestBody(head);
    this.#bodyStep = 0;
    // if a part of the body has arrived, send it together with the head
    const together = this.#body !== undefined && next < bytes.length;
    this.#exchange = this.#service.begin(head, this);
    this.#wait(this.#body ? 'body' : 'answer');
    this.#exchange.start(together);
  }

  #readBody(body: BodyReader, bytes: Buffer, from: number): number {
    const exchange = this.#exchange;
    let next = from;
    try {
      next = body.read(bytes, from, (begin, end) =>
        exchange?.onBody(begin === 0 && end === bytes.length ? bytes : bytes.subarray(begin, end)),
      );
    } catch (error) {
      if (!(error instanceof MalformedBody)) throw error;
      this.#giveUp(new Refusal(400, error.message));
      return bytes.length;
    }
    // the exchange may have ended during `onBody`
    if (this.#body !== body) return next;
    if (body.done) {
      this.#body = undefined;
      if (this.#waiting === 'body') this.#wait('answer');
      exchange?.onBodyEnd();
    } else {
      this.#bodyStep += next - from;
      if (this.#bodyStep >= BODY_STEP && this.#waiting === 'body') {
        this.#bodyStep = 0;
        this.#wait('body');
      }
    }
    exchange?.onPiece();
    return next;
  }

  /** Refuses a request while its body is being read, because the body is invalid or late. */
  #giveUp(refusal: Refusal): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.onGone();
    if (exchange?.hasBegun) this.destroy();
    else this.#service.refuse(refusal, this);
  }

  #keepAhead(bytes: Buffer): void {
    this.#ahead = this.#ahead ? Buffer.concat([this.#ahead, bytes]) : bytes;
    if (this.#ahead.length > MAX_AHEAD) this.#socket.pause();
  }

  #readAhead(): void {
    const ahead = this.#ahead;
    if (!ahead || this.#exchange) return;
    this.#ahead = undefined;
    this.#read(ahead);
    if (this.#clientHasEnded) this.#ended();
  }

  #drained(): void {
    if (this.#waiting === 'reader') this.#wait(this.#body ? 'body' : 'answer');
    this.#exchange?.onDrain();
  }

  /** Called when the client sends no more. It may still wait for answers to its complete requests. */
  #ended(): void {
    this.#clientHasEnded = true;
    if (this.#waiting === 'closing') return;
    if (this.#body) return this.#gone();
    if (!this.#exchange) return this.linger();
    const isAsked = this.#exchange.onlyReads && !this.#head?.old;
    this.#interims = 0;
    this.#nextInterim = isAsked ? performance.now() + FIRST_INTERIM_MS : Number.POSITIVE_INFINITY;
  }

  #sendInterim(now: number): void {
    const exchange = this.#exchange;
    this.#nextInterim = Number.POSITIVE_INFINITY;
    if (!exchange || exchange.hasBegun || this.#interims === MAX_INTERIMS) return;
    this.#interims++;
    // after a client has disconnected, the first write to it still succeeds, and only the second fails
    this.#nextInterim = now + FIRST_INTERIM_MS * 4 ** Math.max(0, this.#interims - 1);
    this.write(INTERIM);
  }

  #gone(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.onGone();
    this.#service.closed(this);
    this.#socket.destroy();
  }
}
