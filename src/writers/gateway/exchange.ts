// The interface of an exchange: the handling of one request and its answer, on a client's connection.

export interface Exchange {
  /** Whether a part of the answer has been written. */
  readonly hasBegun: boolean;
  /** Time limit for the answer in ms, from when the request was read. */
  readonly answerMs: number;
  /** Whether the request changes nothing. If so, it is cancelled when the client disconnects. */
  readonly onlyReads: boolean;
  /** @param together a piece of the body came with the head, so `onBody` and `onPiece` are called next */
  start(together: boolean): void;
  onBody(bytes: Buffer): void;
  onBodyEnd(): void;
  /** Called after all parts of one piece from the socket were passed to `onBody`. */
  onPiece(): void;
  onDrain(): void;
  /** Called when the client has disconnected, or when its request turns out to be invalid. */
  onGone(): void;
  onTimeout(): void;
}
