// One request and its answer, as the client's connection sees it.

export interface Exchange {
  /** A part of the answer has been written. */
  readonly hasBegun: boolean;
  /** Time limit for the answer, once the request was sent. */
  readonly answerMs: number;
  /** The request changes nothing, so it is given up when the client is gone. */
  readonly onlyReads: boolean;
  /** `together`: the first piece of the body follows at once, and then `onPiece`. */
  start(together: boolean): void;
  onBody(bytes: Buffer): void;
  onBodyEnd(): void;
  /** Every part of one piece from the socket was passed on. */
  onPiece(): void;
  /** The client takes more bytes again. */
  onDrain(): void;
  /** The client no longer waits: it is gone, or its request turned out to be invalid. */
  onGone(): void;
  onTimeout(): void;
}
