// One connection to a node, with at most one request in flight. The present `user` gets the socket's events.
import type { Socket } from 'node:net';

export interface UpstreamUser {
  onUpstreamData(bytes: Buffer): void;
  onUpstreamDrain(): void;
  onUpstreamClosed(error: Error | undefined): void;
}

export class UpstreamSocket {
  readonly node: Node;
  readonly #socket: Socket;
  user: UpstreamUser | undefined;
  /** The connection has carried a request before, so the node may be closing it at this moment. */
  reused = false;
  idleUntil = 0;
  #ended = false;
  #error: Error | undefined;

  constructor(node: Node, socket: Socket, onClosed: () => void) {
    this.node = node;
    this.#socket = socket;
    socket
      .on('data', (bytes: Buffer) => {
        // without a request, these bytes are no answer, and the next request must not get them
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

  /** @returns false if the write buffer is full; the caller then waits for `onUpstreamDrain` */
  write(data: string | Buffer): boolean {
    // writing bytes costs the socket less than writing a string
    return this.#socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

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
  readonly host: string;
  readonly prefix: string;
  readonly idle: UpstreamSocket[];
  open: number;
  /** Other nodes are tried first until this time (`performance.now()`). */
  notBefore: number;
  /** Failed connections since the last successful one. */
  failures: number;
  /** Opens a connection. Rejects with the reason of the signal if it takes too long. */
  readonly dial: (signal: AbortSignal) => Promise<Socket>;
}
