// One request and its answer, as the client's connection sees it.

export interface Exchange {
  /** A part of the answer has been written. */
  readonly hasBegun: boolean;
  /** Time limit in ms, from when the request was read. */
  readonly answerMs: number;
  /** The request changes nothing, so it is given up when the client is gone. */
  readonly onlyReads: boolean;
  /** @param together a piece of the body came with the head, so `onBody` and `onPiece` follow at once */
  start(together: boolean): void;
  onBody(bytes: Buffer): void;
  onBodyEnd(): void;
  /** Called after all parts of one piece from the socket were passed to `onBody`. */
  onPiece(): void;
  onDrain(): void;
  /** Called when the client is gone, or its request turned out to be invalid. */
  onGone(): void;
  onTimeout(): void;
}
