// One connection to a node, with at most one request in flight. Its listeners live as long as it does; whoever uses it
// is called through `user`.
import type { Socket } from 'node:net';

export interface UpstreamUser {
  onUpstreamData(bytes: Buffer): void;
  /** What was written has gone out. */
  onUpstreamDrain(): void;
  /** It is closed; nothing more will come. */
  onUpstreamClosed(error: Error | undefined): void;
}

export class UpstreamSocket {
  readonly node: Node;
  readonly #socket: Socket;
  user: UpstreamUser | undefined;
  /** It has carried a request before, so its node may be closing it at this moment. */
  reused = false;
  idleUntil = 0;
  #ended = false;
  #error: Error | undefined;

  constructor(node: Node, socket: Socket, onClosed: () => void) {
    this.node = node;
    this.#socket = socket;
    socket
      .on('data', (bytes: Buffer) => {
        // nobody has asked: what comes now belongs to no request, and the next must not get it
        if (this.user) this.user.onUpstreamData(bytes);
        else this.destroy();
      })
      .on('drain', () => this.user?.onUpstreamDrain())
      .on('error', (error) => {
        this.#error = error;
      })
      .on('end', () => {
        this.#ended = true;
        if (!this.user) this.destroy();
      })
      .on('close', () => {
        this.#ended = true;
        onClosed();
        const { user } = this;
        this.user = undefined;
        user?.onUpstreamClosed(this.#error);
      });
  }

  get isUsable(): boolean {
    return !this.#ended && this.#socket.writable;
  }

  /** The socket's write buffer is full when false: wait for `onUpstreamDrain`. */
  write(data: string | Buffer): boolean {
    // a joined string costs the socket more than bytes
    return this.#socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** What is written until `uncork` goes out together. */
  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

export interface Node {
  readonly url: string;
  /** The value of the Host header. */
  readonly host: string;
  /** Path that its API is under. */
  readonly prefix: string;
  readonly idle: UpstreamSocket[];
  open: number;
  /** Until then the others are tried first (`performance.now()`). */
  notBefore: number;
  /** Connections that failed since the last that came about. */
  failures: number;
  readonly dial: (connected: () => void) => Socket;
}
